"""A draft of a rota on screen: how its search is getting on, what it would change, how fair it is, what the rules say.

Called by frontend.views.drafts. Reads rows; writes nothing. Days and hours are London's.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby

from django.utils import timezone

from frontend import month_sheet, rota_sheet
from frontend.month_sheet import Said
from network.models import Person
from workforce import draft_changes, drafts, holidays
from workforce.draft_changes import Line
from workforce.draft_rows import READY, UNDER_WAY, DraftState, Purpose, RotaDraft
from workforce.models import Duty
from workforce.solver.problem import Fairness, Kind

DAY = timedelta(days=1)
FAR = 2  # nights away from one's share that are pointed out
KINDS = {Kind.NIGHT: "Nights", Kind.WEEKEND: "Weekend duties", Kind.BANK_HOLIDAY: "Bank holidays"}
STANDING = {
    DraftState.ASKED: ("", "The search begins as soon as no other is under way."),
    DraftState.SEARCHING: ("", "Searching. You may leave this page: the draft will be here."),
    DraftState.IMPOSSIBLE: ("soon", "No rota keeps every rule. This is the fullest one that does."),
    DraftState.FOUND: ("ok", "The rota is as fair as this already: nothing would change."),
}


@dataclass(frozen=True)
class Entry:
    """One duty on one day, and who holds it today where that would change."""

    duty: str
    hours: str
    name: str
    was: str
    is_changed: bool


@dataclass(frozen=True)
class Day:
    on: date
    holiday: str
    entries: list[Entry]


@dataclass(frozen=True)
class MonthOf:
    """One month's days, from its first in the draft."""

    first: date
    blanks: range
    days: list[Day]


@dataclass(frozen=True)
class Cell:
    """What somebody would hold of one kind, what they hold today, and their exact share."""

    held: int
    today: int
    due: str
    is_far: bool


@dataclass(frozen=True)
class Share:
    name: str
    cells: list[Cell]


@dataclass(frozen=True)
class Handed:
    """One duty that changes hands."""

    when: str
    duty: str
    was: str
    now: str


@dataclass(frozen=True)
class Sheet:
    """Everything on the page."""

    draft: RotaDraft
    title: str
    is_moving: bool
    is_ready: bool
    may_ask_again: bool
    mood: str
    words: str
    progress: str
    reasons: Sequence[str]
    kinds: list[str]
    shares: list[Share]
    spread: list[str]
    breaches: list[Said]
    needs_reason: bool
    handed: list[Handed]
    months: list[MonthOf]


def sheet(draft: RotaDraft, *, now: datetime) -> Sheet:
    """This draft as it stands."""
    lost = drafts.is_lost(draft, at=now)
    ready = draft.state in READY
    lines = draft_changes.lines(draft) if draft.answer else []
    names = _names(lines)
    found = draft_changes.answer(draft)
    broken = draft_changes.judged(draft) if ready else []
    shares, spread = _fairness(draft) if draft.answer else ([], [])
    changed = [line for line in lines if line.is_changed]
    mood, words = _standing(draft, lost=lost, changed=len(changed))
    is_mend = draft.purpose == Purpose.MEND
    return Sheet(
        draft=draft,
        title=_title(draft),
        is_moving=draft.state in UNDER_WAY and not lost,
        is_ready=ready,
        may_ask_again=lost or draft.state in {*READY, DraftState.FAILED},
        mood=mood,
        words=words,
        progress=_progress(draft),
        reasons=found.reasons if found and ready else (),
        kinds=[KINDS[kind] for kind in Kind],
        shares=shares,
        spread=spread,
        breaches=[month_sheet.spoken(b) for b in broken],
        needs_reason=draft.state == DraftState.IMPOSSIBLE,
        handed=[_handed(line, names) for line in changed] if is_mend else [],
        months=[] if is_mend else _months(lines, names, draft.hub.country),
    )


def _title(draft: RotaDraft) -> str:
    if draft.purpose == Purpose.MEND:
        return f"{draft.hub}: who covers for {draft.person}"
    return f"{draft.hub}: {draft.weeks} weeks from {draft.first:%-d %B %Y}"


def _standing(draft: RotaDraft, *, lost: bool, changed: int) -> tuple[str, str]:
    """How it stands, with its mood and in words."""
    if lost:
        return "late", drafts.LOST
    if draft.state == DraftState.FAILED:
        return "late", draft.trouble
    if draft.state == DraftState.PUBLISHED:
        return (
            "ok",
            f"Published by {draft.settled_by}, {timezone.localtime(draft.settled_at):%a %-d %b %H:%M}.",
        )
    if draft.state == DraftState.DISCARDED:
        return "", f"Discarded by {draft.settled_by}. Nothing was changed."
    if draft.state == DraftState.FOUND and changed:
        duties = "duty" if changed == 1 else "duties"
        return "ok", f"{changed} {duties} would change. Nobody is on call by a draft until it is published."
    return STANDING[DraftState(draft.state)]


def _progress(draft: RotaDraft) -> str:
    if draft.state != DraftState.SEARCHING:
        return ""
    if not draft.progress:
        return "Looking for a rota that keeps every rule."
    cost, bound = draft.progress["cost"], draft.progress["bound"]
    away = round(100 * (cost - bound) / cost) if cost > bound else 0
    so_far = f"A rota that keeps every rule was there after {draft.progress['seconds']:.0f} seconds."
    return f"{so_far} It is being made fairer: at most {away} % from the fairest there can be."


def _names(lines: Iterable[Line]) -> dict[int, str]:
    wanted = {who for line in lines for who in (line.was, line.now) if who}
    return dict(Person.objects.filter(pk__in=wanted).values_list("pk", "name"))


def _fairness(draft: RotaDraft) -> tuple[list[Share], list[str]]:
    drafted, today = (draft_changes.shares(draft, drafted=one) for one in (True, False))
    before = {(one.operator, one.kind): one.held for one in today}
    people = {str(pk): name for pk, name in _operators(drafted)}
    rows = []
    for who, some in groupby(drafted, key=lambda one: one.operator):
        by_kind = {one.kind: one for one in some}
        cells = [_cell(by_kind.get(kind), before.get((who, kind), 0)) for kind in Kind]
        rows.append(Share(people[who], cells))
    spread = []
    for number, kind in enumerate(Kind):
        held = [row.cells[number].held for row in rows]
        if any(held):
            least, most = min(held), max(held)
            many = f"{least}" if least == most else f"{least} to {most}"
            spread.append(f"{KINDS[kind]}: {many} each")
    return rows, spread


def _operators(shares: Iterable[Fairness]) -> list[tuple[int, str]]:
    wanted = {int(one.operator) for one in shares}
    return list(Person.objects.filter(pk__in=wanted).values_list("pk", "name"))


def _cell(one: Fairness | None, today: int) -> Cell:
    if one is None:
        return Cell(0, today, "0", is_far=False)
    return Cell(one.held, today, f"{float(one.due):.1f}", is_far=abs(one.held - one.due) >= FAR)


def _handed(line: Line, names: Mapping[int, str]) -> Handed:
    slot = line.slot
    return Handed(
        rota_sheet.in_words(slot.start, slot.end),
        Duty(slot.duty).label,
        _who(line.was, names),
        _who(line.now, names),
    )


def _who(who: int | None, names: Mapping[int, str]) -> str:
    return names[who] if who else "Nobody"


def _months(lines: Sequence[Line], names: Mapping[int, str], country: str) -> list[MonthOf]:
    found = []
    by_month = groupby(lines, key=lambda line: timezone.localtime(line.slot.start).date().replace(day=1))
    for _, some in by_month:
        days: dict[date, list[Entry]] = {}
        for line in some:
            days.setdefault(timezone.localtime(line.slot.start).date(), []).append(_entry(line, names))
        first = min(days)
        whole = (first + n * DAY for n in range((max(days) - first).days + 1))
        shown = [Day(on, holidays.name(on, country), days.get(on, [])) for on in whole]
        found.append(MonthOf(first, range(first.weekday()), shown))
    return found


def _entry(line: Line, names: Mapping[int, str]) -> Entry:
    start, end = timezone.localtime(line.slot.start), timezone.localtime(line.slot.end)
    return Entry(
        duty=Duty(line.slot.duty).label,
        hours=f"{start:%H:%M} to {end:%H:%M}",
        name=_who(line.now, names),
        was=_who(line.was, names) if line.is_changed else "",
        is_changed=line.is_changed,
    )
