"""What is recorded about an operator in training: enrolment, rungs, the agreement, who answers for them, reviews.

Called by the screens. Every change is written with its author; a phase is granted by workforce.sign_offs alone.
"""

from dataclasses import dataclass, fields
from datetime import date, datetime
from decimal import Decimal

from django.db import transaction

from network.models import Person, Site
from network.permissions import Rights
from workforce import access, changes, grades, phases
from workforce.models import Agreement, ChangeKind, Operator, Rung, Specialty
from workforce.refusals import Refused


@dataclass(frozen=True)
class Terms:
    """What the formal agreement of the BSIR/BSNR guidance has to say."""

    employer: str
    consultant: str
    centre: str
    starts_on: date
    months: int
    sessions_a_week: Decimal
    completion: str
    backfill: str
    in_hours: str
    out_of_hours: str


@transaction.atomic
def enrol(person: Person, hub: Site, *, specialty: Specialty, rights: Rights, at: datetime) -> Operator:
    """This person begins the way to operating at this hub; that alone allows them nothing."""
    access.check(access.leads(rights, hub), "Only the network’s lead or the medical director can enrol.")
    if Operator.objects.filter(person=person, hub=hub).exists():
        raise Refused(f"{person.name} is an operator at {hub} already.")
    operator = changes.locked(person, hub, specialty)
    changes.write(operator, ChangeKind.ENROLLED, by=rights.person, at=at, specialty=specialty)
    return operator


def people(hub: Site) -> list[Person]:
    """Everybody who operates at this hub or is on the way to it, by name."""
    rows = Operator.objects.filter(hub=hub, person__is_active=True).select_related("person")
    return [operator.person for operator in rows.order_by("person__name")]


@transaction.atomic
def reach(operator: Operator, rung: Rung, *, evidence: str, on: date, rights: Rights, at: datetime) -> None:
    """The next rung was reached on this day; the last one is reached by being signed off as independent."""
    operator = changes.again(operator)
    access.check(
        access.may_teach(rights, operator), "Only the supervisor or the medical director can record a rung."
    )
    following = grades.rung_after(operator.rung)
    if following is None:
        raise Refused(f"{operator.person.name} has reached the last rung already.")
    if rung == Rung.INDEPENDENT:
        raise Refused("The last rung is reached by being signed off as independent.")
    if rung != following:
        raise Refused(f"The next rung is “{following.label}”: no rung is left out, and none is repeated.")
    if on > changes.day(at):
        raise Refused("This day lies in the future. Check it.")
    operator.rung = rung
    changes.write(
        operator,
        ChangeKind.RUNG,
        by=rights.person,
        at=at,
        rung=rung,
        on=on.isoformat(),
        evidence=evidence,
    )


@transaction.atomic
def agree(operator: Operator, terms: Terms, *, rights: Rights, at: datetime) -> Agreement:
    """The formal agreement from now on; what was agreed before stays to be read."""
    operator = changes.again(operator)
    access.check(
        access.leads(rights, operator.hub), "Only the network’s lead or the medical director can do this."
    )
    said = {field.name: getattr(terms, field.name) for field in fields(terms)}
    agreement = Agreement.objects.create(operator=operator, made_by=rights.person, made_at=at, **said)
    changes.write(
        operator,
        ChangeKind.AGREED,
        by=rights.person,
        at=at,
        agreement=agreement.pk,
        centre=terms.centre,
        months=terms.months,
    )
    return agreement


@transaction.atomic
def name_supervisor(operator: Operator, supervisor: Person, *, rights: Rights, at: datetime) -> None:
    """From now on this person answers for the operator; Refused where they cannot."""
    operator = changes.again(operator)
    access.check(
        access.leads(rights, operator.hub), "Only the network’s lead or the medical director can do this."
    )
    phases.check_supervisor(supervisor, operator.hub, of=operator.person, at=at)
    held = phases.authorisation(operator.person, operator.hub, at=at)
    if held is not None and held.phase == grades.Phase.INDEPENDENT:
        raise Refused(f"{operator.person.name} operates independently: nobody answers for them.")
    before = operator.supervisor
    if before is not None and before.pk == supervisor.pk:
        raise Refused(f"{supervisor.name} answers for {operator.person.name} already.")
    operator.supervisor = supervisor
    if held is not None:
        phases.hand_over(held, supervisor, at=at)
    changes.write(
        operator,
        ChangeKind.SUPERVISOR,
        by=rights.person,
        at=at,
        supervisor=supervisor.name,
        before=before.name if before else "",
    )


@transaction.atomic
def review(operator: Operator, *, next_on: date, note: str, rights: Rights, at: datetime) -> None:
    """The arrangement was looked at, and is looked at again on another day."""
    operator = changes.again(operator)
    access.check(
        access.may_teach(rights, operator), "Only the supervisor or the medical director can record a review."
    )
    if next_on <= changes.day(at):
        raise Refused("The next review must lie in the future.")
    operator.review_on = next_on
    changes.write(
        operator,
        ChangeKind.REVIEWED,
        by=rights.person,
        at=at,
        next_on=next_on.isoformat(),
        note=note,
    )
