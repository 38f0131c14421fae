"""By when the patient must leave the spoke, for the window and for the hub's last arrival. Pure over what was reckoned.

Read by the board and the case, from what is kept with the offer: no statement of its own. It warns, and stops nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.utils.dateparse import parse_datetime

from referrals import usual
from referrals.models import Offer, OfferState, Referral
from referrals.states import State

WAITING = frozenset(
    {State.REFERRED, State.PROVISIONAL, State.ACCEPTED, State.AMBULANCE_REQUESTED}
)  # not yet on the road, and some hub may take or has taken the patient
SOON = timedelta(minutes=usual.LEAVE_SOON)
LATE = timedelta(minutes=usual.LEAVE_LATE)


@dataclass(frozen=True)
class Leave:
    """The latest departure, to which hub, and what sets it."""

    by: datetime
    hub: str
    why: str

    @property
    def soon(self) -> datetime:
        return self.by - SOON

    @property
    def late(self) -> datetime:
        return self.by - LATE


def must(referral: Referral, *, now: datetime) -> Leave | None:
    """By when this patient must leave; of several hubs that are asked, the one that leaves the most time."""
    if referral.state not in WAITING or referral.departed_at is not None:
        return None
    offers = list(referral.offers.all())
    taken = [o for o in offers if o.state in {OfferState.ACCEPTED, OfferState.PROVISIONAL}]
    asked = [o for o in offers if o.state in {OfferState.OPEN, OfferState.LAPSED}]
    found = [_of(referral, offer, now) for offer in taken or asked]
    return max((one for one in found if one), key=lambda one: one.by, default=None)


def _of(referral: Referral, offer: Offer, now: datetime) -> Leave | None:
    kept: Mapping[str, Any] = offer.judged.get("way") or {}
    if not kept:
        return None
    journey, ready = (timedelta(minutes=kept[name]) for name in ("journey", "ready"))
    hub = str(offer.hub)
    window = _window(referral, kept["windows"], journey + ready, now)
    arrive_by = parse_datetime(kept["arrive_by"]) if kept["arrive_by"] else None
    if arrive_by is None:
        return Leave(window[0], hub, window[1]) if window else None
    door = Leave(arrive_by - journey, hub, f"{hub} takes nobody later")
    return door if window is None or door.by <= window[0] else Leave(window[0], hub, window[1])


def _window(
    referral: Referral, windows: list[int], takes: timedelta, now: datetime
) -> tuple[datetime, str] | None:
    """The first window, in hours from onset, that can still be made; the widest, once none can."""
    if referral.onset_at is None or not windows:
        return None
    ends = [(referral.onset_at + timedelta(hours=hours) - takes, hours) for hours in sorted(windows)]
    by, hours = next(((by, hours) for by, hours in ends if by >= now), ends[-1])
    return by, f"{hours} h from onset to the groin"
