"""What follows when somebody's access, or one role of theirs, is taken away: holes in the rota, patients, ladders.

Called by frontend.views.people, for the page that asks before it is done and for what is still to be mended after it.
Reads.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q
from django.utils import timezone

from frontend import clocks, people_sheet, rota_sheet, telephone
from network import access, permissions
from network.models import Membership, Network, Person, Role
from network.permissions import Rights
from paging import meant
from paging.meant import Meant
from referrals import queries
from referrals.models import Referral
from referrals.states import LIVE
from workforce import leaving, rota
from workforce.models import Duty, Shift
from workforce.rules.facts import Stretch


@dataclass(frozen=True)
class DutyLine:
    """One duty that would be, or is, nobody's."""

    words: str
    hub: str  # code
    month: str
    is_now: bool
    hole: str  # when nobody at all could take a patient there; empty: somebody else still can


@dataclass(frozen=True)
class PatientLine:
    """One patient who is theirs, and in what way."""

    code: str
    route: str
    ways: str


@dataclass(frozen=True)
class Ring:
    """Somebody to ring about the hole."""

    name: str
    role: str
    phone: str
    number: str


@dataclass(frozen=True)
class Following:
    """Everything that hangs on one person's access, or on one role."""

    duties: list[DutyLine]
    patients: list[PatientLine]
    patients_elsewhere: int  # whom the reader may not see
    ladders: list[str]
    elsewhere: list[str]  # roles in other networks
    rings: list[Ring]

    @property
    def now(self) -> list[DutyLine]:
        return [one for one in self.duties if one.is_now]

    @property
    def hole_now(self) -> str:
        """At which hub nobody could take a patient from this moment on, and until when."""
        return next((one.hole for one in self.now if one.hole), "")

    @property
    def holes(self) -> int:
        return sum(bool(one.hole) for one in self.duties)


def following(
    person: Person, network: Network, *, rights: Rights, at: datetime, role: Membership | None = None
) -> Following:
    """What hangs on all that this person may do, or on one role of theirs."""
    held = leaving.duties_of_role(role, at=at) if role else leaving.duties(person, at=at)
    duties = _duties(list(held), at)
    patients, unseen = _patients(person, rights)
    other = access.standing(at).filter(person=person).exclude(access.of(network))
    return Following(
        duties=duties,
        patients=patients,
        patients_elsewhere=unseen,
        ladders=[_ladder(one) for one in meant.by_ladders(person, network, at=at)],
        elsewhere=[] if role else [f"{one.get_role_display()}, {one.site or one.network}" for one in other],
        rings=_rings(network, person, at) if any(one.is_now for one in duties) else [],
    )


def _duties(shifts: Collection[Shift], at: datetime) -> list[DutyLine]:
    holes = leaving.holes(shifts, at=at)
    return [_duty(shift, holes.get(shift.hub_id, []), at) for shift in shifts]


def _duty(shift: Shift, holes: Collection[Stretch], at: datetime) -> DutyLine:
    start, end = shift.period.lower, shift.period.upper
    within = [hole for hole in holes if start <= hole[0] and hole[1] <= end]
    is_now = start <= at
    hole = ""
    if within:
        begun, done = within[0]
        since = "from this moment" if begun <= at else f"from {clocks.moment(begun, at)}"
        hole = f"Nobody can take a patient at {shift.hub} {since} until {clocks.moment(done, at)}"
    when = f"now, until {clocks.moment(end, at)}" if is_now else rota_sheet.in_words(start, end)
    month = f"{timezone.localtime(max(start, at)):%Y-%m}"
    return DutyLine(f"{people_sheet.duty(shift)}: {when}", shift.hub.code, month, is_now, hole)


def _patients(person: Person, rights: Rights) -> tuple[list[PatientLine], int]:
    theirs = Q(owner=person) | Q(operator=person) | Q(supervisor=person) | Q(successor=person)
    live = Q(state__in=sorted(LIVE))
    rows = list(queries.visible(rights).filter(live & theirs).order_by("pk"))
    every = Referral.objects.filter(live & theirs).count()
    return [PatientLine(row.code, _route(row), _ways(row, person)) for row in rows], every - len(rows)


def _route(row: Referral) -> str:
    return f"{row.spoke} to {row.hub}" if row.hub and row.hub != row.spoke else str(row.spoke)


def _ways(row: Referral, person: Person) -> str:
    ways = {
        "has this patient": row.owner_id,
        "operates": row.operator_id,
        "answers as supervisor": row.supervisor_id,
        "is waited for to take over": row.successor_id,
    }
    return ", ".join(words for words, pk in ways.items() if pk == person.pk)


def _ladder(one: Meant) -> str:
    climb = one.escalation
    code = climb.referral.code if climb.referral else ""
    what = ", ".join(part for part in (climb.get_reason_display(), str(climb.hub or ""), code) if part)
    return f"{what}: {'has been paged' if one.was_paged else 'would be paged on a later rung'}"


def _rings(network: Network, person: Person, at: datetime) -> list[Ring]:
    """The coordinators, whoever is on duty first."""
    on = {shift.person_id for shift in rota.coordinating([network], at=at)}
    held = permissions.holding(at).filter(role=Role.COORDINATOR, network=network).exclude(person=person)
    people = [one.person for one in held.select_related("person").order_by("person__name")]
    found = [
        ring(one, "coordinator on duty" if one.pk in on else "coordinator")
        for one in sorted(people, key=lambda one: one.pk not in on)
    ]
    hubs = {shift.hub for shift in leaving.duties(person, at=at) if shift.period.lower <= at}
    beside = [
        shift
        for shift in rota.on_call_at(hubs, at=at)
        if shift.person_id != person.pk and shift.person.is_active
    ]
    return found + [ring(one.person, f"{Duty(one.duty).label.lower()} at {one.hub}") for one in beside]


def leads(network: Network, *, at: datetime) -> list[Ring]:
    """The leads of a network, for whoever may only look."""
    held = permissions.holding(at).filter(role=Role.LEAD, network=network).select_related("person")
    return [ring(one.person, "lead") for one in held.order_by("person__name")]


def ring(person: Person, role: str) -> Ring:
    """Somebody with the number to ring, as people dial it."""
    return Ring(person.name, role, person.phone, telephone.shown(person.phone) if person.phone else "")
