"""What the way from a spoke usually takes: the medians of the last year's journeys, as kept or as reckoned now.

Called by referrals.soonest; `live` by referrals.medians too, which keeps what it finds. Reads only, in one statement.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection
from django.db.models import Q

from network.models import Site
from referrals import median_rows, usual
from referrals.ranking import Usual

MINUTE = timedelta(minutes=1)
STRETCHES = """
select name, spoke_id, hub_id,
    make_interval(secs => percentile_cont(0.5) within group (order by extract(epoch from took))), count(*)
from (
    select 'remaining' as name, spoke_id, null::bigint as hub_id, departed_at - referred_at as took
    from referrals_referral where spoke_id = any(%(spokes)s) and referred_at >= %(since)s
    union all
    select 'road', spoke_id, hub_id, hub_arrived_at - departed_at
    from referrals_referral
    where spoke_id = any(%(spokes)s) and hub_id = any(%(hubs)s) and departed_at >= %(since)s
        and (diverted_at is null or diverted_at < date_trunc('minute', departed_at))
    union all
    select 'ready', null, hub_id, punctured_at - hub_arrived_at
    from referrals_referral where hub_id = any(%(hubs)s) and departed_at >= %(since)s
    union all
    select 'procedure', null, hub_id, treated_at - punctured_at
    from referrals_referral where hub_id = any(%(hubs)s) and punctured_at >= %(since)s
) as stretches
where took >= interval '0'
group by name, spoke_id, hub_id
having count(*) >= %(fewest)s
"""


@dataclass(frozen=True)
class Stretch:
    """One stretch as it was observed: between which places, how long, and of how many."""

    name: str  # remaining (of a spoke), road (of both), ready or procedure (of a hub)
    spoke: int | None
    hub: int | None
    length: timedelta
    number: int


@dataclass(frozen=True)
class Observed:
    """The medians that a ranking goes by."""

    usual: Mapping[tuple[str, int], Usual]  # by stretch and hub; 0: to whichever hub
    as_of: datetime  # when they were reckoned


def live(*, spokes: Collection[int], hubs: Collection[int], now: datetime) -> list[Stretch]:
    """The medians of the year until now of which enough journeys are known, read from the journeys themselves."""
    asked: dict[str, Any] = {
        "spokes": list(spokes),
        "hubs": list(hubs),
        "since": now - timedelta(days=usual.DAYS),
        "fewest": usual.FEWEST,
    }
    with connection.cursor() as cursor:
        cursor.execute(STRETCHES, asked)
        return [Stretch(*row) for row in cursor.fetchall()]


def of(spoke: Site, hubs: Collection[int], *, now: datetime, is_kept: bool) -> Observed:
    """The medians for one spoke and these hubs; `is_kept`: those that are kept may still be told."""
    if not is_kept:
        return _by_hub(live(spokes=[spoke.pk], hubs=hubs, now=now), now)
    places = Q(spoke=spoke) | Q(spoke=None, hub__in=hubs)
    rows = median_rows.fresh(now).filter(places, Q(hub=None) | Q(hub__in=hubs), network=None)
    kept = list(rows.values_list("name", "spoke", "hub", "length", "number", "reckoned_at"))
    return _by_hub((Stretch(*one[:5]) for one in kept), kept[0][5] if kept else now)


def _by_hub(found: Iterable[Stretch], as_of: datetime) -> Observed:
    medians = {(one.name, one.hub or 0): Usual(round(one.length / MINUTE), one.number) for one in found}
    return Observed(medians, as_of)
