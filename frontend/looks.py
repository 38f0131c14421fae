"""“Seen, looking”: who has said so on the ladder that is climbed now, until when it waits, and what a press would do.

Pure over climbs and events. Called by frontend.casefile; frontend.press offers the button.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from frontend import clocks, waits
from frontend.waits import Piece, Sentence, say, stress
from network.models import Person
from paging.models import Reason
from paging.queries import Climb
from referrals.models import Event

ASKED = {Reason.OFFER.value, Reason.CONFIRM.value}


@dataclass(frozen=True)
class Looking:
    """How it stands at the hubs of one person."""

    sentence: Sentence = ()  # who is looking, and until when nobody else is paged
    promise: str = ""  # what a press would do
    looked: frozenset[str] = frozenset()  # the codes of the hubs for which this person has pressed already


def of(
    climbs: Sequence[Climb], events: Sequence[Event], *, by: Person, hubs: Collection[str], now: datetime
) -> Looking:
    """How it stands on the open ladders that wait for these hubs (by code)."""
    mine = [one for one in climbs if one.is_open and one.reason in ASKED and one.hub_code in hubs]
    if not mine:
        return Looking()
    own = {climb.hub_code: look for climb in mine if (look := _own(climb, events, by))}
    climb = mine[0]
    return Looking(
        sentence=_sentence(climb, own.get(climb.hub_code), by, now),
        promise=_promise(climb),
        looked=frozenset(own),
    )


def _own(climb: Climb, events: Sequence[Event], by: Person) -> Event | None:
    """This person's look on this ladder; one from before it began holds nothing, and may be said again."""
    looks = [event for event in events if event.verb == "seen" and event.by_id == by.pk]
    here = [event for event in looks if event.details.get("hub") == climb.hub_code]
    return next((event for event in reversed(here) if event.written_at >= climb.opened_at), None)


def _sentence(climb: Climb, own: Event | None, by: Person, now: datetime) -> Sentence:
    who, until = climb.seen_by, climb.held_until if climb.holds(now) else None
    if own and until is None and climb.alarm_since is None and climb.held_until is None:
        # The pager has not seen it yet; it will within a second.
        soon = own.written_at + timedelta(seconds=climb.seen_holds)
        who, until = by.name, soon if soon > now else None
    if until is None:
        return (say(f"You said at {waits.hour(own.at)} that you are looking."),) if own else ()
    start = "You are looking" if who == by.name else f"{who} is looking"
    left = Piece(until=until, now=now, strong=True)
    return (
        stress(start),
        say(f": nobody else is paged before {waits.hour(until, seconds=True)}, "),
        left,
        say(" left."),
    )


def _promise(climb: Climb) -> str:
    if climb.alarm_since:
        return "The alarm goes on; others see that you look."
    return f"The next page then waits {clocks.ago(timedelta(seconds=climb.seen_holds))}."
