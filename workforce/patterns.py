"""Duties that come again: from weekdays and hours of the wall clock to instants, rightly through both clock changes.

Pure but for `of`. Called by workforce.rota_edits. An hour that the clocks leave out begins when it would have.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from network.models import Site
from workforce.rota_rows import Pattern
from workforce.rules.facts import LONDON, Stretch

DAY = timedelta(days=1)


@dataclass(frozen=True)
class Again:
    """The hours of one duty on these weekdays (0 is Monday)."""

    duty: str
    weekdays: frozenset[int]
    start: time
    end: time  # on the next day where it is not later than the start


def instant(on: date, at: time) -> datetime:
    """This hour of the wall clock in London on this day; of an hour that comes twice, the first."""
    return datetime.combine(on, at, tzinfo=LONDON).astimezone(UTC)


def stretches(pattern: Again, first: date, last: date) -> list[Stretch]:
    """The duties of this pattern that begin from the first day to the last, both included."""
    days = (first + n * DAY for n in range((last - first).days + 1))
    over = DAY if pattern.end <= pattern.start else timedelta()
    return [
        (instant(on, pattern.start), instant(on + over, pattern.end))
        for on in days
        if on.weekday() in pattern.weekdays
    ]


def of(hub: Site) -> list[Again]:
    """The patterns of a hub, by duty and hour."""
    rows = Pattern.objects.filter(hub=hub).order_by("duty", "weekdays", "start")
    return [Again(p.duty, frozenset(map(int, p.weekdays)), p.start, p.end) for p in rows]


def in_turn(
    wanted: Sequence[Stretch], people: Sequence[int], busy: Iterable[tuple[int, Stretch]]
) -> list[int | None]:
    """Who holds each of these duties when people take them in turn; whoever is busy is passed over, not skipped.

    None where everybody is busy.
    """
    queue = list(people)
    taken: dict[int, list[Stretch]] = {}
    for person, stretch in busy:
        taken.setdefault(person, []).append(stretch)
    found: list[int | None] = []
    for start, end in wanted:
        free = (p for p in queue if all(e <= start or end <= s for s, e in taken.get(p, ())))
        who = next(free, None)
        found.append(who)
        if who is not None:
            queue.remove(who)
            queue.append(who)
            taken.setdefault(who, []).append((start, end))
    return found
