"""How a patient travels, on the case: the ambulance, the road, the hub that gets ready, and what became of it.

Called by frontend.casefile. Writes nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from frontend import after_sheet, ambulance_sheet, home_sheet, ready_sheet, road_sheet, stood_sheet
from frontend.after_sheet import Asked
from frontend.home_sheet import Home
from frontend.ready_sheet import Readiness
from frontend.road_sheet import Road
from frontend.stood_sheet import Stood
from network.permissions import Rights
from referrals.models import Event, Referral


@dataclass(frozen=True)
class Travel:
    """Everything between the acceptance and the hub's door."""

    transfer: str
    advised: str  # by the risk questions
    road: Road
    ready: Readiness | None
    stood: Stood | None
    home: Home | None
    after: tuple[Asked, ...]


def of(
    referral: Referral, events: Sequence[Event], rights: Rights, *, minutes: int | None, now: datetime
) -> Travel:
    """How this patient travels, for this person; `minutes` is the drive to the hub that has the patient."""
    return Travel(
        transfer=ambulance_sheet.in_a_line(referral, now),
        advised=ambulance_sheet.judged(referral),
        road=road_sheet.of(referral, events, rights),
        ready=ready_sheet.of(referral, events, rights, minutes=minutes, now=now),
        stood=stood_sheet.of(referral, events, rights, now),
        home=home_sheet.of(referral, now),
        after=after_sheet.of(referral, rights, now),
    )
