"""A published rota whose somebody is away, as the solver takes it: every duty as it stands, and which of them are open.

Reads; called by workforce.drafts. What breaks a rule already stays with whoever holds it: no search can mend that.
"""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta

from network.models import Person, Site
from workforce import asking, rota, rota_edits, rota_plan
from workforce.building import Asked, CannotAsk
from workforce.models import Duty, Shift
from workforce.rota_rows import Leave
from workforce.rules.facts import LONDON, Stretch, shared, without
from workforce.solver import standing
from workforce.solver.problem import Problem, Rules, Slot, Span
from workforce.solver.wire import Illness

WEEK = timedelta(weeks=1)
MORNING = time(8)  # a duty of several days is handed over then


@dataclass(frozen=True)
class Mend:
    """What the solver is asked, and who holds what until then."""

    asked: Asked
    illness: Illness


@dataclass(frozen=True)
class _Part:
    """A duty as it stands, and whether its holder may change at all."""

    slot: Slot
    who: str
    moves: bool  # somebody else may get it
    lost: bool = False  # somebody else must


def asked(hub: Site, leave: Leave, *, at: datetime) -> Mend:
    """Who could hold this person's duties here while they are away, with as few changes as can be."""
    away = (max(leave.period.lower, at), leave.period.upper)
    figures = rota_plan.rules_of(hub.network_id)
    rules = asking.rules(figures)
    back = max(timedelta(weeks=rules.average_weeks), timedelta(days=rules.over))
    ends = away[1] + WEEK
    shifts = [s for s in rota.between([hub], start=at - back, end=ends + back) if s.duty in rota.ON_CALL]

    def gone_of(shift: Shift) -> Stretch | None:
        return shared(asking.span(shift), away) if shift.person_id == leave.person_id else None

    parts = [part for shift in shifts for part in _parts(hub, shift, gone_of(shift), (at, ends))]
    if not any(part.lost for part in parts):
        raise CannotAsk(f"{leave.person.name} holds no duty at {hub} in that time.")
    crew = asking.crew(hub, {s.duty for s in shifts if asking.touches(s, at, ends)}, start=at, end=ends)
    broken = rota_edits.grave(rota_plan.judged([hub], figures, start=at, end=ends + back))
    stuck = {str(b.person) for b in broken} - {str(leave.person_id)}
    parts = _settled(parts, stuck, {one.key for one in crew.operators}, rules)
    held = [asking.promised(part.slot, part.who) for part in parts if not part.moves]
    held += asking.elsewhere(hub, crew.operators, at - back, ends + back)
    slots = (*(part.slot for part in parts if part.moves), *{one.key: one for one in held}.values())
    first = at.astimezone(LONDON).date() - timedelta(weeks=rules.average_weeks - 1)
    weeks = -(-(ends.astimezone(LONDON).date() - first).days // 7)
    problem = Problem(first, weeks, asking.hubs(hub, slots), crew.operators, slots, rules)
    published = {part.slot.key: part.who for part in parts if part.moves}
    illness = Illness(published, str(leave.person_id), Span(*away), at)
    return Mend(Asked(problem, (at, ends), crew.left_out), illness)


def _parts(hub: Site, shift: Shift, gone: Stretch | None, open_in: Stretch) -> list[_Part]:
    """One duty: what is lost of it, what may change hands to help, and what is past or too far ahead."""
    whole, who = asking.span(shift), str(shift.person_id)
    found = []
    for left in without(whole, [gone] if gone else []):
        within = open_in[0] < left[0] < open_in[1]
        pieces = list(asking.cut(left))
        moves = within and len(pieces) == 1
        found += [_part(hub, shift.duty, piece, who, moves=moves, counts=within) for piece in pieces]
    if gone:
        found += [
            replace(_part(hub, shift.duty, piece, who, moves=True, counts=True), lost=True)
            for piece in asking.cut(gone, MORNING)
        ]
    return found


def _part(hub: Site, duty: str, stretch: Stretch, who: str, *, moves: bool, counts: bool) -> _Part:
    return _Part(asking.slot(hub, duty, stretch, counts=counts), who, moves)


def _settled(parts: Sequence[_Part], stuck: set[str], able: set[str], rules: Rules) -> list[_Part]:
    """Whoever breaks a rule as it is, or could not be chosen, stays where they are."""
    theirs: dict[str, list[_Part]] = {}
    for part in parts:
        if not part.lost:
            theirs.setdefault(part.who, []).append(part)
    for who, some in theirs.items():
        ordered = sorted(some, key=lambda part: part.slot.start)
        if any(standing.clash(one.slot, other.slot, rules) for one, other in itertools.pairwise(ordered)):
            stuck = {*stuck, who}
    fixed = {who for who in theirs if who in stuck or who not in able}
    return [part if part.lost or part.who not in fixed else replace(part, moves=False) for part in parts]


def duties(hub: Site, person: Person, *, start: datetime, end: datetime) -> list[Shift]:
    """What this person holds here in that time, as somebody who is on call."""
    held = rota.between([hub], start=start, end=end)
    return [s for s in held if s.person_id == person.pk and s.duty != Duty.COORDINATOR]
