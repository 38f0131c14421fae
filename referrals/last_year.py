"""What each stretch took in a network in the last year: its median, and of how many. Writes nothing.

Called by the case's page; `live` by referrals.medians, which keeps it. A median of fewer than five is not told.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Aggregate, Count, DurationField, ExpressionWrapper, F, Q

from network.models import Network
from referrals import median_rows, usual
from referrals.models import Referral
from referrals.stretches import STRETCHES, Stretch


@dataclass(frozen=True)
class Median:
    """Half of them took no longer."""

    length: timedelta
    number: int


@dataclass(frozen=True)
class Year:
    """The medians of one network by the stretch's name, and when they were reckoned."""

    medians: dict[str, Median]
    as_of: datetime


class _Median(Aggregate):
    function = "percentile_cont"
    template = "%(function)s(0.5) WITHIN GROUP (ORDER BY %(expressions)s)"
    output_field = DurationField()


KEPT = tuple(one for one in STRETCHES if one.end in {field.name for field in Referral._meta.get_fields()})


def _where(one: Stretch) -> Q:
    begun = Q(**{f"{one.start}__isnull": False, f"{one.end}__gte": F(one.start)})
    direct = Q(spoke=F("hub"))
    if one.of == "direct":
        return begun & direct
    return begun & (~direct | Q(hub=None)) if one.of == "transferred" or one.name == "dido" else begun


def of(network: Network, *, now: datetime) -> Year:
    """The medians of this network's hospitals that may be told: those that are kept, else as reckoned now."""
    kept = list(median_rows.fresh(now).filter(network=network))
    if kept:
        found = {one.name: Median(one.length, one.number) for one in kept}
    else:
        found = live(now=now, network=network)[network.pk]
    told = {name: one for name, one in found.items() if one.number >= usual.FEWEST}
    return Year(told, kept[0].reckoned_at if kept else now)


def live(*, now: datetime, network: Network | None = None) -> dict[int, dict[str, Median]]:
    """The median of each stretch of the year until now, by network and stretch, read from the referrals themselves."""
    since = now - timedelta(days=usual.DAYS)
    asked: dict[str, Any] = {}
    for one in KEPT:
        took = ExpressionWrapper(F(one.end) - F(one.start), output_field=DurationField())
        asked[f"{one.name}_took"] = _Median(took, filter=_where(one))
        asked[f"{one.name}_number"] = Count("pk", filter=_where(one))
    recent = Referral.objects.filter(Q(referred_at__gte=since) | Q(hub_arrived_at__gte=since))
    if network is not None:
        recent = recent.filter(spoke__network=network)
    nothing = dict.fromkeys((one.name for one in KEPT), Median(timedelta(0), 0))
    networks: Iterable[Network] = [network] if network is not None else Network.objects.all()
    found = {one.pk: dict(nothing) for one in networks}
    rows: Any = recent.order_by().values("spoke__network").annotate(**asked)
    for row in rows:
        found[row["spoke__network"]] = {
            one.name: Median(row[f"{one.name}_took"] or timedelta(0), row[f"{one.name}_number"])
            for one in KEPT
        }
    return found
