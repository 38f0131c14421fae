"""The work list of outcomes: what is overdue, due, coming and done at one's own sites; and who has not answered.

Called by frontend.views.outcomes and, for the strip on top, by the board. Codes, hospitals and days alone. Writes
nothing.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from frontend import clocks, outcome_words
from network.permissions import Rights
from referrals.after import owed
from referrals.after.owed import Owed, Standing
from referrals.after.rows import Kind

SOON = timedelta(days=14)  # what opens within this is shown as coming
LATELY = timedelta(days=30)


@dataclass(frozen=True)
class Line:
    """One outcome of one patient."""

    code: str
    route: str
    kind: str
    label: str
    site: str
    when: str  # until when, or since when it is overdue
    figure: str
    mood: str


@dataclass(frozen=True)
class Answering:
    """One site: what it has open, how old the oldest is, and how much of what was asked it has answered."""

    site: str
    overdue: int
    due: int
    oldest: str
    answered: int
    asked: int
    not_obtained: int


@dataclass(frozen=True)
class Sheet:
    """Everything on the page."""

    overdue: tuple[Line, ...]
    due: tuple[Line, ...]
    coming: tuple[Line, ...]
    done: tuple[Line, ...]
    by_site: tuple[Answering, ...]  # for those who count

    @property
    def is_empty(self) -> bool:
        return not (self.overdue or self.due or self.coming or self.done)


@dataclass(frozen=True)
class Strip:
    """What stands on a board: “2 outcomes are due, 1 is overdue”."""

    words: str
    is_late: bool


def strip(rights: Rights, *, now: datetime) -> Strip | None:
    """For the teams that are asked; None where nothing is open. It rings, pages and texts nobody."""
    if not rights.sites:
        return None
    found = owed.mine(owed.of(rights, now=now, only_open=True), rights)
    if len({one.referral.pk for one in found}) >= owed.MOST_OPEN:
        return Strip(f"Outcomes of {owed.MOST_OPEN} patients or more are due", is_late=True)
    due, late = (_count(found, one) for one in (Standing.DUE, Standing.OVERDUE))
    if not due + late:
        return None
    is_due = f"{due} {'outcome is' if due == 1 else 'outcomes are'} due"
    if not late:
        return Strip(is_due, is_late=False)
    if not due:
        return Strip(f"{late} outcome{'s' * (late > 1)} overdue", is_late=True)
    return Strip(f"{is_due}, {late} {'is' if late == 1 else 'are'} overdue", is_late=True)


def sheet(rights: Rights, *, now: datetime) -> Sheet:
    """The page of this person."""
    found = owed.of(rights, now=now)
    own = owed.mine(found, rights)
    counts = any(rights.oversees(pk) for pk in rights.networks)
    shown = own if rights.sites else found  # who works at no site sees what their network's sites owe
    return Sheet(
        overdue=_lines(shown, Standing.OVERDUE, now),
        due=_lines(shown, Standing.DUE, now),
        coming=tuple(
            _line(one, now)
            for one in shown
            if one.standing == Standing.COMING and one.window.opens < now + SOON
        ),
        done=tuple(_line(one, now) for one in shown if one.row and one.row.written_at > now - LATELY),
        by_site=_by_site(found, now) if counts else (),
    )


def _count(found: Iterable[Owed], standing: Standing) -> int:
    return sum(one.standing == standing for one in found)


def _lines(found: Iterable[Owed], standing: Standing, now: datetime) -> tuple[Line, ...]:
    return tuple(_line(one, now) for one in found if one.standing == standing)


def _line(one: Owed, now: datetime) -> Line:
    return Line(
        code=one.referral.code,
        route=f"{one.referral.spoke} → {one.referral.hub}",
        kind=one.kind.value,
        label=str(one.kind.label),
        site=str(one.site),
        when=when(one, now),
        figure=outcome_words.figure(one.row) if one.row else "",
        mood={Standing.OVERDUE: "late", Standing.DUE: "soon"}.get(one.standing, ""),
    )


def when(one: Owed, now: datetime) -> str:
    """Since when it is overdue, until when it is due, or from when on."""
    if one.row:
        return f"{one.row.by}, {_day(one.row.written_at, one.kind)}"
    if one.standing == Standing.OVERDUE:
        return f"overdue for {age(now - one.window.closes)}"
    if one.standing == Standing.DUE:
        return f"until {_day(one.window.closes, one.kind)}"
    return f"from {_day(one.window.opens, one.kind)}"


def _day(moment: datetime, kind: str) -> str:
    return clocks.dated(moment) if kind == Kind.DAY else clocks.day(moment)


def age(length: timedelta) -> str:
    """Days from two on, hours before."""
    return f"{length.days} days" if length.days >= 2 else f"{int(length.total_seconds()) // 3600} h"


def _by_site(found: Sequence[Owed], now: datetime) -> tuple[Answering, ...]:
    """Who has not answered: the worst first."""
    sites: dict[str, list[Owed]] = {}
    for one in found:
        sites.setdefault(str(one.site), []).append(one)
    rows = [_answering(name, theirs, now) for name, theirs in sites.items()]
    return tuple(sorted(rows, key=lambda row: (-row.overdue, -row.due, row.site)))


def _answering(name: str, theirs: Sequence[Owed], now: datetime) -> Answering:
    overdue = [one for one in theirs if one.standing == Standing.OVERDUE]
    done, missing = _count(theirs, Standing.DONE), _count(theirs, Standing.NOT_OBTAINED)
    return Answering(
        site=name,
        overdue=len(overdue),
        due=_count(theirs, Standing.DUE),
        oldest=age(now - min(one.window.closes for one in overdue)) if overdue else "",
        answered=done + missing,
        asked=done + missing + len(overdue),
        not_obtained=missing,
    )
