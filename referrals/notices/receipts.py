"""To whom a notice has come: on whose screen it was, and who said that they have seen it. The only writer of its marks.

Called by the board and the notices' page. A mark is written once, for the first time of each.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from network.permissions import Rights
from referrals.notices import audience
from referrals.notices.audience import Concerned
from referrals.notices.rows import Notice, NoticeKind, NoticeMark, NoticeMarking

MOST = 50  # notices at once
Moments = dict[tuple[int, str], datetime]


@dataclass(frozen=True)
class Reader:
    """One person whom a notice concerns, and when it came to them."""

    name: str
    place: str
    delivered_at: datetime | None
    seen_at: datetime | None


@dataclass(frozen=True)
class Tally:
    """Who has a notice, by place and name; and the places where nobody has seen it."""

    readers: tuple[Reader, ...]
    silent: tuple[str, ...]

    @property
    def seen(self) -> int:
        return sum(one.seen_at is not None for one in self.readers)


def add(rights: Rights, numbers: Collection[int], kind: NoticeMarking, *, at: datetime) -> None:
    """These notices came to this person; those that do not concern them are passed over. Seen is delivered too."""
    theirs = audience.of_person(rights).filter(pk__in=list(numbers)[:MOST])
    kinds = [NoticeMarking.DELIVERED] + ([kind] if kind == NoticeMarking.SEEN else [])
    rows = [
        NoticeMark(notice=notice, person=rights.person, kind=one, at=at) for notice in theirs for one in kinds
    ]
    NoticeMark.objects.bulk_create(rows, ignore_conflicts=True)


def tallies(notices: Collection[Notice], *, at: datetime) -> dict[int, Tally]:
    """Who has each of these notices, read with what took it back: of those concerned now, or when it ended; three
    queries."""
    marks: dict[int, Moments] = {}
    for mark in NoticeMark.objects.filter(notice__in=[one.pk for one in notices]):
        marks.setdefault(mark.notice_id, {})[mark.person_id, mark.kind] = mark.at
    people = audience.concerned(notices, ends={one.pk: _ends(one, at) for one in notices})
    return {one.pk: _tally(people[one.pk], marks.get(one.pk, {})) for one in notices}


def _ends(notice: Notice, at: datetime) -> datetime:
    back = None if notice.kind == NoticeKind.TAKEN_BACK else getattr(notice, "taken_back", None)
    return min(moment for moment in (at, notice.until, back and back.at) if moment)


def _tally(people: Iterable[Concerned], moments: Moments) -> Tally:
    readers = [
        Reader(
            one.name,
            one.place,
            moments.get((one.person, NoticeMarking.DELIVERED)),
            moments.get((one.person, NoticeMarking.SEEN)),
        )
        for one in people
    ]
    readers.sort(key=lambda one: (one.place, one.name))
    heard = {one.place for one in readers if one.seen_at}
    return Tally(tuple(readers), tuple(dict.fromkeys(r.place for r in readers if r.place not in heard)))
