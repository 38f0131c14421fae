"""Who is on call, and the only writer of shifts; each change leaves its event in the same transaction.

Reading is pure over rows: the instant is an argument. Called by the pager, the API and the screens; changes that people
make come through workforce.rota_edits and workforce.swaps, which check rights and rules first.
"""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime

from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from network.models import Network, Person, Site
from workforce.models import Duty, Shift
from workforce.rota_plan import Holding
from workforce.rota_rows import Deed, RotaEvent
from workforce.rules.facts import without

ORDER = {duty.value: number for number, duty in enumerate(Duty)}
ON_CALL = (Duty.FIRST, Duty.SECOND, Duty.SUPERVISOR)  # those who are paged for a hub's patients


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
    change = Holding(hub, duty, person, start, end)
    with transaction.atomic():
        shift = _create(change, person)
        note(Deed.PUT, change, by=None)
    return shift


def carve(
    changes: Sequence[Holding], *, deed: Deed, by: Person, reason: str, breaches: Sequence[str]
) -> None:
    """Make these changes together: whoever held the duty then gives it up for that time, and the new person has it.

    IntegrityError where somebody would be on call twice at once.
    """
    with transaction.atomic():
        for change in changes:
            _take_out(change)
        for change in changes:
            if change.person is not None:
                _create(change, change.person)
            done = deed if change.person else Deed.OFF
            note(done, change, by=by, reason=reason, breaches=breaches)


def _create(change: Holding, person: Person) -> Shift:
    period = DateTimeTZRange(change.start, change.end)
    return Shift.objects.create(hub=change.hub, duty=change.duty, person=person, period=period)


def _take_out(change: Holding) -> None:
    """The shift keeps its identity where its beginning stays, so that a test of the phone still belongs to it."""
    taken = (change.start, change.end)
    held = Shift.objects.filter(hub=change.hub, duty=change.duty, period__overlap=DateTimeTZRange(*taken))
    for shift in held.select_for_update():
        parts = without((shift.period.lower, shift.period.upper), [taken])
        if not parts:
            shift.delete()
            continue
        shift.period = DateTimeTZRange(*parts[0])
        shift.save(update_fields=["period"])
        for start, end in parts[1:]:
            Shift.objects.create(
                hub=shift.hub, duty=shift.duty, person=shift.person, period=DateTimeTZRange(start, end)
            )


def note(
    deed: Deed, change: Holding, *, by: Person | None, reason: str = "", breaches: Sequence[str] = ()
) -> RotaEvent:
    """Append one event to the trail of a hub's rota; `by` None: a plan, and nobody in person."""
    return RotaEvent.objects.create(
        network_id=change.hub.network_id,
        hub=change.hub,
        deed=deed,
        person=change.person,
        duty=change.duty,
        start=change.start,
        end=change.end,
        by=by,
        reason=reason,
        breaches=list(breaches),
    )


def on_call(hub: Site, *, at: datetime) -> list[Shift]:
    """The shifts of this hub that hold at an instant, first on call first."""
    return on_call_at([hub], at=at)


def on_call_at(hubs: Iterable[Site], *, at: datetime) -> list[Shift]:
    """The shifts of several hubs that hold at an instant, in one query; the coordinator's is not the hub's alone."""
    places = {hub.pk: hub for hub in hubs}
    held = list(
        Shift.objects.filter(hub__in=places, period__contains=at, duty__in=ON_CALL).select_related("person")
    )
    for shift in held:
        shift.hub = places[shift.hub_id]  # known already: not read again for each duty
    return standing(held, at=at)


def standing(shifts: Iterable[Shift], *, at: datetime) -> list[Shift]:
    """Who of these is on at an instant, by hub and duty: a shift's end belongs to the next. Pure."""
    on = (s for s in shifts if s.period.lower <= at < s.period.upper)
    return sorted(on, key=lambda s: (s.hub_id, ORDER[s.duty]))


def coordinating(networks: Collection[Network | int], *, at: datetime) -> list[Shift]:
    """The coordinators on duty in these networks at an instant: at whichever hub the duty is held, it is for all."""
    held = Shift.objects.filter(hub__network__in=networks, period__contains=at, duty=Duty.COORDINATOR)
    return list(held.select_related("person", "hub").order_by("hub"))


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
