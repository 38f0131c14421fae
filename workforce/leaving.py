"""Somebody leaves a place: the role ends, and with it their duties ahead there and their right to operate there.

Called by the screen of people. network.access judges and keeps the decision; here is what it does to the rota.
"""

from collections.abc import Collection
from datetime import datetime

from django.db import transaction
from django.db.models import Q, QuerySet

from network import access
from network.access import Decision
from network.access_rows import AccessChange
from network.models import Membership, Person, Role
from workforce import changes, cover, phases, rota
from workforce.models import ChangeKind, Duty, Operator, Shift
from workforce.rota_plan import Holding
from workforce.rota_rows import Deed
from workforce.rules.facts import Stretch, shared


def duties(person: Person, *, at: datetime) -> QuerySet[Shift]:
    """What somebody is on for now and ahead, in order of time."""
    ahead = Shift.objects.filter(person=person, period__endswith__gt=at)
    return ahead.select_related("hub__network", "person").order_by("period")


def duties_of_role(held: Membership, *, at: datetime) -> QuerySet[Shift]:
    """Those of their duties that hang on this role: an operator's at the hub, a coordinator's in the network."""
    hang = Q(pk__in=[])
    if held.role == Role.OPERATOR:
        hang = Q(hub=held.site_id, duty__in=rota.ON_CALL)
    elif held.role == Role.COORDINATOR:
        hang = Q(hub__network=held.network_id, duty=Duty.COORDINATOR)
    return duties(held.person, at=at).filter(hang)


def holes(shifts: Collection[Shift], *, at: datetime) -> dict[int, list[Stretch]]:
    """When nobody could take a patient if the holder of these duties were gone, by hub; all are one person's."""
    ahead = [shift for shift in shifts if shift.duty in rota.ON_CALL]
    if not ahead:
        return {}
    end = max(shift.period.upper for shift in ahead)
    found = cover.of_hubs({shift.hub for shift in ahead}, start=at, end=end, without=ahead[0].person)
    return {
        pk: [
            both
            for gap in cover.gaps(stretches)
            for shift in ahead
            if shift.hub_id == pk and (both := shared(gap, (shift.period.lower, shift.period.upper)))
        ]
        for pk, stretches in found.items()
    }


def take_role(decision: Decision, held: Membership) -> AccessChange:
    """The role ends now; AccessRefused says why not. The duties are nobody's then, and every page says so."""
    with transaction.atomic():
        change = access.take(decision, held)
        _leave_the_rota(held, change, at=decision.at)
        if held.role == Role.OPERATOR:
            _stop_operating(held, change, at=decision.at)
    return change


def _leave_the_rota(held: Membership, change: AccessChange, *, at: datetime) -> None:
    off = [
        Holding(shift.hub, shift.duty, None, max(shift.period.lower, at), shift.period.upper)
        for shift in duties_of_role(held, at=at)
    ]
    rota.carve(off, deed=Deed.OFF, by=change.by, reason=change.reason, breaches=[])


def _stop_operating(held: Membership, change: AccessChange, *, at: datetime) -> None:
    operator = Operator.objects.filter(person=held.person, hub=held.site_id).first()
    if operator is None:
        return
    operator = changes.again(operator)
    if phases.end(operator, at=at):
        changes.write(operator, ChangeKind.ENDED, by=change.by, at=at, phase="", reason=change.reason)
