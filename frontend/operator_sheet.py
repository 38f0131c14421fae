"""Who may do what at a hub, and one operator's way: rungs, phase, agreement, what is missing, every change in words.

Called by frontend.views.operators. Reads; what may be seen and done is asked of workforce.access and sign_offs.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime

from django.utils import timezone

from network import permissions
from network.models import Person, Site
from network.permissions import Rights
from workforce import access, changes, grades, phases, sign_offs
from workforce.models import Agreement, Authorisation, Change, ChangeKind, Operator, Phase, Rung, Specialty
from workforce.sign_offs import AS, Capacity, Step

SOON = 60  # days: an expiry or a review that is so near is said
MEANS = {
    Phase.DIRECT: "Accepts provisionally; the supervisor confirms, and is present.",
    Phase.INDIRECT: "Accepts while a supervisor can be reached, and the supervisor is told.",
    Phase.INDEPENDENT: "Accepts alone.",
}


@dataclass(frozen=True)
class Row:
    """One operator on the hub's page."""

    name: str
    username: str
    specialty: str
    phase: str  # empty: not authorised
    phase_label: str
    since: date | None
    rung: str
    height: int
    supervisor: str
    alert: str  # what has to be seen to
    readable: bool


@dataclass(frozen=True)
class Stair:
    """One of the six rungs, and whether it has been reached."""

    label: str
    reached: bool
    following: bool
    on: str


@dataclass(frozen=True)
class Said:
    """One change in words."""

    when: datetime
    by: str
    what: str
    more: str


@dataclass(frozen=True)
class Ahead:
    """A phase ahead: what is missing, who has signed, and as what the reader could sign."""

    step: Step
    label: str
    signatures: list[tuple[str, str, datetime | None]]  # as what, who, when
    capacities: list[Capacity]


@dataclass(frozen=True)
class Sheet:
    """One operator's page."""

    operator: Operator
    held: Authorisation | None
    means: str
    alert: str
    stairs: list[Stair]
    agreement: Agreement | None
    ahead: list[Ahead]
    history: list[Said]
    can: dict[str, bool]
    earlier: list[Phase]
    following: Rung | None


def rows(hub: Site, *, rights: Rights, at: datetime) -> list[Row]:
    """Everybody who operates at this hub or is on the way to it, those who may do most first."""
    held = {one.person_id: one for one in phases.operators(hub, at=at)}
    people = Operator.objects.filter(hub=hub, person__is_active=True)
    found = [
        _row(operator, held.get(operator.person_id), held, rights, at)
        for operator in people.select_related("person", "supervisor", "hub__network")
    ]
    order = {phase.value: n for n, phase in enumerate(reversed(grades.PHASES))}
    return sorted(found, key=lambda row: (order.get(row.phase, 9), -row.height, row.name))


def _row(
    operator: Operator,
    held: Authorisation | None,
    of_hub: dict[int, Authorisation],
    rights: Rights,
    at: datetime,
) -> Row:
    return Row(
        name=operator.person.name,
        username=operator.person.username,
        specialty=Specialty(operator.specialty).label,
        phase=held.phase if held else "",
        phase_label=Phase(held.phase).label if held else "Not authorised",
        since=changes.day(held.since) if held else None,
        rung=Rung(operator.rung).label if operator.rung else "No rung yet",
        height=grades.height(operator.rung),
        supervisor=operator.supervisor.name if operator.supervisor else "",
        alert=_alert(operator, held, of_hub, at),
        readable=access.may_read(rights, operator),
    )


def _alert(
    operator: Operator, held: Authorisation | None, of_hub: dict[int, Authorisation], at: datetime
) -> str:
    """What somebody has to see to, the gravest first; empty where all is well."""
    today = changes.day(at)
    if operator.supervisor_id is not None:
        theirs = of_hub.get(operator.supervisor_id)
        if theirs is None or theirs.phase != Phase.INDEPENDENT or theirs.specialty != Specialty.INR:
            assert operator.supervisor
            return f"{operator.supervisor.name} cannot answer for them any more"
    if held is None:
        before = phases.latest(operator.person, operator.hub)
        return f"Expired on {_day(before.expires_on)}" if before and before.expires_on else ""
    if held.expires_on and (held.expires_on - today).days <= SOON:
        return f"Expires on {_day(held.expires_on)}"
    if operator.review_on and (operator.review_on - today).days <= SOON:
        word = "Review was due on" if operator.review_on < today else "Review on"
        return f"{word} {_day(operator.review_on)}"
    return ""


def _day(day: date) -> str:
    return f"{day.day} {day:%b %Y}"


def sheet(operator: Operator, *, rights: Rights, at: datetime) -> Sheet:
    """One operator's page, for whoever may read it."""
    of_hub = {one.person_id: one for one in phases.operators(operator.hub, at=at)}
    held = of_hub.get(operator.person_id)
    history = list(operator.changes.select_related("by").order_by("-number"))
    signable = [_ahead(operator, step, rights, at) for step in sign_offs.steps(operator, at=at)]
    leads, teaches = access.leads(rights, operator.hub), access.may_teach(rights, operator)
    phase = Phase(held.phase) if held else None
    return Sheet(
        operator=operator,
        held=held,
        means=MEANS[phase] if phase else "Cannot accept a patient here.",
        alert=_alert(operator, held, of_hub, at),
        stairs=stairs(operator, history),
        agreement=operator.agreements.select_related("made_by").order_by("-pk").first(),
        ahead=signable,
        history=[_said(change) for change in history],
        can={
            "agree": leads,
            "supervisor": leads and phase != Phase.INDEPENDENT,
            "teach": teaches,
            "logbook": access.may_read_logbook(rights, operator),
        },
        earlier=grades.PHASES[: grades.PHASES.index(phase)] if phase else [],
        following=grades.rung_after(operator.rung) if grades.height(operator.rung) < 5 else None,
    )


def _ahead(operator: Operator, step: Step, rights: Rights, at: datetime) -> Ahead:
    signatures = []
    for capacity in Capacity:
        change = step.signed.get(capacity)
        who = change.by.name if change and change.by else ""
        signatures.append((AS[capacity].capitalize(), who, change.written_at if change else None))
    mine = any(change.by_id == rights.person.pk for change in step.signed.values())
    may = [c for c in sign_offs.capacities(rights, operator, step, at=at) if c not in step.signed]
    label = f"{step.phase.label}, again" if step.renews else step.phase.label
    return Ahead(step, label, signatures, [] if mine or step.missing else may)


def stairs(operator: Operator, history: list[Change]) -> list[Stair]:
    """The six rungs, with the day on which each was reached where that is known."""
    days = {
        change.details["rung"]: change.details["on"]
        for change in reversed(history)
        if change.kind == ChangeKind.RUNG
    }
    reached = grades.height(operator.rung)
    return [
        Stair(
            label=rung.label,
            reached=number < reached,
            following=number == reached,
            on=_day(date.fromisoformat(days[rung])) if rung in days else "",
        )
        for number, rung in enumerate(grades.RUNGS)
    ]


def _said(change: Change) -> Said:
    what, more = WORDS[ChangeKind(change.kind)](change.details)
    by = change.by.name if change.by else "From the records"
    return Said(timezone.localtime(change.written_at), by, what, more)


Told = dict[str, str]


def _phase(told: Told) -> str:
    return Phase(told["phase"]).label.lower()


def _signed(told: Told) -> tuple[str, str]:
    reference = f" ({told['reference']})" if told["reference"] else ""
    return f"Signed off to {_phase(told)} as {AS[Capacity(told['capacity'])]}{reference}", told["grounds"]


def _grounds(told: Told) -> str:
    parts = [f"{told['supervisor']} answers for them"] if told.get("supervisor") else []
    parts += [f"until {_on(told['expires_on'])}"] if told.get("expires_on") else []
    parts += [told["reference"]] if told.get("reference") else []
    return ", ".join(parts)


def _on(day: str) -> str:
    return _day(date.fromisoformat(day))


WORDS: dict[ChangeKind, Callable[[Told], tuple[str, str]]] = {
    ChangeKind.ENROLLED: lambda _: ("Enrolled", ""),
    ChangeKind.RUNG: lambda t: (
        f"Reached the rung “{Rung(t['rung']).label}” on {_on(t['on'])}",
        t["evidence"],
    ),
    ChangeKind.AGREED: lambda t: (f"Agreement: {t['months']} months at {t['centre']}", ""),
    ChangeKind.SUPERVISOR: lambda t: (f"{t['supervisor']} answers for them", ""),
    ChangeKind.SIGNED: _signed,
    ChangeKind.AUTHORISED: lambda t: (f"Authorised: {_phase(t)}", _grounds(t)),
    ChangeKind.SET_BACK: lambda t: (f"Set back to {_phase(t)}", t["reason"]),
    ChangeKind.REVIEWED: lambda t: (f"Reviewed; next on {_on(t['next_on'])}", t["note"]),
    ChangeKind.ENDED: lambda t: ("Does not operate here any more", t["reason"]),
}  # a change as a sentence, and what was written with it


def to_enrol(hub: Site, *, at: datetime) -> list[Person]:
    """The people of this hub who are no operators of it yet."""
    there = permissions.holding(at).filter(site=hub)
    people = Person.objects.filter(pk__in=there.values("person")).exclude(operates__hub=hub)
    return list(people.order_by("name"))
