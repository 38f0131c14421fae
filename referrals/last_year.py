"""What each stretch took in a network in the last year: its median, and of how many. One statement; writes nothing.

Called by the case's page. A median of fewer than five is not told.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Aggregate, Count, DurationField, ExpressionWrapper, F, Q

from network.models import Network
from referrals import usual
from referrals.models import Referral
from referrals.stretches import STRETCHES, Stretch


@dataclass(frozen=True)
class Median:
    """Half of them took no longer."""

    length: timedelta
    number: int


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


def medians(network: Network, *, now: datetime) -> dict[str, Median]:
    """The median of each stretch of the referrals of this network's hospitals, by the stretch's name."""
    since = now - timedelta(days=usual.DAYS)
    asked: dict[str, Any] = {}
    for one in KEPT:
        took = ExpressionWrapper(F(one.end) - F(one.start), output_field=DurationField())
        asked[f"{one.name}_took"] = _Median(took, filter=_where(one))
        asked[f"{one.name}_number"] = Count("pk", filter=_where(one))
    recent = Q(referred_at__gte=since) | Q(hub_arrived_at__gte=since)
    found = Referral.objects.filter(recent, spoke__network=network).aggregate(**asked)
    return {
        one.name: Median(found[f"{one.name}_took"], found[f"{one.name}_number"])
        for one in KEPT
        if found[f"{one.name}_number"] >= usual.FEWEST
    }
