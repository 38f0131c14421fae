"""Duties from a calendar file (iCalendar, RFC 5545), as Dido and other rota programs write it; nothing guessed.

Pure: text in, changes or faults out, each with its event and field. Called by frontend.views.rota_import beside
workforce.imports, which reads tables and shares its words.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from icalendar import Calendar, Event

from network.models import Person, Site
from workforce import imports, patterns
from workforce.imports import DUTIES, MOST, Fault
from workforce.models import Duty
from workforce.rota_plan import Holding

EVENT = "Event"
SHAPE = (
    "The summary reads “Ben Hale: First on call”, or the category is the duty and the attendee the person."
)


def is_calendar(text: str) -> bool:
    """Whether this is a calendar and no table."""
    return text.lstrip("\ufeff \r\n\t")[:15].upper() == "BEGIN:VCALENDAR"


def read(text: str, hub: Site, people: Iterable[Person]) -> tuple[list[Holding], list[Fault]]:
    """The duties of one hub in this calendar; where anything is at fault, all the faults."""
    try:
        calendar = Calendar.from_ical(text.lstrip("\ufeff \r\n\t"))
    except ValueError as error:
        return [], [Fault(1, "", f"This is no calendar that can be read: {str(error)[:120]}.", "Line")]
    known = imports.known(people)
    events = [event for event in calendar.events if str(event.get("STATUS", "")).upper() != "CANCELLED"]
    if len(events) > MOST:
        return [], [Fault(MOST + 1, "", f"At most {MOST} duties at once.", EVENT)]
    changes: list[tuple[int, Holding]] = []
    faults: list[Fault] = []
    for number, event in enumerate(events, 1):
        change, wrong = _event(number, event, hub, known)
        faults += wrong
        if change:
            changes.append((number, change))
    return [change for _, change in changes], faults + imports.overlaps(changes, EVENT)


def _event(
    number: int, event: Event, hub: Site, known: dict[str, list[Person]]
) -> tuple[Holding | None, list[Fault]]:
    faults: list[Fault] = []

    def wrong(field: str, words: str) -> None:
        faults.append(Fault(number, field, words, EVENT))

    if any(field in event for field in ("RRULE", "RDATE", "RECURRENCE-ID")):
        wrong("RRULE", "comes again and again. Send each duty as an event of its own.")
    who, what = _named(event)
    duty = DUTIES.get(what.lower())
    if duty is None:
        wrong("SUMMARY", f"“{what[:40]}” is none of {', '.join(Duty.labels)}. {SHAPE}")
    named = known.get(who.lower(), [])
    if len(named) != 1:
        why = "is more than one person; use the user name" if named else "is nobody who can be on this rota"
        wrong("SUMMARY", f"“{who[:80]}” {why}.")
    start, end = _moment(event, "start"), _moment(event, "end")
    for field, moment in (("DTSTART", start), ("DTEND", end)):
        if moment is None:
            wrong(field, "is no day and time. A duty has hours; a whole day is none.")
    if start and end and end <= start:
        wrong("DTEND", "is not later than the start.")
    if faults or duty is None or start is None or end is None:
        return None, faults
    return Holding(hub, duty, named[0], start, end), []


def _named(event: Event) -> tuple[str, str]:
    """Who and what, from the summary or from attendee and category."""
    summary = str(event.get("SUMMARY", "")).strip()
    who, parted, what = summary.partition(":")
    if parted:
        return who.strip(), what.partition(",")[0].strip()
    return _attendee(event), _category(event) or summary


def _attendee(event: Event) -> str:
    found: Any = event.get("ATTENDEE")
    one = found[0] if isinstance(found, list) and found else found
    return str(one.params.get("CN", "")).strip() if hasattr(one, "params") else ""


def _category(event: Event) -> str:
    found: Any = event.get("CATEGORIES")
    one = found[0] if isinstance(found, list) and found else found
    return str(one.cats[0]).strip() if hasattr(one, "cats") and one.cats else ""


def _moment(event: Event, which: str) -> datetime | None:
    """An instant; a time that names no zone is London's."""
    try:
        found = getattr(event, which)
    except ValueError:  # what the file says there is no time at all
        return None
    if not isinstance(found, datetime):
        return None
    if found.tzinfo is None:
        return patterns.instant(found.date(), found.time())
    return found
