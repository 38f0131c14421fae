"""A phase is granted by two: the supervisor who has seen the work, and the medical director, with a reference.

Called by the screens. It says what is missing before, keeps each signature as a change, and grants at the second one.
Going back needs one of the two, at once.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from django.db import transaction

from network.models import Person, Role
from network.permissions import Rights
from workforce import access, changes, grades, phases
from workforce.models import Authorisation, Change, ChangeKind, Operator, Phase, Rung, Specialty
from workforce.refusals import NotEntitled, Refused

RENEWED_FROM = timedelta(days=90)  # before it expires
SIGNATURE_HOLDS = timedelta(days=90)  # Dido's own: what was seen longer ago is looked at again
ENDS_SIGNATURES = (ChangeKind.AUTHORISED, ChangeKind.SET_BACK, ChangeKind.ENDED, ChangeKind.SUPERVISOR)


class Capacity(StrEnum):
    """As what somebody signs."""

    SUPERVISOR = "supervisor"
    DIRECTOR = "director"


AS = {Capacity.SUPERVISOR: "supervisor", Capacity.DIRECTOR: "medical director"}
OTHER = {Capacity.SUPERVISOR: Capacity.DIRECTOR, Capacity.DIRECTOR: Capacity.SUPERVISOR}


@dataclass(frozen=True)
class Step:
    """A phase that somebody could be signed off to: what is still missing for it, and who has signed already."""

    phase: Phase
    renews: bool
    missing: tuple[str, ...]
    signed: dict[str, Change]  # by capacity


def steps(operator: Operator, *, at: datetime) -> list[Step]:
    """The next phase of this operator, and the present one again where it has expired or soon will."""
    held = phases.latest(operator.person, operator.hub)
    if held is None:
        return [_step(operator, Phase.DIRECT, None, at)]
    found = []
    if held.expires_on and held.expires_on <= changes.day(at + RENEWED_FROM):
        found.append(_step(operator, Phase(held.phase), held, at))
    if following := grades.phase_after(Phase(held.phase)):
        found.append(_step(operator, following, held, at))
    return found


def _step(operator: Operator, phase: Phase, held: Authorisation | None, at: datetime) -> Step:
    renews = held is not None and held.phase == phase
    missing = _missing(operator, phase, held, at)
    return Step(phase, renews, tuple(missing), _signed(operator, phase, at))


def _missing(operator: Operator, phase: Phase, held: Authorisation | None, at: datetime) -> list[str]:
    if held is not None and held.phase == phase == Phase.INDEPENDENT:
        return []  # any colleague who could supervise signs it anew
    found = []
    needed = phases.NEEDS[phase]
    if grades.height(operator.rung) < grades.height(needed):
        reached = Rung(operator.rung).label if operator.rung else "none"
        found.append(f"The rung “{needed.label}” (reached so far: {reached.lower()}).")
    if not operator.agreements.exists():
        found.append("The formal agreement.")
    if operator.supervisor is None:
        found.append("A named supervisor.")
    else:
        try:
            phases.check_supervisor(operator.supervisor, operator.hub, of=operator.person, at=at)
        except phases.NotASupervisor as why:
            found.append(f"A supervisor who can answer for them: {why}")
    return found


def _signed(operator: Operator, phase: Phase, at: datetime) -> dict[str, Change]:
    """The signatures that still count for this phase, by capacity."""
    last = operator.changes.filter(kind__in=ENDS_SIGNATURES).order_by("-number").first()
    signed = operator.changes.filter(kind=ChangeKind.SIGNED, number__gt=last.number if last else 0)
    counts = signed.filter(written_at__gt=at - SIGNATURE_HOLDS, details__phase=phase).select_related("by")
    return {change.details["capacity"]: change for change in counts.order_by("number")}


def capacities(rights: Rights, operator: Operator, step: Step, *, at: datetime) -> list[Capacity]:
    """As what this person could sign this operator off to this phase."""
    if operator.person_id == rights.person.pk:
        return []
    answers = access.supervises(rights, operator)
    if step.renews and step.phase == Phase.INDEPENDENT:
        peers = phases.supervisors(operator.hub, at=at)
        answers = rights.has(Role.OPERATOR, site_id=operator.hub_id) and rights.person in peers
    found = [Capacity.SUPERVISOR] if answers else []
    return [*found, Capacity.DIRECTOR] if access.governs(rights, operator.hub) else found


@dataclass(frozen=True)
class Signature:
    """What is signed: on what grounds, and for the medical director the reference and the days that limit it."""

    grounds: str
    reference: str = ""
    expires_on: date | None = None
    review_on: date | None = None


@transaction.atomic
def sign(
    operator: Operator, phase: Phase, capacity: Capacity, said: Signature, *, rights: Rights, at: datetime
) -> bool:
    """Sign the operator off to their next phase; True where this was the second signature, and it now holds."""
    operator = changes.again(operator)
    step = next((step for step in steps(operator, at=at) if step.phase == phase), None)
    if step is None:
        raise Refused(f"{operator.person.name} does not stand before this phase by now. Look again.")
    _check_may(operator, step, capacity, rights=rights, at=at)
    theirs = step.signed.get(OTHER[capacity])
    _check(capacity, said, at)
    details = {"phase": phase, "capacity": capacity, "grounds": said.grounds, "reference": said.reference}
    if capacity is Capacity.DIRECTOR:
        details |= {"expires_on": _iso(said.expires_on), "review_on": _iso(said.review_on)}
    mine = changes.write(operator, ChangeKind.SIGNED, by=rights.person, at=at, **details)
    if theirs is None:
        return False
    _grant(operator, phase, mine if capacity is Capacity.DIRECTOR else theirs, (theirs, mine), at)
    return True


def _check_may(operator: Operator, step: Step, capacity: Capacity, *, rights: Rights, at: datetime) -> None:
    if capacity not in capacities(rights, operator, step, at=at):
        raise NotEntitled(
            "Only the supervisor and the medical director sign somebody off, and nobody themselves."
            " Nothing was changed."
        )
    if step.missing:
        raise Refused(f"This is missing first: {' '.join(step.missing)}")
    if capacity in step.signed:
        raise Refused(f"The {AS[capacity]} has signed already.")
    if any(change.by_id == rights.person.pk for change in step.signed.values()):
        raise Refused("Two different people sign somebody off. You have signed already.")


def _iso(day: date | None) -> str:
    return day.isoformat() if day else ""


def _check(capacity: Capacity, said: Signature, at: datetime) -> None:
    if not said.grounds:
        raise Refused("Say what this is based on: what was seen, and where it is written down.")
    if capacity is Capacity.SUPERVISOR:
        return
    if not said.reference:
        raise Refused("The medical director signs with governance’s reference.")
    if said.expires_on is None or said.review_on is None:
        raise Refused("Say when this expires, and when it is looked at again.")
    if not changes.day(at) < said.review_on <= said.expires_on:
        raise Refused("The review must lie in the future, and not after the expiry.")


def _grant(
    operator: Operator, phase: Phase, director: Change, both: tuple[Change, Change], at: datetime
) -> None:
    """Both have signed: from now on it holds, until the day that the medical director named."""
    days = {name: director.details[name] for name in ("expires_on", "review_on")}
    operator.review_on = date.fromisoformat(days["review_on"])
    operator.save(update_fields=["review_on"])
    phases.authorise(
        operator.person,
        operator.hub,
        specialty=Specialty(operator.specialty),
        phase=phase,
        at=at,
        supervisor=None if phase == Phase.INDEPENDENT else operator.supervisor,
        by=both[1].by,
        expires_on=date.fromisoformat(days["expires_on"]),
        reference=director.details["reference"],
        signed_by=[change.by.name for change in both if change.by],
    )


@transaction.atomic
def set_back(
    operator: Operator,
    phase: Phase | None,
    *,
    reason: str,
    rights: Rights,
    at: datetime,
    supervisor: Person | None = None,
) -> None:
    """Closer supervision, or no operating there at all (None): at once, by the supervisor or the medical director.

    Whoever was independent has nobody who answers for them: name a supervisor.
    """
    operator = changes.again(operator)
    allowed = access.may_teach(rights, operator)
    access.check(allowed, "Only the supervisor or the medical director can set somebody back.")
    held = phases.authorisation(operator.person, operator.hub, at=at)
    if held is None:
        raise Refused(f"{operator.person.name} is not authorised at {operator.hub} now.")
    if not reason:
        raise Refused("Say why.")
    if phase is not None:
        _check_back(phase, held, supervisor or operator.supervisor)
    kind = ChangeKind.SET_BACK if phase else ChangeKind.ENDED
    changes.write(operator, kind, by=rights.person, at=at, phase=phase or "", reason=reason)
    if phase is None:
        phases.end(operator, at=at)
        return
    phases.authorise(
        operator.person,
        operator.hub,
        specialty=Specialty(operator.specialty),
        phase=phase,
        at=at,
        supervisor=supervisor or operator.supervisor,
        by=rights.person,
        expires_on=held.expires_on,
        reason=reason,
    )


def _check_back(phase: Phase, held: Authorisation, answers: Person | None) -> None:
    if grades.PHASES.index(phase) >= grades.PHASES.index(Phase(held.phase)):
        raise Refused("Going on to a later phase needs both signatures.")
    if answers is None:
        raise Refused("Name who answers for them from now on.")
