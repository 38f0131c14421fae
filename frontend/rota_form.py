"""What was typed to change a rota, read into days, hours and people; each fault in words.

Called by frontend.views.rota and frontend.views.my_rota. It knows no rule and writes nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from django.http import QueryDict
from django.utils import timezone

from network import digits
from network.models import Person
from workforce import patterns
from workforce.models import Duty
from workforce.patterns import Again
from workforce.rules.facts import Stretch

LONGEST = timedelta(days=40)
MOST_WEEKS = 27


class Unreadable(ValueError):
    """Something typed cannot be read; the message says which, in words."""


@dataclass(frozen=True)
class Wanted:
    """One change as it was typed."""

    duty: str = Duty.FIRST.value
    who: str = ""
    start: str = ""
    end: str = ""
    reason: str = ""
    weekdays: tuple[str, ...] = ("0", "1", "2", "3", "4", "5", "6")
    team: tuple[str, ...] = ()
    extra: Mapping[str, str] = field(default_factory=dict)


def begin(on: date) -> Wanted:
    """What the form begins with on a day that was chosen: its night."""
    return Wanted(start=f"{on}T20:00", end=f"{on + timedelta(days=1)}T08:00")


def typed(post: QueryDict) -> Wanted:
    """What was typed, as it is."""
    return Wanted(
        duty=post.get("duty", ""),
        who=post.get("who", ""),
        start=post.get("start", ""),
        end=post.get("end", ""),
        reason=post.get("reason", "")[:500],
        weekdays=tuple(post.getlist("weekdays")),
        team=tuple(post.getlist("team")),
        extra={name: post.get(name, "") for name in ("first", "last", "from", "until")},
    )


def duty(text: str) -> str:
    if text not in Duty.values:
        raise Unreadable("Choose a duty.")
    return text


def moment(text: str, which: str) -> datetime:
    """A day and an hour of London's wall clock, as an instant."""
    try:
        found = datetime.fromisoformat(text)
        return patterns.instant(_of_our_time(found.date()), found.time())
    except ValueError as error:
        raise Unreadable(f"{which}: give a day and a time, such as 24 November 2026, 20:00.") from error


def day(text: str, which: str) -> date:
    try:
        return _of_our_time(date.fromisoformat(text))
    except ValueError as error:
        raise Unreadable(f"{which}: give a day, such as 24 November 2026.") from error


def chosen(text: str) -> date | None:
    """The day that was chosen on the page; None for none."""
    try:
        return _of_our_time(date.fromisoformat(text))
    except ValueError:
        return None


def _of_our_time(found: date) -> date:
    """ValueError for a day that no rota of ours has, and beyond which there may be no other."""
    if not 2000 < found.year < 2100:
        raise ValueError(found)
    return found


def hour(text: str, which: str) -> time:
    try:
        found = time.fromisoformat(text)
        if found.tzinfo is not None:
            raise ValueError(text)
        return found
    except ValueError as error:
        raise Unreadable(f"{which}: give a time of day, such as 20:00.") from error


def stretch(wanted: Wanted) -> Stretch:
    """From when until when."""
    start, end = moment(wanted.start, "From"), moment(wanted.end, "Until")
    if end - start > LONGEST:
        raise Unreadable("That is more than forty days at once. Fill weeks from a pattern instead.")
    return start, end


def person(text: str, known: Mapping[int, str]) -> Person | None:
    """Whoever was chosen among those who can be; None for nobody."""
    if text == "nobody":
        return None
    number = digits.whole(text) or 0
    if number not in known:
        raise Unreadable("Choose who is on, or “Nobody”.")
    return Person.objects.get(pk=number)


def filling(wanted: Wanted, known: Mapping[int, str]) -> tuple[Again, list[Person], list[Stretch]]:
    """A pattern, the people in turn, and its duties from the first day to the last."""
    first, last = day(wanted.extra["first"], "First day"), day(wanted.extra["last"], "Last day")
    if not timedelta() <= last - first < timedelta(weeks=MOST_WEEKS):
        raise Unreadable(f"The last day comes after the first, and at most {MOST_WEEKS - 1} weeks later.")
    days = frozenset(int(d) for d in wanted.weekdays if d in set("0123456"))
    again = Again(
        duty(wanted.duty),
        days,
        hour(wanted.extra["from"], "From"),
        hour(wanted.extra["until"], "Until"),
    )
    ids = [pk for text in wanted.team if (pk := digits.whole(text)) in known]
    people = Person.objects.in_bulk(ids)
    return again, [people[pk] for pk in ids], patterns.stretches(again, first, last)


def month(text: str | None, *, now: datetime) -> date:
    """The first day of the month that was asked for; of this month where nothing was."""
    if not text:
        return timezone.localtime(now).date().replace(day=1)
    try:
        return _of_our_time(date.fromisoformat(f"{text}-01"))
    except ValueError as error:
        raise Unreadable("This is no month.") from error
