"""What a referral waits for, as one sentence in a nurse's words: who was paged, what came of it, what happens next.

Pure over the referral and its climbs. A sentence is made of pieces, so that its seconds can tick on the page.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone
from django.utils.html import conditional_escape, format_html, html_safe
from django.utils.safestring import SafeString

from frontend import clocks, telephone
from paging import waits as paged
from paging.models import Fate, Reason
from paging.queries import Climb, PageSoFar
from referrals import road, rulebook
from referrals.models import OfferState, Referral
from referrals.states import EndReason, State

NAMES_SHOWN = 4


@html_safe
@dataclass(frozen=True)
class Piece:
    """A piece of a sentence: words, or a time that ticks up (`ago`) or down (`until`)."""

    words: str = ""
    strong: bool = False
    mood: str = ""
    ago: datetime | None = None
    until: datetime | None = None
    now: datetime | None = None

    @property
    def text(self) -> str:
        if self.ago and self.now:
            return clocks.ago(self.now - self.ago)
        if self.until and self.now:
            return clocks.tick(self.until - self.now)
        return self.words

    def __str__(self) -> SafeString:
        """The piece on a page; `{{ sentence|join:"" }}` says a whole sentence."""
        mood = format_html(' class="{}"', self.mood) if self.mood else ""
        if moment := self.ago or self.until:
            tick = "ago" if self.ago else "until"
            tag = '<time{} datetime="{}" data-tick="{}">{}</time>'
            return format_html(tag, mood, clocks.iso(moment), tick, self.text)
        return format_html("<b{}>{}</b>", mood, self.text) if self.strong else conditional_escape(self.text)


Sentence = tuple[Piece, ...]


def still(referral: Referral, climbs: Iterable[Climb]) -> list[Climb]:
    """The ladders that are climbed for what the referral still waits for; the pager closes the others in a moment."""
    asked = {offer.hub.code for offer in referral.offers.all() if offer.state == OfferState.OPEN}
    return [
        climb
        for climb in climbs
        if climb.is_open
        and paged.WANTS[Reason(climb.reason)] == referral.state
        and (climb.reason != Reason.OFFER or climb.hub_code in asked)
    ]


@dataclass(frozen=True)
class Ring:
    """A hub that should be rung now, because nobody there has answered."""

    hub: str
    number: str  # E.164; empty where Dido knows none
    said: str  # as people read it out


def rings(climbs: Iterable[Climb]) -> tuple[Ring, ...]:
    """The hubs that the ladders say to ring now, each once; none that somebody deals with."""
    named = {
        climb.hub: Ring(climb.hub, climb.hub_phone, telephone.shown(climb.hub_phone))
        for climb in climbs
        if climb.is_open and climb.phone_now_since and climb.hub and not climb.taken_by
    }
    return tuple(named.values())


def ring_words(calls: Iterable[Ring]) -> Sentence:
    """The same as a sentence."""
    return tuple(
        stress(f"Ring {one.hub} now{': ' if one.said else ''}{one.said}. ", mood="late") for one in calls
    )


def say(words: str, *, mood: str = "") -> Piece:
    """Plain words."""
    return Piece(words, mood=mood)


def stress(words: str, *, mood: str = "") -> Piece:
    """The words that matter most."""
    return Piece(words, strong=True, mood=mood)


def plain(sentence: Iterable[Piece]) -> str:
    """The sentence for a program: a time that ticks is given as the time of day."""
    words: list[str] = []
    after_ago = False
    for piece in sentence:
        if piece.until:
            words.append(f"at {hour(piece.until, seconds=True)}")
        elif piece.ago:
            words.append(f"at {hour(piece.ago)}")
        else:
            words.append(piece.words.removeprefix(" ago") if after_ago else piece.words)
        after_ago = piece.ago is not None
    return "".join(words).replace(" in at ", " at ").strip()


def hour(moment: datetime, *, seconds: bool = False) -> str:
    """The time of day as people here say it."""
    return timezone.localtime(moment).strftime("%H:%M:%S" if seconds else "%H:%M")


def in_words(people: Sequence[str]) -> str:
    """Ben, Cleo and Dev."""
    return people[0] if len(people) == 1 else f"{', '.join(people[:-1])} and {people[-1]}"


def _paged(pages: Sequence[PageSoFar], now: datetime) -> list[Piece]:
    """Who was paged and what came of it."""
    tried = [page for page in pages if page.fate != Fate.CANCELLED and not page.is_siren]
    if not tried:
        return [stress("Nobody has been paged yet.", mood="soon")]
    people = list(dict.fromkeys(page.person for page in tried))
    last = tried[-1]
    who = in_words(people) if len(people) <= NAMES_SHOWN else f"{len(people)} people"
    if all(page.fate in {Fate.DUE, Fate.SENDING} for page in tried):
        return [say(f"Paging {who}.")]
    if all(page.fate == Fate.FAILED for page in tried):
        return [stress(f"{who} could not be reached.", mood="late")]
    if len(people) > 1:
        return [say(f"{who} paged, "), stress("no answer"), say(".")]
    times = "once" if len(tried) == 1 else f"{len(tried)} times"
    if len(tried) == 1 and last.sent_at:
        return [say(f"{people[0]} paged "), Piece(ago=last.sent_at, now=now), say(" ago.")]
    return [say(f"{people[0]} paged {times}, "), stress("no answer"), say(".")]


def held(climb: Climb, now: datetime) -> list[Piece]:
    """Who is looking, and until when nobody else is paged; nothing where nobody holds the ladder."""
    if climb.held_until is None or not climb.holds(now):
        return []
    until = hour(climb.held_until, seconds=True)
    return [stress(f"{climb.seen_by} is looking"), say(f": nobody else is paged before {until}.")]


def _next(climb: Climb, now: datetime) -> list[Piece]:
    if climb.taken_by:
        return [say(" "), stress(f"{climb.taken_by} is dealing with it.")]
    if climb.alarm_since:
        return [say(" "), stress("Alarm: somebody must take this.", mood="late")]
    if climb.next_at is None:
        return []
    return [say(f" Then {climb.next_who} in "), Piece(until=climb.next_at, now=now), say(".")]


def _answer(climbs: Sequence[Climb], now: datetime) -> Sentence:
    """Waiting for hubs: the ladder that will act first, and the others by name."""
    if not climbs:
        return (stress("Nobody has been paged yet.", mood="soon"),)
    first = min(climbs, key=lambda climb: (climb.alarm_since is None, climb.next_at or now))
    return tuple(held(first, now)) or (*_paged(first.pages, now), *_next(first, now))


def _confirm(referral: Referral, climbs: Sequence[Climb], now: datetime) -> Sentence:
    supervisor = referral.supervisor.name if referral.supervisor else "the supervisor"
    start = [say(f"{referral.operator} accepted, "), stress(f"{supervisor} to confirm")]
    if not climbs:
        return (*start, say("."))
    if looking := held(climbs[-1], now):
        return (*start, say(". "), *looking)
    paged = [page for page in climbs[-1].pages if page.sent_at]
    told = [say(", paged "), Piece(ago=paged[-1].sent_at, now=now), say(" ago.")] if paged else [say(".")]
    return (*start, *told, *_next(climbs[-1], now))


def _unplaced(climbs: Sequence[Climb], now: datetime) -> Sentence:
    start = stress("No hub yet. ", mood="late")
    if not climbs:
        return (start, say("Somebody must find one."))
    if climbs[-1].taken_by:
        return (start, stress(f"{climbs[-1].taken_by} is dealing with it."))
    return (start, *_paged(climbs[-1].pages, now), *_next(climbs[-1], now))


def _ambulance(referral: Referral, now: datetime) -> Sentence:
    if referral.crew_at_spoke_at:
        here = Piece(ago=referral.crew_at_spoke_at, now=now, strong=True)
        return (say("The crew has been with the patient for "), here)
    asked = Piece(ago=referral.ambulance_requested_at, now=now, strong=True)
    return (say("Ambulance asked for "), asked, say(f" ago, {referral.get_category_display()}"))


def _road(referral: Referral, minutes: int | None, now: datetime) -> Sentence:
    due = clocks.eta(referral, minutes)
    arrival = [say(f"At the door about {hour(due)} · ")] if due else _unknown(referral)
    if due and referral.expected_said_at:
        word = Piece(ago=referral.expected_said_at, now=now)
        arrival = [say(f"At the door about {hour(due)}, said "), word, say(" ago · ")]
    done = ready_words(referral)
    return (*arrival, *([say(f"{done} · ")] if done else []), *dido(referral))


def _unknown(referral: Referral) -> list[Piece]:
    """On another road than the drive was measured on: no time is better than a false one."""
    if not road.arrival_is_unknown(referral):
        return []
    assert referral.diverted_at
    words = f"Diverted at {hour(referral.diverted_at)}, "
    return [say(words), stress("time to the door not known yet", mood="soon"), say(" · ")]


def ready_words(referral: Referral) -> str:
    """“3 of 5 ready”; empty until the hub has begun."""
    if not referral.checklist:
        return ""
    return f"{len(referral.ready)} of {len(referral.checklist['items'])} ready"


def dido(referral: Referral) -> Sentence:
    """Door in to door out of a patient who has left, against the target that the referral is judged by."""
    if not (referral.arrived_at and referral.departed_at):
        return ()
    length = referral.departed_at - referral.arrived_at
    mood = "ok" if length <= rulebook.held(referral)["dido"].late else "late"
    return (say("DIDO "), stress(clocks.span(length), mood=mood))


def _groin(referral: Referral) -> Sentence:
    if not (referral.onset_at and referral.punctured_at):
        return (say(f"{referral.operator} is operating."),)
    return (say("Onset to groin "), stress(clocks.span(referral.punctured_at - referral.onset_at)))


def _ended(referral: Referral) -> Sentence:
    label = State(referral.state).label
    reasons = dict(EndReason.choices)
    why = reasons.get(referral.end_reason, "")
    return (say(f"{label}: {str(why).lower()}" if why else str(label)),)


def _pre_alert(referral: Referral) -> Sentence:
    if referral.cta_at:
        return (say("CT angiogram done, "), stress("to be referred"))
    return (say("Waits for the "), stress("CT angiogram"))


PLAIN: dict[str, Callable[[Referral], Sentence]] = {
    State.PRE_ALERTED: _pre_alert,
    State.ACCEPTED: lambda referral: (
        say(f"{referral.operator} accepted. "),
        stress("Ask for the ambulance"),
    ),
    State.ARRIVED: lambda referral: (say(f"Waits for groin puncture by {referral.operator}"),),
    State.PUNCTURE: _groin,
    State.TREATED: lambda _: (say("Treated. A bed is "), stress("not yet asked for")),
    State.REPATRIATING: lambda referral: (say(f"Waits for a bed at {referral.spoke}"),),
}


def sentence(referral: Referral, climbs: Sequence[Climb], *, minutes: int | None, now: datetime) -> Sentence:
    """What this referral waits for now; `climbs` are its open ladders."""
    match referral.state:
        case State.REFERRED:
            return _answer(climbs, now)
        case State.PROVISIONAL:
            return _confirm(referral, climbs, now)
        case State.UNPLACED:
            return _unplaced(climbs, now)
        case State.AMBULANCE_REQUESTED:
            return _ambulance(referral, now)
        case State.DEPARTED:
            return _road(referral, minutes, now)
        case _:
            return PLAIN.get(referral.state, _ended)(referral)
