"""A hub's week as stretches of time: when it takes referrals, in the hospital's own local time. Pure.

Called by network.hours, and by whoever ranks hubs. Summer time is met by reckoning each day on the wall's clock.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from functools import lru_cache
from typing import Any

from django.utils import timezone

DAY = 24 * 60  # minutes
DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
type Weekly = Sequence[Sequence[Sequence[str]]]
ALWAYS: Weekly = [[["00:00", "24:00", ""]]] * 7


@dataclass(frozen=True)
class Open:
    """A stretch in which referrals are taken; `arrive_by`: when the patient has to be there at the latest."""

    start: datetime
    end: datetime
    arrive_by: datetime | None = None


@dataclass(frozen=True)
class Hours:
    """One row of a hub's hours, as it is read."""

    number: int  # the later it was written, the higher
    network: int | None
    since: date
    until: date | None
    weekly: Weekly


def read(row: Mapping[str, Any]) -> Hours:
    """A row as the database gives it as JSON."""
    until = row["until"]
    return Hours(
        row["id"],
        row["network"],
        date.fromisoformat(row["since"]),
        date.fromisoformat(until) if until else None,
        row["weekly"],
    )


def minutes(text: str) -> int:
    """“08:30” as minutes of the day, up to 24:00; ValueError for anything else."""
    hour, minute = text.split(":")
    if len(hour) != 2 or len(minute) != 2:
        raise ValueError(text)
    found = int(hour) * 60 + int(minute)
    if not 0 <= found <= DAY or not 0 <= int(minute) < 60:
        raise ValueError(text)
    return found


def faults(weekly: Weekly) -> list[str]:
    """A sentence for each of a week's stretches that cannot be."""
    found = []
    for name, day in zip(DAYS, weekly, strict=True):
        last = 0
        for start, end, by in day:
            try:
                begun, done = minutes(start), minutes(end)
                latest = minutes(by) if by else DAY
            except ValueError:
                found.append(f"{name}: write each time like 08:00; midnight at the end of the day is 24:00.")
                continue
            if begun >= done:
                found.append(f"{name}: {start} is not before {end}.")
            if begun < last:
                found.append(f"{name}: the stretches overlap.")
            if by and latest < done:
                found.append(f"{name}: a patient taken at {end} cannot be there by {by}.")
            last = done
    return found


def standing(rows: Iterable[Hours], *, network: int, day: date) -> Weekly | None:
    """The week that holds for this network's referrals on a day; None where nobody said anything."""
    held = [row for row in rows if row.since <= day and (row.until is None or day < row.until)]
    own = [row for row in held if row.network == network]
    chosen = max(
        own or [row for row in held if row.network is None], key=lambda row: row.number, default=None
    )
    return chosen.weekly if chosen else None


def stretches(rows: Sequence[Hours], *, network: int, start: datetime, end: datetime) -> list[Open]:
    """When referrals of this network are taken between two instants, in order; always, where nobody said anything."""
    found: list[Open] = []
    day, last = timezone.localdate(start), timezone.localdate(end)
    while day <= last:
        weekly = standing(rows, network=network, day=day)
        for one in (ALWAYS if weekly is None else weekly)[day.weekday()]:
            begun, done = (_instant(day, minutes(text)) for text in one[:2])
            by = _instant(day, minutes(one[2])) if one[2] else None
            if begun < done and done > start and begun < end:
                _append(found, Open(max(begun, start), min(done, end), by))
        day += timedelta(days=1)
    return found


def _append(found: list[Open], one: Open) -> None:
    if found and found[-1].end == one.start and found[-1].arrive_by == one.arrive_by:
        one = Open(found.pop().start, one.end, one.arrive_by)
    found.append(one)


def without(found: Iterable[Open], closed: Iterable[tuple[datetime, datetime]]) -> list[Open]:
    """What is left of these stretches while the hub is not closed."""
    left = list(found)
    for begun, done in closed:
        pieces = []
        for one in left:
            if done <= one.start or begun >= one.end:
                pieces.append(one)
                continue
            if one.start < begun:
                pieces.append(Open(one.start, begun, one.arrive_by))
            if done < one.end:
                pieces.append(Open(done, one.end, one.arrive_by))
        left = pieces
    return left


def _instant(day: date, at: int) -> datetime:
    return _on_the_wall(day, at, timezone.get_current_timezone())


@lru_cache(maxsize=4096)
def _on_the_wall(day: date, at: int, zone: tzinfo) -> datetime:
    """When the wall's clock shows this; a time that it jumps over in March is the instant of the jump.

    Thirty hubs have the same few hours on the same two days.
    """
    wall = datetime.combine(day, time()) + timedelta(minutes=at)
    before, after = (timezone.make_aware(wall.replace(fold=fold), zone).astimezone(UTC) for fold in (0, 1))
    if before <= after:
        return before
    return before.replace(minute=0)  # the hour that is left out is a whole one


def in_words(weekly: Weekly) -> str:
    """“Every day 08:00 to 24:00; Sunday closed”."""
    told = [_day(one) for one in weekly]
    if len(set(told)) == 1:
        return "always" if told[0] == "00:00 to 24:00" else f"every day {told[0]}"
    groups: list[tuple[str, list[str]]] = []
    for name, one in zip(DAYS, told, strict=True):
        if groups and groups[-1][0] == one:
            groups[-1][1].append(name)
        else:
            groups.append((one, [name]))
    return "; ".join(f"{n[0]}{f' to {n[-1]}' if len(n) > 1 else ''} {one}" for one, n in groups)


def _day(day: Sequence[Sequence[str]]) -> str:
    if not day:
        return "closed"
    return ", ".join(f"{start} to {end}{f' (there by {by})' if by else ''}" for start, end, by in day)
