"""Who may operate where, in which phase, and who answers for them; the only writer of authorisations.

The phases are those of the BSIR/BSNR supplementary guidance on training in thrombectomy (2017).
"""

from datetime import datetime

from django.db import transaction
from django.db.models import Q, QuerySet

from network.models import Person, Site
from workforce.models import Authorisation, Duty, Phase, Shift, Specialty


def _held(hub: Site, at: datetime) -> QuerySet[Authorisation]:
    held = Authorisation.objects.filter(hub=hub, since__lte=at).filter(Q(until=None) | Q(until__gt=at))
    return held.filter(person__is_active=True).select_related("person", "supervisor")


@transaction.atomic
def authorise(
    person: Person,
    hub: Site,
    *,
    specialty: Specialty,
    phase: Phase,
    at: datetime,
    supervisor: Person | None = None,
) -> Authorisation:
    """From `at` on the person operates at this hub in this phase; an earlier authorisation there ends."""
    Authorisation.objects.filter(person=person, hub=hub, until=None).update(until=at)
    return Authorisation.objects.create(
        person=person, hub=hub, specialty=specialty, phase=phase, since=at, supervisor=supervisor
    )


def authorisation(person: Person, hub: Site, *, at: datetime) -> Authorisation | None:
    """What this person may do at this hub now; None for somebody who may not operate there."""
    return _held(hub, at).filter(person=person).first()


def operators(hub: Site, *, at: datetime) -> list[Authorisation]:
    """Everyone who may operate at this hub, independent operators first."""
    ranks = {Phase.INDEPENDENT.value: 0, Phase.INDIRECT.value: 1, Phase.DIRECT.value: 2}
    return sorted(_held(hub, at), key=lambda a: (ranks[a.phase], a.person.name))


def may_confirm(person: Person, hub: Site, *, named: Person | None, at: datetime) -> bool:
    """May this person co-accept: the named supervisor, or an independent operator who is supervisor on call here."""
    held = authorisation(person, hub, at=at)
    if held is None or held.phase != Phase.INDEPENDENT:
        return False
    if named is not None and person.pk == named.pk:
        return True
    return Shift.objects.filter(hub=hub, duty=Duty.SUPERVISOR, person=person, period__contains=at).exists()
