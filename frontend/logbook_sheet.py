"""One operator's logbook: what the referrals tell and what was entered by hand, the last twelve months against 30.

Called by frontend.views.logbook. Reads; who may read is judged by workforce.access. No patient's fact but the code.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from frontend import operator_sheet
from frontend.operator_sheet import Stair
from network.models import Person
from network.permissions import Rights
from referrals import cases
from referrals.cases import Case
from workforce import access, changes, figures, logbook, phases, sign_offs
from workforce.figures import Figure
from workforce.models import EntryKind, LogbookEntry, Operator, Phase
from workforce.sign_offs import Step

ROLES = {
    "first": "First operator",
    "second": "Second operator",
    "supervising": "Supervising",
    "observed": "Observing",
}
PROCEDURES = frozenset(ROLES)
HEADINGS = (
    "Date", "Site", "What", "Number", "Phase of the operator", "Operator", "Supervisor",
    "Puncture to reperfusion, min", "Puncture to end, min", "mTICI", "Complications", "Died", "mRS at 90 days",
    "Referral", "Evidence", "Source",
)  # fmt: skip
FORMULA = ("=", "+", "-", "@", "\t", "\r")  # what a spreadsheet would compute instead of show


@dataclass(frozen=True)
class Line:
    """One line of the logbook."""

    on: date
    hub: str
    kind: str
    what: str
    count: int
    phase: str
    operator: str
    supervisor: str
    reperfusion: int | None  # minutes from puncture
    minutes: int | None
    mtici: str
    complications: str
    died: bool
    ninety: str
    code: str
    evidence: str
    pk: int | None  # of an entry by hand

    @property
    def source(self) -> str:
        return "Entered by hand" if self.pk else "From the referral"


@dataclass(frozen=True)
class Place:
    """How far the operator is at one hub."""

    operator: Operator
    phase: str
    stairs: list[Stair]
    steps: list[Step]


@dataclass(frozen=True)
class Year:
    """The last twelve months: how many in each role, and the operator's own against the figure."""

    since: date
    until: date
    figure: Figure
    own: int
    roles: list[tuple[str, int]]
    other: list[tuple[str, int]]
    median: int | None  # minutes from puncture to the end, as first operator
    opened: int  # of those with an mTICI, how many reached 2b or better
    scored: int

    @property
    def share(self) -> int:
        """How much of the figure is reached, per cent, at most 100."""
        return min(100, round(100 * self.own / self.figure.value))


@dataclass(frozen=True)
class Book:
    """The whole page."""

    person: Person
    own: bool
    year: Year
    places: list[Place]
    lines: list[Line]
    struck: list[LogbookEntry]


def places_of(person: Person, *, rights: Rights) -> list[Operator] | None:
    """Where this person operates, for whoever may read their logbook; None for everybody else."""
    rows = list(Operator.objects.filter(person=person).select_related("person", "hub__network", "supervisor"))
    if not any(access.may_read_logbook(rights, row) for row in rows):
        return None
    return rows


def book(person: Person, places: list[Operator], *, rights: Rights, at: datetime) -> Book:
    """Everything on the page."""
    lines = list(_lines(person))
    return Book(
        person=person,
        own=rights.person.pk == person.pk,
        year=_year(lines, changes.day(at)),
        places=[_place(one, at) for one in places],
        lines=lines,
        struck=logbook.struck(person),
    )


def _place(operator: Operator, at: datetime) -> Place:
    held = phases.authorisation(operator.person, operator.hub, at=at)
    history = list(operator.changes.order_by("-number"))
    label = Phase(held.phase).label if held else "Not authorised"
    return Place(operator, label, operator_sheet.stairs(operator, history), sign_offs.steps(operator, at=at))


def _lines(person: Person) -> Iterator[Line]:
    told = [_told(case) for case in cases.of(person)]
    written = [_written(entry) for entry in logbook.entries(person)]
    yield from sorted([*told, *written], key=lambda line: line.on, reverse=True)


def _told(case: Case) -> Line:
    return Line(
        on=changes.day(case.at),
        hub=case.hub,
        kind=case.role,
        what=ROLES[case.role],
        count=1,
        phase=Phase(case.phase).label if case.phase else "",
        operator=case.operator,
        supervisor=case.supervisor,
        reperfusion=case.minutes_to_reperfusion,
        minutes=case.minutes,
        mtici=case.mtici,
        complications=", ".join(case.complications),
        died=case.died,
        ninety=case.ninety,
        code=case.code,
        evidence="",
        pk=None,
    )


def _written(entry: LogbookEntry) -> Line:
    return Line(
        on=entry.on,
        hub=entry.hub.short_name,
        kind=entry.kind,
        what=ROLES.get(entry.kind) or EntryKind(entry.kind).label,
        count=entry.count,
        phase="",
        operator="",
        supervisor="",
        reperfusion=None,
        minutes=None,
        mtici="",
        complications="",
        died=False,
        ninety="",
        code=entry.code,
        evidence=entry.evidence,
        pk=entry.pk,
    )


def year_before(day: date) -> date:
    """The day after the same day last year: from there to this day are twelve months."""
    begins = day.replace(day=28) if (day.month, day.day) == (2, 29) else day
    return begins.replace(year=begins.year - 1) + timedelta(days=1)


def _year(lines: list[Line], today: date) -> Year:
    since = year_before(today)
    within = [line for line in lines if since <= line.on <= today]
    counts: Counter[str] = Counter()
    for line in within:
        counts[line.kind] += line.count
    own = [line for line in within if line.kind == cases.FIRST]
    took = sorted(line.minutes for line in own if line.minutes is not None)
    scores = [line.mtici for line in own if line.mtici]
    return Year(
        since=since,
        until=today,
        figure=figures.VOLUME,
        own=counts[cases.FIRST],
        roles=[(label, counts[kind]) for kind, label in ROLES.items()],
        other=[(kind.label, counts[kind]) for kind in EntryKind if kind not in PROCEDURES],
        median=took[len(took) // 2] if took else None,
        opened=sum(score in {"2b", "2c", "3"} for score in scores),
        scored=len(scores),
    )


def _number(value: int | None) -> str:
    return "" if value is None else str(value)


def cells(line: Line) -> list[str]:
    """A line as a spreadsheet takes it; what it might compute is quoted."""
    said = [
        line.on.isoformat(), line.hub, line.what, str(line.count), line.phase, line.operator, line.supervisor,
        _number(line.reperfusion), _number(line.minutes), line.mtici, line.complications,
        "yes" if line.died else "", line.ninety, line.code, line.evidence, line.source,
    ]  # fmt: skip
    return [f"'{text}" if text.startswith(FORMULA) else text for text in said]
