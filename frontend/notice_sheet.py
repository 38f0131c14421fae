"""Notices as they are shown: the strip above a board, the notices' page with who has each, and a hub's own.

Called by the board's, the notices' and the hours' views. It decides no right and writes nothing.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from frontend import clocks, waits
from network.models import Person
from network.permissions import Rights
from paging import quiet
from paging.models import Reason
from referrals.models import Notice, NoticeKind
from referrals.notices import audience, reading, receipts, saying
from referrals.notices.receipts import Tally

MOODS = {NoticeKind.CLOSED: "late", NoticeKind.REDUCED: "soon", NoticeKind.TAKEN_BACK: "ok"}
TITLES = {NoticeKind.CLOSED: ": closed", NoticeKind.REDUCED: ": reduced"}
NAMED = 3  # places that are named before they are counted


@dataclass(frozen=True)
class Line:
    """One notice: of what, what it says, until when, and who says it."""

    number: int
    title: str
    mood: str
    words: str
    when: str
    who: str
    beside: str = ""  # what it takes back, or what took it back
    is_seen: bool = True


@dataclass(frozen=True)
class Silent:
    """Something for which this person was not woken, because of their quiet hours."""

    number: int
    code: str
    words: str
    hour: str


@dataclass(frozen=True)
class Strip:
    """What stands above a board: what this person has not seen yet, and what they have and still holds."""

    new: tuple[Line, ...] = ()
    seen: tuple[Line, ...] = ()
    kept: tuple[Silent, ...] = ()  # what their phone was silent about


@dataclass(frozen=True)
class Having:
    """One person, and how far it came to them."""

    name: str
    place: str
    words: str
    mood: str


@dataclass(frozen=True)
class Told:
    """One notice on its page; who has it, for those who may say such a notice."""

    line: Line
    holds: bool
    count: str = ""
    missing: str = ""
    people: tuple[Having, ...] = ()
    may_take_back: bool = False

    @property
    def form(self) -> str:
        return f"back-{self.line.number}"


@dataclass(frozen=True)
class Page:
    """The notices' page."""

    now: tuple[Told, ...]
    past: tuple[Told, ...]
    places: tuple[tuple[str, str], ...] = field(default=())  # of what this person may say one


def strip(rights: Rights, *, at: datetime, wall: bool = False) -> Strip:
    """What this person's board says above its lanes; on a wall everything that holds, for there nobody presses."""
    rows = [(_line(one, at), one) for one in reading.standing(rights, at=at)]
    if wall:
        return Strip(seen=tuple(line for line, one in rows if one.kind != NoticeKind.TAKEN_BACK))
    return Strip(
        new=tuple(line for line, _ in rows if not line.is_seen),
        seen=tuple(line for line, one in rows if line.is_seen and one.kind != NoticeKind.TAKEN_BACK),
        kept=tuple(_silent(one, at) for one in quiet.waiting(rights.person)),
    )


def _silent(kept: quiet.Kept, at: datetime) -> Silent:
    stood = kept.reason == Reason.STOOD
    words = "the transfer is stood down" if stood else f"{kept.name} cannot be reached by phone"
    return Silent(kept.number, kept.code, words, clocks.moment(kept.at, at))


def page(rights: Rights, *, at: datetime) -> Page:
    """Everything that was said to this person lately, and who has what they may speak of."""
    rows = reading.of_page(rights, at=at)
    hubs = reading.hubs_to_speak_for(rights)
    over = {hub.network_id: hub.network for hub in hubs if audience.may_say(rights, hub.network, None)}
    mine = [one for one in rows if audience.may_say(rights, one.network, one.hub)]
    backs = [one.taken_back for one in mine if hasattr(one, "taken_back")]
    tallies = receipts.tallies([*mine, *backs], at=at)
    told = [_told(one, tallies, at) for one in rows]
    return Page(
        now=tuple(one for one in told if one.holds),
        past=tuple(one for one in told if not one.holds),
        places=(
            *((f"hub:{hub.code}", hub.short_name) for hub in hubs),
            *((f"network:{one.code}", f"Everybody in {one.name}") for one in over.values()),
        ),
    )


def lines(notices: Iterable[Notice], *, at: datetime) -> tuple[Line, ...]:
    """Notices of one hub, as they stand on its own page."""
    return tuple(_line(one, at) for one in notices)


def brief(notice: Notice, *, at: datetime) -> str:
    """A notice in one sentence, where its hub is named already."""
    kind = "Reduced" if notice.kind == NoticeKind.REDUCED else "Notice"
    return f"{kind}: {notice.words}" + (f" ({_when(notice, at)})" if notice.until else "")


def _told(notice: Notice, tallies: dict[int, Tally], at: datetime) -> Told:
    line, holds = _line(notice, at), saying.holds(notice, at=at)
    back = getattr(notice, "taken_back", None)
    tally = tallies.get((back or notice).pk)
    if tally is None:
        return Told(line, holds)
    what = "The taking back was seen" if back else "Seen"
    return Told(
        line,
        holds,
        count=f"{what} by {tally.seen} of {len(tally.readers)}",
        missing=_missing(tally.silent),
        people=tuple(_having(one, at) for one in tally.readers),
        may_take_back=holds,
    )


def _missing(places: tuple[str, ...]) -> str:
    named = list(places[:NAMED])
    if len(places) > NAMED:
        named.append(f"{len(places) - NAMED} more")
    return f"nobody at {waits.in_words(named)} yet" if named else ""


def _having(reader: receipts.Reader, at: datetime) -> Having:
    if reader.seen_at:
        return Having(reader.name, reader.place, f"seen {clocks.moment(reader.seen_at, at)}", "ok")
    if reader.delivered_at:
        return Having(
            reader.name, reader.place, f"on a screen {clocks.moment(reader.delivered_at, at)}", "quiet"
        )
    return Having(reader.name, reader.place, "not yet", "soon")


def _line(notice: Notice, at: datetime) -> Line:
    kind = NoticeKind(notice.kind)
    of = str(notice.hub or notice.network)
    back, before = getattr(notice, "taken_back", None), notice.takes_back
    title = of + TITLES.get(kind, "")
    if before is not None:
        # Not “open”: it may be closed by another, or by its hours.
        title = f"{of}: {'closing taken back' if before.kind == NoticeKind.CLOSED else 'taken back'}"
    return Line(
        number=notice.pk,
        title=title,
        mood=MOODS.get(kind, ""),
        words=notice.words,
        when="" if before else _when(notice, at),
        who=_who(notice, notice.by, at),
        beside=_beside(back, before, at),
        is_seen=getattr(notice, "is_seen", True),
    )


def _beside(back: Notice | None, before: Notice | None, at: datetime) -> str:
    if before is not None:
        return f"Before: “{before.words}”"
    return f"Taken back: “{back.words}”, {_who(back, back.by, at)}" if back else ""


def _who(notice: Notice, by: Person, at: datetime) -> str:
    place = notice.hub if notice.hub and notice.role == "operator" else notice.network
    return f"{by.name}, {notice.get_role_display().lower()}, {place}, {clocks.moment(notice.at, at)}"


def _when(notice: Notice, at: datetime) -> str:
    begins = f"from {clocks.moment(notice.since, at)} " if notice.since > max(at, notice.at) else ""
    ends = f"until {clocks.moment(notice.until, at)}" if notice.until else "until it is taken back"
    return begins + ends
