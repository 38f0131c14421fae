"""The hub gets ready, on the case: each thing on its list, who said so and when, and how long until the door.

Called by frontend.travel_sheet. Writes nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from frontend import clocks, waits
from frontend.waits import Piece, Sentence
from network.permissions import Rights
from referrals import crew, policy, readiness, road
from referrals.models import Event, Referral
from referrals.states import TAKEN, State


@dataclass(frozen=True)
class Item:
    """One thing, and whether it is ready."""

    id: str
    label: str
    is_ready: bool
    said: str  # by whom and when, the last time


@dataclass(frozen=True)
class Readiness:
    """The whole list, and the arrival that it is for."""

    hub: str
    items: tuple[Item, ...]
    arrival: Sentence
    may_tick: bool

    @property
    def done(self) -> str:
        ready = sum(item.is_ready for item in self.items)
        return f"{ready} of {len(self.items)} ready"


def of(
    referral: Referral, events: Sequence[Event], rights: Rights, *, minutes: int | None, now: datetime
) -> Readiness | None:
    """The list of the hub that has the patient; None where none is open."""
    standing = readiness.of(referral)
    if standing is None or referral.state not in readiness.OPEN:
        return None
    said = {e.details.get("item"): e for e in events if e.verb in {"ready", "not_ready"}}
    return Readiness(
        hub=str(referral.hub),
        items=tuple(
            Item(one["id"], one["label"], one["id"] in referral.ready, _said(said.get(one["id"])))
            for one in standing.items
        ),
        arrival=_arrival(referral, minutes, now),
        may_tick=policy.RULES["ready"][0](rights, referral),
    )


def _said(event: Event | None) -> str:
    return f"{event.by}, {waits.hour(event.at)}" if event else ""


def _arrival(referral: Referral, minutes: int | None, now: datetime) -> Sentence:
    """The arrival counted down, as far as it is known."""
    if referral.state == State.ARRIVED:
        return (waits.stress("The patient is at the door.", mood="soon"),)
    due = clocks.eta(referral, minutes) if referral.state == State.DEPARTED else None
    if due is None and referral.state == State.DEPARTED:
        return _on_the_road(referral, now)
    if due is None:
        drive = f", {minutes} min by road" if minutes else ""
        words = "Not left yet" if referral.state in TAKEN else "The supervisor is still to confirm"
        return (waits.say(f"{words}{drive}."),)
    said = [waits.say(" Said "), Piece(ago=referral.expected_said_at, now=now), waits.say(" ago.")]
    age = said if referral.expected_said_at else []
    if due <= now:
        return (waits.stress(f"Expected since {waits.hour(due)}.", mood="late"), *age)
    return (
        waits.say("At the door in "),
        Piece(until=due, now=now, strong=True),
        waits.say(f", {waits.hour(due)}."),
        *age,
    )


def _on_the_road(referral: Referral, now: datetime) -> Sentence:
    """Left, and nobody knows when they arrive."""
    assert referral.departed_at
    if not road.arrival_is_unknown(referral) or not referral.diverted_at:
        return (waits.say(f"On the road since {waits.hour(referral.departed_at)}."),)
    since = f"Diverted to {referral.hub} at {waits.hour(referral.diverted_at)}. "
    return (
        waits.say(since),
        waits.stress("How far they are from there is not known yet.", mood="soon"),
        waits.say(
            " The crew is asked on its page."
            if crew.is_linked(referral, now=now)
            else " The crew has no page: ask the ambulance service."
        ),
    )
