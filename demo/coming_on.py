"""Whoever comes on in the demonstration says “I have them” a few minutes after a change of shift.

Called by demo.director. What waits for somebody whom a visitor plays is left to the visitor.
"""

from datetime import datetime, timedelta

from demo import cast, players
from demo.models import Patient
from network.models import Person
from referrals import verbs
from referrals.belonging import Seat
from referrals.models import Referral, Via
from referrals.refusals import Refusal
from referrals.states import LIVE

AFTER = timedelta(minutes=4)
BATCH = 10


def confirm(*, now: datetime) -> None:
    """Those patients of the night that have waited for so long are somebody's again."""
    ours = Patient.objects.filter(left_at=None).values("referral")
    waiting = Referral.objects.filter(state__in=sorted(LIVE), change_over_at__lt=now - AFTER, pk__in=ours)
    for referral in waiting.select_related("spoke__network", "hub", "successor").order_by("pk")[:BATCH]:
        try:
            by = _who(referral)
            if by is not None:
                verbs.do(referral.code, "own", {}, by=by, now=now, via=Via.NIGHT)
        except (Refusal, players.NobodyError):  # it went on at this moment, or nobody is left to say so
            continue


def _who(referral: Referral) -> Person | None:
    if referral.successor:
        return None if cast.is_star(referral.successor) else referral.successor
    if referral.seat == Seat.SPOKE:
        return players.spoke(referral.spoke)
    if referral.seat == Seat.COORDINATOR:
        return players.coordinator(referral.spoke.network)
    return players.operator(referral.hub) if referral.hub else None
