"""Who knows that a transfer is stood down, on the case. Called by frontend.travel_sheet; writes nothing."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from frontend import clocks
from network.permissions import Rights
from paging import standing_down
from referrals.models import Event, Referral


@dataclass(frozen=True)
class Told:
    name: str
    seen: str
    page: str


@dataclass(frozen=True)
class Stood:
    """Everybody who was alerted, the crew, and whether this person has still to say that they know."""

    title: str
    told: tuple[Told, ...]
    mine: bool
    crew: bool
    crew_seen: str


def of(referral: Referral, events: Sequence[Event], rights: Rights, now: datetime) -> Stood | None:
    """The list for this person; None where nothing is stood down."""
    found = standing_down.of(referral, events, now=now)
    if found is None:
        return None
    return Stood(
        title="Stood down" if referral.hub_arrived_at is None else "Not treated",
        told=tuple(Told(one.name, clocks.moment(one.seen_at, now), one.page) for one in found.told),
        mine=any(one.person_id == rights.person.pk and one.seen_at is None for one in found.told),
        crew=found.crew_linked,
        crew_seen=clocks.moment(found.crew_seen_at, now),
    )
