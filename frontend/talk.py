"""The conversation of a case as it is shown: messages with who has seen them, and the referral's own events between.

Called by the views of the case and of its messages. It reads, and writes nothing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from frontend import clocks, glances, reference_sheet, story
from frontend.glances import Glance
from network.models import Role
from network.permissions import Rights
from paging import confirming
from referrals import crew, queries
from referrals.conversation import addressed, marks, reading
from referrals.conversation import confirming as wanted
from referrals.conversation.marks import Reader
from referrals.conversation.reading import Pages
from referrals.models import Address, Event, Message, Party, Referral
from referrals.papers import opening

TALKED = frozenset({"ask", "answer"})


@dataclass(frozen=True)
class Seen:
    """One person to whom a message has come."""

    who: str
    delivered: str
    read: str


@dataclass(frozen=True)
class Line:
    """One line of the conversation: a message, a question, an answer, or something that was done."""

    id: str
    kind: str  # "message", "ask", "answer" or "deed"
    order: str  # sorts the lines of a page as texts
    hour: str
    iso: str
    who: str
    place: str
    text: str
    number: int = 0
    to: str = ""  # the role that is meant
    for_me: bool = False  # the reader has that role
    may_tell: bool = False  # the reader can say for the crew that they know
    asks: str = ""  # it waits to be confirmed: who is asked
    confirmed: str = ""  # who has confirmed it, and when
    own: bool = False
    unread: bool = False
    typed: str = ""  # when it was written, where it had to wait for the line
    what: str = ""  # what was done
    corrects: str = ""  # the words that it corrects
    corrected: str = ""  # when a correction was put beside it
    paper: str = ""  # what was sent with it: "photo", "pdf" or "dicom"
    frames: int = 0
    reference: reference_sheet.Shown | None = None  # what it refers to in PACS, or of an AI
    glances: tuple[Glance, ...] = field(default=())
    seen: tuple[Seen, ...] = field(default=())

    @property
    def read_by(self) -> int:
        return sum(1 for one in self.seen if one.read)


@dataclass(frozen=True)
class Talk:
    """One page of a conversation."""

    code: str
    lines: tuple[Line, ...]
    before: int | None  # older messages than this number are to be had
    can_read: str  # who reads what is written here
    roles: tuple[tuple[str, str], ...]  # to whom a message may be addressed
    crew: str  # how a crew reads what is addressed to them; empty: no crew has a link
    unread: int


@dataclass(frozen=True)
class _Reading:
    """What every line of one page is drawn by."""

    pages: Pages
    parties: Sequence[Party]
    person_id: int
    meant: frozenset[str]  # the roles that are this person's here
    asked: Mapping[str, int]  # how many were asked to confirm, by message
    viewers: reference_sheet.Listed
    now: datetime


def of(
    referral: Referral,
    rights: Rights,
    *,
    now: datetime,
    before: int | None = None,
    most: int = reading.AT_ONCE,
    events: Sequence[Event] | None = None,
) -> Talk:
    """A page of the conversation for this person: the newest (where `events` is all that was done), or an older one."""
    pages = reading.page(referral, before=before, most=most)
    parties = queries.open_parties(referral)
    meant, listed = _meant(referral, rights, pages), reference_sheet.listed(pages.messages)
    reader = _Reading(pages, parties, rights.person.pk, meant, _asked(pages), listed, now)
    lines = [_message(one, reader) for one in pages.messages]
    done = _between(referral, pages, before) if events is None else _since(events, pages)
    lines += [_deed(event, told, now) for event, told in zip(done, story.each(done, now), strict=True)]
    lines.sort(key=lambda line: line.order)
    return Talk(
        code=referral.code,
        lines=tuple(lines),
        before=pages.messages[0].number if pages.more else None,
        can_read=_can_read(parties),
        roles=tuple((role.value, role.label) for role in Address if role != Address.CREW),
        crew=_crew(referral, now),
        unread=sum(1 for line in lines if line.unread),
    )


def _crew(referral: Referral, now: datetime) -> str:
    """What whoever writes to the crew must know: nothing rings in the ambulance."""
    if not crew.is_linked(referral, now=now):
        return ""
    _, at = crew.heard(referral)
    page = f"was open at {clocks.moment(at, now)}" if at else "has not been opened yet"
    return (
        f"The crew’s page {page}. They see only what is addressed to them; nobody can page them. A message that they "
        "do not confirm goes to the coordinator, who rings them."
    )


def images(referral: Referral, *, now: datetime) -> str:
    """When images were sent, and when anybody at a hub first saw one: two times of their own."""
    times = opening.times(referral)
    if times.sent is None:
        return ""
    seen = f"first seen at a hub {clocks.moment(times.seen, now)}" if times.seen else "not seen at a hub yet"
    return f"Images sent {clocks.moment(times.sent, now)}, {seen}"


def _meant(referral: Referral, rights: Rights, pages: Pages) -> frozenset[str]:
    roles = {message.to for message in pages.messages if message.to}
    return frozenset(role for role in roles if addressed.is_meant(rights, referral, role))


def _asked(pages: Pages) -> Mapping[str, int]:
    waiting = [message for message in pages.messages if message.is_to_be_confirmed]
    return confirming.asked([wanted.subject(message) for message in waiting]) if waiting else {}


def _order(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="microseconds")


def _can_read(parties: Sequence[Party]) -> str:
    names = sorted({party.site.short_name for party in parties})
    return f"{', '.join(names)} and their coordinators read this; it is kept with the case."


def author(message: Message) -> str:
    """Who wrote it, as people say it."""
    return message.by.name if message.by else marks.CREW


def place(message: Message) -> str:
    """From where and as what somebody wrote: “Hub operator, Walton”."""
    if message.by is None:
        return "from the road"
    where = message.site or message.network
    return f"{Role(message.role).label}, {where}"


def _message(message: Message, reader: _Reading) -> Line:
    now, own = reader.now, message.by_id == reader.person_id
    came_to = reader.pages.readers.get(message.number, ())
    readers = [one for one in came_to if one.person_id is None or one.person_id != message.by_id]
    mine = next((one for one in readers if one.person_id == reader.person_id), None)
    corrections = list(message.corrections.all())
    return Line(
        id=f"m{message.number}",
        kind="message",
        order=_order(message.at),
        hour=clocks.moment(message.at, now),
        iso=message.at.isoformat(),
        who=author(message),
        place=place(message),
        text=message.text,
        number=message.number,
        own=own,
        unread=not own and not (mine and mine.read_at),
        typed=clocks.moment(message.typed_at, now),
        corrects=message.corrects.text if message.corrects else "",
        corrected=clocks.moment(corrections[-1].at, now) if corrections else "",
        to=message.get_to_display().lower() if message.to else "",
        for_me=not own and message.to in reader.meant and message.to != Address.CREW,
        may_tell=not own and message.to in reader.meant and message.to == Address.CREW,
        asks=_asks(message, reader),
        paper=message.paper.kind if hasattr(message, "paper") else "",
        frames=message.paper.shape.get("frames", 0) if hasattr(message, "paper") else 0,
        reference=_reference(message, reader, is_corrected=bool(corrections)),
        confirmed=_confirmed(message, now),
        glances=glances.of(message, readers, reader.parties, now) if own else (),
        seen=tuple(_seen(one, now) for one in readers),
    )


def _reference(message: Message, reader: _Reading, *, is_corrected: bool) -> reference_sheet.Shown | None:
    if not hasattr(message, "reference"):
        return None
    return reference_sheet.shown(message, reader.viewers, reader.now, corrected=is_corrected)


def _asks(message: Message, reader: _Reading) -> str:
    """Whom a message waits for that nobody has confirmed yet."""
    if not message.is_to_be_confirmed:
        return ""
    many = reader.asked.get(wanted.subject(message), 0)
    reached = f"; {many} asked so far" if many else ""
    if message.to == Address.CREW:
        reached = "; the coordinator is asked to ring them" if many else ", who cannot be paged"
    return f"Waits for the {message.get_to_display().lower()} to confirm{reached}"


def _confirmed(message: Message, now: datetime) -> str:
    done = message.confirmed
    if done is None:
        return ""
    return f"Confirmed by {done.by or marks.CREW.lower()}, {done.place}, {clocks.moment(done.at, now)}"


def _seen(reader: Reader, now: datetime) -> Seen:
    place = reader.site or ("network" if reader.person_id else "on their page")
    return Seen(
        f"{reader.name}, {place}",
        clocks.moment(reader.delivered_at, now),
        clocks.moment(reader.read_at, now),
    )


def _since(events: Sequence[Event], pages: Pages) -> Sequence[Event]:
    """What was done from the first message of the newest page on; all of it, where that is the only page."""
    return [e for e in events if e.written_at >= pages.messages[0].at] if pages.more else events


def _between(referral: Referral, pages: Pages, before: int | None) -> Sequence[Event]:
    """What was done between the first message of this page and the next page."""
    events = queries.trail(referral)
    if pages.more:
        events = events.filter(written_at__gte=pages.messages[0].at)
    end = _end(referral, before) if before is not None and pages.messages else None
    if end is not None:
        events = events.filter(written_at__lt=end)
    return list(events)


def _end(referral: Referral, before: int) -> datetime | None:
    return referral.messages.values_list("at", flat=True).filter(number=before).first()


def _deed(event: Event, happened: story.Happened, now: datetime) -> Line:
    kind = event.verb if event.verb in TALKED else "deed"
    return Line(
        id=f"e{event.number}",
        kind=kind,
        order=_order(event.written_at),
        hour=clocks.moment(event.at, now),
        iso=event.at.isoformat(),
        who=happened.who,
        place="",
        text=happened.more if kind == "deed" else str(event.details.get("text", "")),
        what=happened.what,
    )
