"""Who has seen a message, in one word for each other hospital, and for the crew where it is addressed to them.

Called by frontend.talk for its sender, who wants to know whether anybody there has seen it. Pure.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from frontend import clocks
from referrals.conversation.marks import Reader
from referrals.models import Address, Message, Party


@dataclass(frozen=True)
class Glance:
    """Whether anybody at one of the other hospitals has seen a message."""

    words: str
    mood: str  # "ok", "" or "soon"


def of(
    message: Message, readers: Sequence[Reader], parties: Iterable[Party], now: datetime
) -> tuple[Glance, ...]:
    """One word for each other hospital that is party: who wants to know whether anybody there has seen it."""
    places = sorted({party.site.short_name for party in parties if party.site_id != message.site_id})
    found = [_glance(place, [one for one in readers if one.site == place], now) for place in places]
    if message.to == Address.CREW:
        found.insert(0, _crews_glance(next((one for one in readers if one.person_id is None), None), now))
    return tuple(found)


def _crews_glance(theirs: Reader | None, now: datetime) -> Glance:
    if theirs and theirs.read_at:
        return Glance(f"The crew read this {clocks.moment(theirs.read_at, now)}", "ok")
    if theirs:
        return Glance("On the crew’s page, not read yet", "")
    return Glance("The crew has not seen this yet", "soon")


def _glance(place: str, readers: Sequence[Reader], now: datetime) -> Glance:
    read = sorted((one for one in readers if one.read_at), key=lambda one: str(one.read_at))
    if read:
        more = f" and {len(read) - 1} more" if len(read) > 1 else ""
        return Glance(f"{place}: read {clocks.moment(read[0].read_at, now)}, {read[0].name}{more}", "ok")
    if readers:
        return Glance(f"{place}: on a screen, not read yet", "")
    return Glance(f"Nobody at {place} has seen this yet", "soon")
