"""What the trails say of the procedures somebody did or answered for: the part of a logbook that writes itself.

Called by the logbook's screen. It reads, and gives the referral's code, times and outcome: nothing else of a patient.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Q

from network.models import Person
from referrals.models import Event, Referral
from referrals.states import State

FIRST, SUPERVISING = "first", "supervising"


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
    mtici: str
    died: bool  # recorded before the patient went back

    @property
    def minutes(self) -> int | None:
        return None if self.took is None else round(self.took / timedelta(minutes=1))


def of(person: Person, *, since: datetime | None = None) -> list[Case]:
    """Every procedure that this person did or answered for, the newest first; from `since` on where it is given."""
    theirs = Referral.objects.filter(Q(operator=person) | Q(supervisor=person), punctured_at__isnull=False)
    if since is not None:
        theirs = theirs.filter(punctured_at__gte=since)
    rows = list(theirs.select_related("hub", "operator", "supervisor").order_by("-punctured_at", "-pk"))
    # Accepted, declined by the supervisor, accepted again: the last acceptance is the one that held.
    accepts = Event.objects.filter(referral__in=rows, verb="accept").order_by("referral", "-number")
    phases = {
        event.referral_id: str(event.details.get("phase", "")) for event in accepts.distinct("referral")
    }
    return [_case(row, person, phases.get(row.pk, "")) for row in rows]


def _case(row: Referral, person: Person, phase: str) -> Case:
    assert row.hub and row.punctured_at
    return Case(
        code=row.code,
        hub=row.hub.short_name,
        hub_id=row.hub.pk,
        role=FIRST if row.operator_id == person.pk else SUPERVISING,
        phase=phase,
        operator=row.operator.name if row.operator else "",
        supervisor=row.supervisor.name if row.supervisor else "",
        at=row.punctured_at,
        took=row.treated_at - row.punctured_at if row.treated_at else None,
        mtici=row.mtici,
        died=row.state == State.DIED,
    )


def was_treated_at(code: str, hub_id: int) -> bool:
    """Was there a procedure at this hub for the referral with this code?"""
    return Referral.objects.filter(code=code.upper(), hub=hub_id, punctured_at__isnull=False).exists()
