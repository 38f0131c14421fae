"""`python -m tests.bench.boards`: a board's first page with 200 live referrals among 100,000 past ones.

The live ones get where they are by real verbs and a real tick of the pager; the past ones are written by SQL. With
SHOW=1 it prints PostgreSQL's plan for each statement that reads the referrals.
"""

import json
import os
import statistics
import sys
import time
from collections.abc import Callable

from tests.bench.verbs import house

LIVE = int(os.environ.get("LIVE", "200"))
PAST = int(os.environ.get("PAST", "100000"))
TIMES = 30

Row = tuple[str, int, float, float]  # the visit, its statements, median and p99 in milliseconds

PATIENTS = """
insert into referrals_referral (
    code, state, version, spoke_id, hub_id, operator_id, nhs_number, family_name, given_name, date_of_birth, sex,
    onset_at, onset_kind, arrived_at, nihss, prestroke_mrs, cta_at, occlusion, side, aspects, thrombolysis,
    no_thrombolysis_reason, anticoagulant, callback, note, category, cad, mtici, end_reason, referred_at,
    accepted_at, ambulance_requested_at, departed_at, hub_arrived_at, punctured_at, treated_at,
    repatriation_requested_at, repatriated_at, ended_at
)
select 'P' || lpad(to_hex(n), 6, '0'), case when n %% 4 = 0 then 'stood_down' else 'repatriated' end, 9,
    (array[%(spokes)s])[1 + n %% %(count)s], %(hub)s, %(operator)s, '', 'Past', 'Patient', '1950-01-31', 'female',
    t, 'witnessed', t, 14, 1, t, 'M1', 'left', 8, 'given', '', 'none', '', '', 'C2', '', '2b', '', t, t, t, t, t, t, t,
    t, case when n %% 4 = 0 then null else t end, case when n %% 4 = 0 then t else null end
from generate_series(1, %(past)s) n, lateral (select %(now)s::timestamptz - n * interval '10 minutes') as at (t)
"""
PARTIES = """
insert into referrals_party (referral_id, site_id, is_hub, since)
select id, site, site = hub_id, referred_at
from referrals_referral, lateral unnest(array[spoke_id, hub_id]) as at (site) where family_name = 'Past'
"""
OFFERS = """
insert into referrals_offer (referral_id, hub_id, state, opened_at, closed_at, closed_by_id, reason)
select id, hub_id, 'accepted', referred_at, accepted_at, operator_id, ''
from referrals_referral where family_name = 'Past'
"""


def main() -> int:
    """Fill the tables, measure, and print the table."""
    with house():
        from realtime import server  # noqa: PLC0415 Django's settings must stand first
        from tests.bench import filling  # noqa: PLC0415

        world = filling.filled(live=LIVE, past=PAST, patients=PATIENTS, others=(PARTIES, OFFERS))
        server.settle()  # as every web process does
        rows = [row(name, visit) for name, visit in filling.visits(world).items()]
        say(rows, f"{LIVE} live referrals, {PAST:,} past ones")
    return 0


def row(name: str, visit: Callable[[], object]) -> Row:
    """What one visit costs, once it has been made once; its plans, where they are wanted."""
    from tests.bench import filling  # noqa: PLC0415

    visit()
    if os.environ.get("SHOW"):
        sys.stdout.write("".join(f"\n{plan}\n" for plan in filling.plans(visit)))
    return name, filling.count(visit), *_took(visit)


def say(rows: list[Row], among: str) -> None:
    """The table, for a program or for people."""
    if "--json" in sys.argv:
        sys.stdout.write(f"{json.dumps(rows)}\n")
        return
    sys.stdout.write(f"{among}; median and p99 of {TIMES}\n\n")
    for name, count, median, p99 in rows:
        sys.stdout.write(f"  {name:80}{count:>4} queries {median:>8.1f} ms {p99:>8.1f} ms\n")


def _took(visit: Callable[[], object]) -> tuple[float, float]:
    """Median and 99th percentile, in milliseconds."""
    took: list[float] = []
    for _ in range(TIMES):
        begun = time.perf_counter()
        visit()
        took.append((time.perf_counter() - begun) * 1000)
    took.sort()
    return statistics.median(took), took[int(TIMES * 0.99)]


if __name__ == "__main__":
    sys.exit(main())
