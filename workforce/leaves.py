"""Leave and call-outs: who enters and ends them. Rights here; each change leaves its event.

Called by the screens. Leave takes nobody off the rota by itself: the rules show where it meets a duty.
"""

from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from network import permissions
from network.models import Network, Person
from network.permissions import Rights
from workforce.models import Authorisation, Shift
from workforce.rota_edits import NotOnTheRota
from workforce.rota_rows import CallOut, Deed, Leave, LeaveKind, RotaEvent


def networks_of(person: Person, *, at: datetime) -> dict[int, Network]:
    """The networks in whose hubs this person operates."""
    held = Authorisation.objects.filter(person=person, until=None, since__lte=at)
    return {h.hub.network_id: h.hub.network for h in held.select_related("hub__network")}


def may_enter(rights: Rights, person: Person, *, at: datetime) -> bool:
    """One's own, and that of the operators in a network that one coordinates or leads."""
    if rights.person.pk == person.pk:
        return True
    return any(rights.oversees(network) for network in networks_of(person, at=at))


def _note(deed: Deed, leave: Leave, *, by: Person, at: datetime, reason: str) -> None:
    for network in networks_of(leave.person, at=at).values():
        RotaEvent.objects.create(
            network=network,
            deed=deed,
            person=leave.person,
            start=leave.period.lower,
            end=leave.period.upper,
            by=by,
            reason=reason,
        )


def enter(
    person: Person, kind: LeaveKind, *, start: datetime, end: datetime, by: Person, at: datetime
) -> Leave:
    """This person is away from start until end."""
    if not may_enter(permissions.rights(by, at=at), person, at=at):
        raise NotOnTheRota(f"You cannot enter leave for {person.name}.")
    if start >= end:
        raise NotOnTheRota("The last day of leave is before the first.")
    if end <= at:
        raise NotOnTheRota("This leave is past.")
    try:
        with transaction.atomic():
            leave = Leave.objects.create(person=person, kind=kind, period=DateTimeTZRange(start, end))
            _note(Deed.LEAVE, leave, by=by, at=at, reason=leave.get_kind_display())
    except IntegrityError as error:
        raise NotOnTheRota(f"{person.name} has leave on some of these days already.") from error
    return leave


def withdraw(leave: Leave, *, by: Person, at: datetime) -> None:
    """The leave is off: all of it before it began, what is left of it afterwards."""
    if not may_enter(permissions.rights(by, at=at), leave.person, at=at):
        raise NotOnTheRota(f"You cannot change the leave of {leave.person.name}.")
    if leave.period.upper <= at:
        raise NotOnTheRota("This leave is past.")
    with transaction.atomic():
        _note(Deed.LEAVE_ENDED, leave, by=by, at=at, reason=leave.get_kind_display())
        if leave.period.lower >= at:
            leave.delete()
        else:
            leave.period = DateTimeTZRange(leave.period.lower, at)
            leave.save(update_fields=["period"])


def called_out(shift: Shift, *, start: datetime, end: datetime, by: Person, at: datetime) -> CallOut:
    """Whoever holds or held this shift notes when they had to work: a full day of rest is due after a night."""
    if by.pk != shift.person_id:
        raise NotOnTheRota("Only whoever was on call notes a call-out.")
    if not shift.period.lower <= start < end <= min(shift.period.upper, at):
        raise NotOnTheRota("A call-out lies within the shift, and not in the future.")
    with transaction.atomic():
        found = CallOut.objects.create(person=by, hub=shift.hub, period=DateTimeTZRange(start, end))
        RotaEvent.objects.create(
            network_id=shift.hub.network_id,
            hub=shift.hub,
            deed=Deed.CALLED_OUT,
            person=by,
            duty=shift.duty,
            start=start,
            end=end,
            by=by,
        )
    return found
