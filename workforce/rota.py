"""Who is on call, and the only writer of shifts.

Reading is pure over rows: the instant is an argument. Called by the pager, the API and the screens.
"""

from collections.abc import Iterable
from datetime import datetime

from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from network.models import Person, Site
from workforce.models import Duty, Shift

ORDER = {Duty.FIRST.value: 0, Duty.SECOND.value: 1, Duty.SUPERVISOR.value: 2}


class Unreachable(ValueError):
    """Nobody is put on a rota whom no page can reach; the message says what is missing."""


def check_reachable(person: Person) -> None:
    """Unreachable unless this person has proved that a page reaches their phone."""
    if not person.phone:
        raise Unreachable(
            f"{person.name} has no phone number. They can add one on their own page, “My phone”."
        )
    if person.phone_verified_at is None:
        raise Unreachable(
            f"{person.name} has not shown yet that pages reach {person.phone}. They can do so on “My phone”."
        )


def put(hub: Site, duty: Duty, person: Person, *, start: datetime, end: datetime) -> Shift:
    """Put a person on a duty from start until end (exclusive); the database refuses an overlap.

    Unreachable where no page has been proved to reach the person.
    """
    check_reachable(person)
    return Shift.objects.create(hub=hub, duty=duty, person=person, period=DateTimeTZRange(start, end))


def on_call(hub: Site, *, at: datetime) -> list[Shift]:
    """The shifts of this hub that hold at an instant, first on call first."""
    return on_call_at([hub], at=at)


def on_call_at(hubs: Iterable[Site], *, at: datetime) -> list[Shift]:
    """The shifts of several hubs that hold at an instant, in one query."""
    shifts = Shift.objects.filter(hub__in=list(hubs), period__contains=at).select_related("person", "hub")
    return sorted(shifts, key=lambda shift: (shift.hub_id, ORDER[shift.duty]))


def between(hubs: Iterable[Site], *, start: datetime, end: datetime) -> list[Shift]:
    """All shifts of these hubs that touch [start, end), in order of time."""
    shifts = Shift.objects.filter(hub__in=list(hubs), period__overlap=DateTimeTZRange(start, end))
    return sorted(
        shifts.select_related("person", "hub"), key=lambda s: (s.hub_id, ORDER[s.duty], s.period.lower)
    )


def gaps(
    shifts: Iterable[Shift], duty: Duty, *, start: datetime, end: datetime
) -> list[tuple[datetime, datetime]]:
    """The stretches of [start, end) in which nobody among these shifts of one hub holds the duty."""
    found: list[tuple[datetime, datetime]] = []
    covered = start
    holding = (s for s in shifts if s.duty == duty and s.period.lower < end)
    for shift in sorted(holding, key=lambda s: s.period.lower):
        if shift.period.lower > covered:
            found.append((covered, shift.period.lower))
        covered = max(covered, shift.period.upper)
    if covered < end:
        found.append((covered, end))
    return found
