"""Who may operate where, in which phase, and who answers for them; the only writer of authorisations.

The phases are those of the BSIR/BSNR supplementary guidance on training in thrombectomy (2017). A phase that is signed
off comes from workforce.sign_offs; only records that are taken over are authorised here directly.
"""

from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet

from network.models import Person, Site
from workforce import changes, grades
from workforce.models import Authorisation, ChangeKind, Duty, Operator, Phase, Rung, Shift, Specialty
from workforce.refusals import Refused

# What somebody in a phase has behind them: Dido's own reading, because neither body maps its steps on the other's.
NEEDS = {Phase.DIRECT: Rung.DIAGNOSTIC, Phase.INDIRECT: Rung.FIRST, Phase.INDEPENDENT: Rung.FIRST}


class NotASupervisor(Refused):
    """This person cannot answer for another; the message says why."""


def holding(at: datetime) -> QuerySet[Authorisation]:
    """All that hold at an instant, of people who are not disabled."""
    held = touching(at, at).filter(person__is_active=True)
    return held.select_related("person", "supervisor")


def touching(start: datetime, end: datetime) -> QuerySet[Authorisation]:
    """All that hold at some time from start until end, both included; each has its own `ends_at`."""
    held = Authorisation.objects.filter(since__lte=end).filter(Q(until=None) | Q(until__gt=start))
    return held.filter(Q(expires_on=None) | Q(expires_on__gte=changes.day(start)))


def _held(hub: Site, at: datetime) -> QuerySet[Authorisation]:
    return holding(at).filter(hub=hub)


def check_supervisor(supervisor: Person, hub: Site, *, of: Person, at: datetime) -> None:
    """NotASupervisor unless this is an INR who does thrombectomy at this hub now, independently; never oneself."""
    name = supervisor.name
    if supervisor.pk == of.pk:
        raise NotASupervisor(f"{name} cannot answer for themselves. Name somebody else.")
    held = authorisation(supervisor, hub, at=at)
    if held is None:
        raise NotASupervisor(f"{name} does no thrombectomy at {hub} now, so they cannot supervise there.")
    if held.phase != Phase.INDEPENDENT:
        stands = held.get_phase_display().lower()
        raise NotASupervisor(f"{name} is under {stands} at {hub}. A supervisor operates independently.")
    if held.specialty != Specialty.INR:
        said = held.get_specialty_display().lower()
        raise NotASupervisor(f"{name} is an {said}. A supervisor is an interventional neuroradiologist.")


@transaction.atomic
def authorise(
    person: Person,
    hub: Site,
    *,
    specialty: Specialty,
    phase: Phase,
    at: datetime,
    supervisor: Person | None = None,
    by: Person | None = None,
    expires_on: date | None = None,
    **details: Any,
) -> Authorisation:
    """From `at` on the person operates at this hub in this phase; an earlier authorisation there ends.

    NotASupervisor where the one who is to answer for them cannot.
    """
    if supervisor is not None:
        check_supervisor(supervisor, hub, of=person, at=at)
    operator = changes.locked(person, hub, specialty)
    Authorisation.objects.filter(person=person, hub=hub, until=None).update(until=at)
    held = Authorisation.objects.create(
        person=person,
        hub=hub,
        specialty=specialty,
        phase=phase,
        since=at,
        supervisor=supervisor,
        expires_on=expires_on,
    )
    operator.specialty, operator.supervisor = specialty, supervisor
    behind = Rung.INDEPENDENT if phase == Phase.INDEPENDENT else NEEDS[phase]
    operator.rung = max(operator.rung, behind, key=grades.height)
    details |= {"phase": phase, "supervisor": supervisor.name if supervisor else ""}
    if expires_on:
        details["expires_on"] = expires_on.isoformat()
    changes.write(operator, ChangeKind.AUTHORISED, by=by, at=at, **details)
    return held


def hand_over(held: Authorisation, supervisor: Person, *, at: datetime) -> None:
    """From `at` on another answers for them; the phase goes on as it is. The operator is locked by the caller."""
    Authorisation.objects.filter(pk=held.pk).update(until=at)
    held.pk, held.since, held.supervisor = None, at, supervisor
    held.save(force_insert=True)


def latest(person: Person, hub: Site) -> Authorisation | None:
    """The authorisation here that nobody has ended, whether it has expired or not."""
    return Authorisation.objects.filter(person=person, hub=hub, until=None).first()


@transaction.atomic
def end(operator: Operator, *, at: datetime) -> bool:
    """From `at` on this person does not operate at this hub any more; False where they did not."""
    mine = Authorisation.objects.filter(person=operator.person_id, hub=operator.hub_id, until=None)
    return bool(mine.update(until=at))


def authorisation(person: Person, hub: Site, *, at: datetime) -> Authorisation | None:
    """What this person may do at this hub now; None for somebody who may not operate there."""
    return _held(hub, at).filter(person=person).first()


def operators(hub: Site, *, at: datetime) -> list[Authorisation]:
    """Everyone who may operate at this hub, independent operators first."""
    ranks = {Phase.INDEPENDENT.value: 0, Phase.INDIRECT.value: 1, Phase.DIRECT.value: 2}
    return sorted(_held(hub, at), key=lambda a: (ranks[a.phase], a.person.name))


def supervisors(hub: Site, *, at: datetime) -> list[Person]:
    """Whoever could be named to answer for somebody in training at this hub, by name."""
    able = _held(hub, at).filter(phase=Phase.INDEPENDENT, specialty=Specialty.INR).order_by("person__name")
    return [held.person for held in able]


def reachable_supervisors(hub: Site, *, of: Person, at: datetime) -> list[Person]:
    """Who can be reached now to answer for this operator: whoever is supervisor on call here, then the one named.

    Each is independent here, and has a phone that is known to work.
    """
    held = {one.person_id: one for one in _held(hub, at)}
    on_duty = Shift.objects.filter(hub=hub, duty=Duty.SUPERVISOR, period__contains=at)
    wanted = list(on_duty.values_list("person", flat=True))
    if of.pk in held and (named := held[of.pk].supervisor_id) is not None:
        wanted.append(named)
    found = [held[pk] for pk in dict.fromkeys(wanted) if pk in held and pk != of.pk]
    return [one.person for one in found if one.phase == Phase.INDEPENDENT and _is_reachable(one.person)]


def _is_reachable(person: Person) -> bool:
    return bool(person.phone and person.phone_verified_at and not person.phone_trouble)


def may_confirm(person: Person, hub: Site, *, named: Person | None, at: datetime) -> bool:
    """May this person co-accept: the named supervisor, or an independent operator who is supervisor on call here."""
    held = authorisation(person, hub, at=at)
    if held is None or held.phase != Phase.INDEPENDENT:
        return False
    if named is not None and person.pk == named.pk:
        return True
    return Shift.objects.filter(hub=hub, duty=Duty.SUPERVISOR, person=person, period__contains=at).exists()
