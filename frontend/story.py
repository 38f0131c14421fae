"""What was done, told: the trail, the conversation and the ladders, each line in a nurse's words.

Pure over events and climbs, but for the names of the sites that they speak of. Called by frontend.casefile.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from frontend import facts_sheet, waits
from frontend.waits import Piece, Sentence, say, stress
from network.models import Site
from paging.models import Fate, Reason
from paging.queries import Climb, PageSoFar
from referrals import states, verbs
from referrals.models import Event, Via

WRITTEN_LATER = timedelta(minutes=1)
CHANNELS = {"sms": "SMS", "voice": "Call", "push": "Push"}
CODED = {
    "category": states.Category,
    "mtici": states.Mtici,
    "reason": states.DeclineReason,
    "end_reason": states.EndReason,
}


@dataclass(frozen=True)
class Happened:
    """One line of the trail."""

    hour: str
    iso: str
    what: str
    more: str
    who: str
    written: str  # when it was written down, where that was later


@dataclass(frozen=True)
class Said:
    """One question of the hub, or one answer of the spoke."""

    hour: str
    iso: str
    who: str
    is_question: bool
    text: str


@dataclass(frozen=True)
class PageTold:
    """One page and its fate."""

    hour: str
    iso: str
    who: str
    fate: str
    mood: str


@dataclass(frozen=True)
class Ladder:
    """One ladder: who was paged, what came of it, who comes next."""

    id: int
    title: str
    is_open: bool
    pages: tuple[PageTold, ...]
    next: Sentence
    rings: bool  # an alarm that nobody has taken
    taken_by: str


def trail(events: Sequence[Event]) -> tuple[Happened, ...]:
    """Everything that was done, the newest first."""
    names = _names_of_sites(events)
    return tuple(_happened(event, names) for event in reversed(events))


def talk(events: Iterable[Event]) -> tuple[Said, ...]:
    """The questions and answers, in their order."""
    return tuple(
        Said(
            hour=waits.hour(event.at),
            iso=event.at.isoformat(),
            who=str(event.by),
            is_question=event.verb == "ask",
            text=str(event.details.get("text", "")),
        )
        for event in events
        if event.verb in {"ask", "answer"}
    )


def _names_of_sites(events: Iterable[Event]) -> dict[str, str]:
    codes: set[str] = set()
    for event in events:
        codes |= {
            str(event.details.get("hub", "")),
            str(event.details.get("site", "")),
            *event.details.get("hubs", []),
        }
    return dict(Site.objects.filter(code__in=codes - {""}).values_list("code", "short_name"))


def _happened(event: Event, names: Mapping[str, str]) -> Happened:
    by = str(event.by) if event.by else "the clock"
    via = f" by {Via(event.via).label}" if event.via in {Via.SMS, Via.API} else ""
    later = event.written_at - event.at >= WRITTEN_LATER
    return Happened(
        hour=waits.hour(event.at),
        iso=event.at.isoformat(),
        what=verbs.DONE.get(event.verb, event.verb),
        more=_details(event.details, names),
        who=f"{by}{via}",
        written=waits.hour(event.written_at) if later else "",
    )


def _details(details: Mapping[str, Any], names: Mapping[str, str]) -> str:
    """What an event keeps beside who and when."""
    told: list[str] = []
    places = [details.get("hub"), details.get("site"), *details.get("hubs", [])]
    if named := [names.get(str(place), str(place)) for place in places if place]:
        told.append(", ".join(named))
    told += [_coded(name, details[name]) for name in CODED if details.get(name)]
    if details.get("cad"):
        told.append(f"CAD {details['cad']}")
    if details.get("changed"):
        told.append(", ".join(facts_sheet.label(name) or name for name in details["changed"]))
    told += [str(details[name]) for name in ("text", "note") if details.get(name)]
    return " · ".join(told)


def _coded(name: str, value: object) -> str:
    label = str(dict(CODED[name].choices).get(str(value), value))
    return f"mTICI {label}" if name == "mtici" else label


def ladder(climb: Climb, now: datetime) -> Ladder:
    """One ladder as it stands now."""
    titles = {Reason.CONFIRM.value: "Supervisor’s confirmation", Reason.UNPLACED.value: "Finding a hub"}
    title = titles.get(climb.reason) or f"Answer from {climb.hub}"
    return Ladder(
        id=climb.id,
        title=title,
        is_open=climb.is_open,
        pages=tuple(_page(page) for page in climb.pages),
        next=_next(climb, now) if climb.is_open else (),
        rings=climb.is_open and climb.alarm_since is not None and not climb.taken_by,
        taken_by=climb.taken_by,
    )


def _next(climb: Climb, now: datetime) -> Sentence:
    if climb.alarm_since and climb.taken_by:
        return (stress(f"{climb.taken_by} is dealing with it."),)
    if climb.next_at is None:
        return ()
    words = climb.next_who[:1].upper() + climb.next_who[1:]
    return (say(f"{words} in "), Piece(until=climb.next_at, now=now, strong=True), say("."))


FATES = {
    Fate.DUE: ("about to go", ""),
    Fate.SENDING: ("going", ""),
    Fate.SENT: ("sent", ""),
    Fate.DELIVERED: ("delivered, no answer", ""),
    Fate.FAILED: ("not delivered", "late"),
    Fate.ANSWERED: ("answered", "ok"),
    Fate.CANCELLED: ("not needed", "quiet"),
}


def _page(page: PageSoFar) -> PageTold:
    words, mood = FATES[page.fate]
    at = page.sent_at or page.due_at
    return PageTold(
        hour=waits.hour(at, seconds=True),
        iso=at.isoformat(),
        who=f"{page.person}, {CHANNELS.get(page.channel, page.channel)}",
        fate=f"{words}: {page.error}" if page.error else words,
        mood=mood,
    )
