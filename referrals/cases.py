"""What the trails say of the procedures somebody did or answered for: the part of a logbook that writes itself.

Called by the logbook's screen. It reads, and gives the referral's code, times and outcome: nothing else of a patient.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Q

from network.models import Person
from referrals.after.rows import Bleed, Kind, NotObtained
from referrals.models import Event, Outcome, Referral
from referrals.procedure import Complication
from referrals.states import State

FIRST, SUPERVISING, SECOND, OBSERVED = "first", "supervising", "second", "observed"


@dataclass(frozen=True)
class Case:
    """One procedure: where, as what, in which phase the operator was, how long it took, and how it ended."""

    code: str
    hub: str
    hub_id: int
    role: str
    phase: str  # of whoever operated, when the patient was accepted
    operator: str
    supervisor: str
    at: datetime  # groin puncture
    took: timedelta | None  # puncture to the end of the procedure; None while it lasts
    to_reperfusion: timedelta | None  # from puncture; None where it was not recorded
    mtici: str
    complications: tuple[str, ...]  # in words; “None” where somebody said so, empty where nobody did
    died: bool  # before the patient went back, or as it was heard of later
    ninety: str  # mRS at 90 days, or why there is none; empty while nobody has said

    @property
    def minutes(self) -> int | None:
        return _minutes(self.took)

    @property
    def minutes_to_reperfusion(self) -> int | None:
        return _minutes(self.to_reperfusion)


def _minutes(length: timedelta | None) -> int | None:
    return None if length is None else round(length / timedelta(minutes=1))


def of(person: Person, *, since: datetime | None = None) -> list[Case]:
    """Every procedure that this person did, answered for or was at, the newest first; from `since` on if given."""
    was_there = Q(operator=person) | Q(supervisor=person) | Q(second=person) | Q(observer=person)
    theirs = Referral.objects.filter(was_there, punctured_at__isnull=False)
    if since is not None:
        theirs = theirs.filter(punctured_at__gte=since)
    rows = list(theirs.select_related("hub", "operator", "supervisor").order_by("-punctured_at", "-pk"))
    # Accepted, declined by the supervisor, accepted again: the last acceptance is the one that held.
    accepts = Event.objects.filter(referral__in=rows, verb="accept").order_by("referral", "-number")
    phases = {
        event.referral_id: str(event.details.get("phase", "")) for event in accepts.distinct("referral")
    }
    held: dict[int, dict[str, Outcome]] = {}
    for outcome in Outcome.objects.filter(referral__in=rows, corrected_by=None):
        held.setdefault(outcome.referral_id, {})[outcome.kind] = outcome
    return [_case(row, person, phases.get(row.pk, ""), held.get(row.pk, {})) for row in rows]


def _case(row: Referral, person: Person, phase: str, after: Mapping[str, Outcome]) -> Case:
    assert row.hub and row.punctured_at
    said = {kind: one for kind, one in after.items() if not one.is_taken_back}
    return Case(
        code=row.code,
        hub=row.hub.short_name,
        hub_id=row.hub.pk,
        role=_role(row, person),
        phase=phase,
        operator=row.operator.name if row.operator else "",
        supervisor=row.supervisor.name if row.supervisor else "",
        at=row.punctured_at,
        took=row.treated_at - row.punctured_at if row.treated_at else None,
        to_reperfusion=row.reperfused_at - row.punctured_at if row.reperfused_at else None,
        mtici=row.mtici,
        complications=_complications(row, said.get(Kind.DAY)),
        died=row.state == State.DIED or Kind.DEATH in said,
        ninety=_ninety(said.get(Kind.NINETY)),
    )


def _complications(row: Referral, day: Outcome | None) -> tuple[str, ...]:
    """Those of the procedure, and those that showed within the day after; “None” only where there were none at all."""
    found = list(row.complications or ())
    if day is not None:
        found += [Complication.INTRACRANIAL] * (day.bleed == Bleed.SYMPTOMATIC) + day.complications
    unique = dict.fromkeys(
        one for one in found if one != Complication.NONE or set(found) == {Complication.NONE}
    )
    return tuple(str(Complication(one).label) for one in unique)


def _ninety(row: Outcome | None) -> str:
    if row is None:
        return ""
    return str(NotObtained(row.not_obtained).label) if row.not_obtained else str(row.mrs)


def _role(row: Referral, person: Person) -> str:
    """As what; whoever answered for the operator stands there for that, also where they lent a hand."""
    roles = {row.observer_id: OBSERVED, row.second_id: SECOND, row.supervisor_id: SUPERVISING}
    return (roles | {row.operator_id: FIRST})[person.pk]


def was_treated_at(code: str, hub_id: int) -> bool:
    """Was there a procedure at this hub for the referral with this code?"""
    return Referral.objects.filter(code=code.upper(), hub=hub_id, punctured_at__isnull=False).exists()
