"""The trail of an operator: the one way in which a change is written down. Who may make it is asked before.

Called by the writers of this app, inside their transaction; it numbers the changes under the operator's lock.
"""

from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from network.models import Person, Site
from workforce.models import Change, ChangeKind, Operator, Specialty


def day(at: datetime) -> date:
    """The day of an instant, as the network's clocks have it."""
    return timezone.localtime(at).date()


def locked(person: Person, hub: Site, specialty: Specialty) -> Operator:
    """This person at this hub, locked until the caller commits; made where there is none yet."""
    Operator.objects.get_or_create(person=person, hub=hub, defaults={"specialty": specialty})
    return again(Operator.objects.get(person=person, hub=hub))


def again(operator: Operator) -> Operator:
    """The same operator as they stand now, locked until the caller commits."""
    rows = Operator.objects.select_for_update(no_key=True, of=("self",))
    return rows.select_related("person", "hub__network", "supervisor").get(pk=operator.pk)


def write(operator: Operator, kind: ChangeKind, *, by: Person | None, at: datetime, **details: Any) -> Change:
    """Save the operator, and append what was changed; the row is locked by the caller."""
    assert transaction.get_connection().in_atomic_block, "a change and its trail are saved together"
    operator.save()
    return Change.objects.create(
        operator=operator,
        number=operator.changes.count() + 1,
        kind=kind,
        by=by,
        at=at,
        written_at=at,
        details=details,
    )
