"""Ranking 30 hubs for a spoke with a year of closures and of journeys behind it; all of it is rolled back."""

import time
from datetime import timedelta
from typing import Any

from django.db import connection, transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from network.hours_rows import Closure, OpeningHours
from network.models import Link, Person, Site
from network.week import ALWAYS
from referrals import medians, soonest
from tests.bench import blanks
from tests.bench.figures import Claim, Round, Section, at, median
from tests.bench.house import House
from tests.bench.parts import Effort
from workforce.models import Duty, Shift

HUBS = 30
DAYS = 365
JOURNEYS = 20_000
TIMES = 200
WITHIN = 20.0  # ms
COLUMNS = ["medians of the year", "hubs", "closures", "journeys", "statements", "median ms", "p99 ms"]
METHOD = (
    f"{HUBS} hubs around one spoke, each with its own hours for two networks, a closure every day of a year, duties "
    f"for 28 days before and after, and {JOURNEYS} journeys of the last year among them; the patient judged by each "
    "hub's criteria. The call that the form, the API and the pager make, in one process, with its statements. The "
    "medians of the year are kept by a web process every hour; the second row is where none are, and the journeys "
    "are read."
)
JOURNEY = """
insert into referrals_referral (
    code, state, version, spoke_id, hub_id, operator_id, arrived_at, referred_at, accepted_at, departed_at,
    hub_arrived_at, punctured_at, treated_at, repatriated_at, nhs_number, family_name, given_name, sex, onset_kind,
    occlusion, side, perfusion, thrombolysis, no_thrombolysis_reason, anticoagulant, callback, note, category, cad,
    mtici, end_reason
)
select
    'Z' || lpad(n::text, 6, '0'), 'repatriated', 0,
    %(spoke)s, (%(hubs)s::bigint[])[1 + n %% %(count)s], %(person)s, t, t, t, t + m * 2,
    t + m * 3, t + m * 4, t + m * 5, t + m * 6, '', '', '', '', '', '', '', '', '', '', '', '', '', '', '', '2b', ''
from (
    select n, %(now)s - n * interval '25 min' as t, (10 + n %% 17) * interval '1 min' as m
    from generate_series(1, %(journeys)s) as n
) as past
"""


def measure(house: House | None, effort: Effort) -> Section:
    """The call again and again, within one transaction that leaves nothing."""
    assert house
    times = TIMES // (10 if effort.quick else 1)
    with transaction.atomic():
        blanks.set_on("referrals_referral")
        spoke = _country(effort)
        unkept = [_round(spoke, times // 4) for _ in range(effort.rounds)]
        assert medians.reckon(at=timezone.now())
        rounds = [_round(spoke, times) for _ in range(effort.rounds)]
        transaction.set_rollback(True)
    size = (HUBS, HUBS * DAYS, JOURNEYS // (10 if effort.quick else 1))
    rows = [[name, *size, *_figures(found)] for name, found in (("kept", rounds), ("read", unkept))]
    claims = [
        Claim(f"ranking {HUBS} hubs with a year of closures", "ms", median(rounds, "median"), WITHIN),
        Claim(f"statements to rank {HUBS} hubs", "", median(rounds, "statements"), 5),
    ]
    return Section("Where could the groin be soonest?", METHOD, COLUMNS, rows=rows, claims=claims)


def _figures(rounds: list[Round]) -> list[float]:
    return [median(rounds, name) for name in ("statements", "median", "p99")]


def _round(spoke: Site, times: int) -> Round:
    now = timezone.now()
    facts = {"nihss": 14, "occlusion": "M1", "onset_at": now - timedelta(hours=2), "aspects": 8}
    with CaptureQueriesContext(connection) as asked:
        found = soonest.hubs(spoke, now=now, facts=facts)
    assert len(found) == HUBS
    took = []
    for _ in range(times):
        begun = time.perf_counter()
        soonest.hubs(spoke, now=now, facts=facts)
        took.append(1000 * (time.perf_counter() - begun))
    took.sort()
    return {"statements": len(asked), "median": at(took, 0.5), "p99": at(took, 0.99)}


def _country(effort: Effort) -> Site:
    now = timezone.now()
    spoke = Site.objects.filter(is_hub=False).select_related("network").order_by("pk")[0]
    person = Person.objects.order_by("pk")[0]
    Link.objects.filter(origin=spoke).delete()
    hubs = Site.objects.bulk_create(
        Site(
            code=f"ZZ{n:03}", name=f"Hub {n}", short_name=f"Hub {n}", network=spoke.network, is_hub=True,
            country="England", latitude=53.0, longitude=-2.0,
        )
        for n in range(HUBS)
    )  # fmt: skip
    Link.objects.bulk_create(Link(origin=spoke, hub=hub, minutes=20 + n) for n, hub in enumerate(hubs))
    OpeningHours.objects.bulk_create(
        OpeningHours(hub=hub, network=network, since=now.date(), weekly=ALWAYS, written_at=now)
        for hub in hubs
        for network in (None, spoke.network)
    )
    Closure.objects.bulk_create(
        Closure(hub=hub, since=begun, until=begun + timedelta(hours=2), reason="x", by=person, written_at=now)
        for hub in hubs
        for begun in (now + timedelta(days=day, hours=3) for day in range(DAYS))
    )
    surgeons = Person.objects.bulk_create(
        Person(username=f"bench-{n}", name=f"B {n}") for n in range(2 * HUBS)
    )
    Shift.objects.bulk_create(
        Shift(
            hub=hub, duty=duty, person=surgeons[2 * n + second],
            period=DateTimeTZRange(now + timedelta(days=day - 0.2), now + timedelta(days=day + 0.8)),
        )
        for n, hub in enumerate(hubs)
        for second, duty in enumerate((Duty.FIRST, Duty.SECOND))
        for day in range(-28, 28)
    )  # fmt: skip
    with connection.cursor() as cursor:
        given: dict[str, Any] = {
            "spoke": spoke.pk, "hubs": [hub.pk for hub in hubs], "count": HUBS, "person": person.pk, "now": now,
            "journeys": JOURNEYS // (10 if effort.quick else 1),
        }  # fmt: skip
        cursor.execute(JOURNEY, given)
        cursor.execute("analyze")
    return spoke
