"""One ladder as a time line: who was paged by what, what became of it, and what comes next for whom and when.

Pure over a climb of paging.queries and the moment. Called by frontend.casefile and by frontend.my_phone.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from operator import attrgetter

from frontend import clocks, ladder_words, waits
from frontend.waits import Piece, Sentence
from paging.models import Channel, Fate, Reason
from paging.queries import Climb, PageSoFar

WORDS: Mapping[str, str] = {
    Channel.SMS: "Text",
    Channel.VOICE: "Call",
    Channel.PUSH: "Push",
    Channel.SIREN: "Siren",
}
PROVIDERS = {"twilio": "Twilio", "notify": "GOV.UK Notify"}
FIRST = {Channel.SMS: "twilio", Channel.VOICE: "twilio"}  # who carries it as long as all is well
STEPS_SHOWN = 6  # of an alarm that rings all night only the last few
ONE_BY_ONE = 3  # people of a step; more are told together where the same became of their pages


@dataclass(frozen=True)
class Told:
    """One page: by what, and what became of it."""

    channel: str  # its key, for the glyph
    word: str
    fate: str
    mood: str
    hour: str
    more: str


@dataclass(frozen=True)
class Reached:
    """Whom one step pages, and by what."""

    who: str
    told: tuple[Told, ...]


@dataclass(frozen=True)
class Step:
    """One rung that fired."""

    hour: str
    iso: str
    after: str  # from the start
    reached: tuple[Reached, ...]


@dataclass(frozen=True)
class Coming:
    """The rung that fires next."""

    tick: Piece | None
    who: str
    people: str
    by: str
    more: str


@dataclass(frozen=True)
class Line:
    """One ladder: its steps so far, who holds it, and what comes next."""

    id: int
    title: str
    is_open: bool
    asks: bool  # somebody must answer, or see to it
    outcome: str
    mood: str
    steps: tuple[Step, ...]
    earlier: tuple[Step, ...]  # folded away
    held: Sentence
    coming: Coming | None
    rings: bool  # an alarm that nobody has taken
    taken_by: str


def of(climb: Climb, now: datetime) -> Line:
    """One ladder as it stands now."""
    steps = _steps(climb, now)
    outcome, mood = ladder_words.outcome(climb)
    return Line(
        id=climb.id,
        title=ladder_words.title(climb),
        is_open=climb.is_open,
        asks=climb.reason not in ladder_words.ASKS_NOTHING,
        outcome=outcome,
        mood=mood,
        steps=steps[-STEPS_SHOWN:],
        earlier=steps[:-STEPS_SHOWN],
        held=tuple(waits.held(climb, now)),
        coming=_coming(climb, now) if climb.is_open else None,
        rings=climb.is_open and climb.alarm_since is not None and not climb.taken_by,
        taken_by=climb.taken_by if climb.is_open else "",
    )


def of_case(
    waited: Sequence[Climb], going_on: Sequence[Climb], beside: Sequence[Climb], now: datetime
) -> tuple[Line, ...]:
    """Every ladder of a referral, the newest first; `beside`: those for which its state does not wait.

    What it no longer waits for is over, a moment before the pager says so.
    """
    still = {climb.id for climb in going_on}
    stand = [replace(one, closed_at=now) if one.is_open and one.id not in still else one for one in waited]
    climbs = sorted([*stand, *beside], key=attrgetter("opened_at", "id"), reverse=True)
    return tuple(of(climb, now) for climb in climbs)


def _steps(climb: Climb, now: datetime) -> tuple[Step, ...]:
    fired: dict[tuple[int, int], list[PageSoFar]] = {}
    for page in climb.pages:
        fired.setdefault((page.rung, page.round), []).append(page)
    return tuple(_step(climb, pages, now) for pages in fired.values())


def _step(climb: Climb, pages: list[PageSoFar], now: datetime) -> Step:
    at = min(page.due_at for page in pages)
    by_person: dict[str, list[PageSoFar]] = {}
    for page in pages:
        by_person.setdefault(f"{_boards(climb)} boards" if page.is_siren else page.person, []).append(page)
    reached = [
        Reached(who, tuple(_told(climb, page, now) for page in theirs)) for who, theirs in by_person.items()
    ]
    return Step(
        hour=waits.hour(at, seconds=True),
        iso=clocks.iso(at),
        after=f"+{clocks.tick(at - climb.opened_at)}",
        reached=tuple(_together(reached) if len(reached) > ONE_BY_ONE + 1 else reached),
    )


def _together(reached: list[Reached]) -> list[Reached]:
    """Those of whose pages the same became, in one line, with the time of the first."""
    same: dict[tuple[Told, ...], list[Reached]] = {}
    for one in reached:
        same.setdefault(tuple(replace(told, hour="") for told in one.told), []).append(one)
    return [Reached(", ".join(one.who for one in some), some[0].told) for some in same.values()]


def _boards(climb: Climb) -> str:
    return f"{climb.spoke if climb.reason == Reason.UNPLACED else climb.hub}’s"


def _told(climb: Climb, page: PageSoFar, now: datetime) -> Told:
    words, mood = _fate(climb, page, now)
    at = page.settled_at or page.sent_at
    return Told(
        channel=page.channel,
        word=WORDS.get(page.channel, page.channel),
        fate=words,
        mood=mood,
        hour=waits.hour(at, seconds=True) if at and page.fate != Fate.CANCELLED else "",
        more=_carried(page),
    )


def _carried(page: PageSoFar) -> str:
    """Who carried it, where that was not who carries it as long as all is well."""
    first = FIRST.get(Channel(page.channel))
    if page.provider and first and page.provider != first:
        return f"by {PROVIDERS.get(page.provider, page.provider)} instead of {PROVIDERS[first]}"
    return ""


def _fate(climb: Climb, page: PageSoFar, now: datetime) -> tuple[str, str]:
    """What became of a page, and its mood."""
    match page.fate:
        case Fate.DUE:
            return _due(page, now)
        case Fate.SENDING:
            return ("dialling" if page.channel == Channel.VOICE else "going out"), ""
        case Fate.SENT:
            return _sent(climb, page, now)
        case Fate.DELIVERED:
            return _delivered(climb, page, now), ""
        case Fate.ANSWERED:
            length = page.settled_at - page.sent_at if page.sent_at and page.settled_at else None
            return (
                f"answered after {ladder_words.length(length)}" if length is not None else "answered"
            ), "ok"
        case Fate.FAILED:
            return page.error or "failed", "late"
        case _:
            return ("no board sounded" if page.is_siren and page.sent_at else "not needed"), "quiet"


def _due(page: PageSoFar, now: datetime) -> tuple[str, str]:
    if page.due_at > now:
        return f"once more at {waits.hour(page.due_at, seconds=True)}", "quiet"
    return (f"{page.error}: trying again", "soon") if page.error else ("about to go", "")


def _sent(climb: Climb, page: PageSoFar, now: datetime) -> tuple[str, str]:
    if page.is_siren:
        return ("no board sounds yet", "soon") if climb.sirens(now) else ("no board sounded", "quiet")
    if page.channel == Channel.VOICE:
        return ("ringing" if page.status == "ringing" else "calling" if climb.is_open else "called"), ""
    return "sent", ""


def _delivered(climb: Climb, page: PageSoFar, now: datetime) -> str:
    match page.channel:
        case Channel.SIREN:
            return "boards sound" if climb.sirens(now) else "boards sounded"
        case Channel.VOICE:
            return "picked up, no key pressed" if page.status == "completed" else "picked up"
        case Channel.PUSH:
            return "woken"
        case _:
            waits_for_one = (
                climb.is_open and not climb.taken_by and climb.reason not in ladder_words.ONLY_TOLD
            )
            return "delivered, no answer yet" if waits_for_one else "delivered"


def _coming(climb: Climb, now: datetime) -> Coming | None:
    if climb.next_at is None:
        return None
    tick = Piece(until=climb.next_at, now=now, strong=True) if climb.next_at - now > timedelta(0) else None
    if climb.taken_by:
        return Coming(tick, f"{climb.taken_by} is dealing with it", "", "", "Then it rings again.")
    rung = climb.ahead
    if rung.hand_on:
        return Coming(tick, "The offer goes to the next hub", "", "", "Where there is none, an alarm rings.")
    if rung.end:
        return Coming(tick, "The test ends" if climb.reason == Reason.REACH else "It ends", "", "", "")
    who = "You" if climb.reason == Reason.REACH else climb.next_who[:1].upper() + climb.next_who[1:]
    return Coming(tick, who, _names(climb), climb.next_by, _more(climb))


def _names(climb: Climb) -> str:
    """Who that is, as the rota stands now."""
    if climb.next_people is None or climb.reason == Reason.REACH:
        return ""
    if not climb.next_people:
        return "nobody is there now, so it goes straight on"
    if len(climb.next_people) > waits.NAMES_SHOWN:
        return f"{len(climb.next_people)} people"
    return ", ".join(climb.next_people)


def _more(climb: Climb) -> str:
    rung, told = climb.ahead, []
    if rung.phone_now and not climb.phone_now_since and climb.hub and climb.spoke:
        told.append(f"{climb.spoke} is told to ring {climb.hub}.")
    if rung.alarm and not climb.repeats:
        told.append("From then on every minute, until somebody takes it.")
    return " ".join(told)
