"""Duties for people's own calendar programs: iCalendar (RFC 5545) at a secret address that its owner can end.

The only writer of calendar addresses. A calendar says who is on which duty where and when, and nothing of any patient.
"""

import hashlib
import secrets
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta

from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from network.models import Network, Person, Site
from workforce.models import Shift
from workforce.rota_rows import CalendarAddress

BACK, AHEAD = timedelta(days=31), timedelta(days=366)
OCTETS = 75  # of a line before it is folded


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


@transaction.atomic
def issue(person: Person, hub: Site | None, *, at: datetime) -> str:
    """A new secret for this person's calendar, or for a hub's; shown once, and the one before it ends."""
    list(Person.objects.select_for_update(no_key=True).filter(pk=person.pk))
    end(person, hub, at=at)
    secret = secrets.token_urlsafe(32)
    CalendarAddress.objects.create(person=person, hub=hub, digest=_digest(secret), made_at=at)
    return secret


def end(person: Person, hub: Site | None, *, at: datetime) -> None:
    """The address opens nothing any more."""
    CalendarAddress.objects.filter(person=person, hub=hub, ended_at=None).update(ended_at=at)


def opened(secret: str) -> CalendarAddress | None:
    """Which calendar this secret opens; None for one that is unknown or ended, or whose owner may not sign in."""
    found = CalendarAddress.objects.filter(digest=_digest(secret), ended_at=None, person__is_active=True)
    return found.select_related("person", "hub__network").first()


def shifts_of(address: CalendarAddress, *, at: datetime) -> list[Shift]:
    """The duties in this calendar, from a month ago to a year ahead."""
    found = Shift.objects.filter(period__overlap=DateTimeTZRange(at - BACK, at + AHEAD))
    found = found.filter(hub=address.hub) if address.hub else found.filter(person=address.person)
    return list(found.select_related("person", "hub").order_by("period", "pk"))


def written(name: str, shifts: Iterable[Shift], *, with_names: bool, at: datetime) -> str:
    """These duties as an iCalendar file. Pure."""
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Dido//Rota//EN", f"X-WR-CALNAME:{_text(name)}"]
    lines += ["REFRESH-INTERVAL;VALUE=DURATION:PT1H", "X-PUBLISHED-TTL:PT1H"]
    for shift in shifts:
        who = f"{shift.person.name}: " if with_names else ""
        lines += [
            "BEGIN:VEVENT",
            f"UID:shift-{shift.pk}@dido",
            f"DTSTAMP:{_instant(at)}",
            f"DTSTART:{_instant(shift.period.lower)}",
            f"DTEND:{_instant(shift.period.upper)}",
            f"SUMMARY:{_text(f'{who}{shift.get_duty_display()}, {shift.hub.short_name}')}",
            f"LOCATION:{_text(shift.hub.name)}",
            "TRANSP:TRANSPARENT",
            "END:VEVENT",
        ]
    lines.append("END:VCALENDAR")
    return "".join(f"{part}\r\n" for line in lines for part in _folded(line))


def _instant(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def _text(text: str) -> str:
    for mark in ("\\", ";", ","):
        text = text.replace(mark, f"\\{mark}")
    return " ".join(text.splitlines())


def _folded(line: str) -> Iterator[str]:
    """A long line goes on in the next, which begins with a blank; no letter is cut in two."""
    part, size = "", 0
    for letter in line:
        octets = len(letter.encode())
        if size + octets > OCTETS:
            yield part
            part, size = " ", 1
        part, size = part + letter, size + octets
    yield part


def open_of(person: Person) -> set[int | None]:
    """Of which hubs (None: their own duties) this person has an address that is open."""
    held = CalendarAddress.objects.filter(person=person, ended_at=None)
    return set(held.values_list("hub", flat=True))


def name_of(address: CalendarAddress) -> str:
    """How the calendar is called in the program that reads it."""
    network: Network | None = address.hub.network if address.hub else None
    return f"Dido: {address.hub}, {network}" if address.hub else f"Dido: {address.person.name}"
