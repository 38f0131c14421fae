"""Mends a published rota when somebody falls ill: as few duties as possible change hands, then as fairly as can be.

Called by work (the process of its own). What has begun stays as it is, but for the one who is ill.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from workforce.solver import reasons, solving, standing, wire
from workforce.solver.model import Model, Term
from workforce.solver.problem import Problem, Result, Rota, Span
from workforce.solver.search import Effort, Found, Told, search


def answer(request: wire.Request, told: Told) -> Rota:
    """What a request asks for: a new rota, or a published one mended."""
    effort = Effort(request.seconds, request.workers, request.seed, request.good_enough, told)
    if request.illness is None:
        return solving.solve(request.problem, effort)
    case = request.illness
    return repair(request.problem, case.published, effort, ill=case.ill, away=case.away, at=case.at)


def repair(
    problem: Problem, published: Mapping[str, str], effort: Effort, *, ill: str, away: Span, at: datetime
) -> Rota:
    """The rota with the fewest changes in which this operator is away; `changed` names the slots.

    Where no full rota keeps every rule: the fullest one, and why, as in solving. A duty that was published against a
    rule by an override stays possible if the caller gives it its `holder`.
    """
    mended = absent(problem, published, ill=ill, away=away, at=at)
    found = _fewest(mended, published, effort)
    if found.holders is None and found.proved:
        return reasons.impossible(mended, effort, dict(published))
    if found.holders is None:
        late = solving.OUT_OF_TIME.format(seconds=effort.seconds)
        return Rota(Result.UNKNOWN, seconds=effort.spent(), reasons=(late,))
    model = Model(mended)
    model.cp.add(_changes(model, published) <= found.cost)
    model.hint(found.holders)
    model.cp.minimize(model.cost())
    fairer = search(model, effort)
    rota = solving.rota(mended, fairer if fairer.holders is not None else found, effort)
    proved = rota.result if found.proved and fairer.holders is not None else Result.GOOD
    return replace(rota, result=proved, changed=reasons.changes(dict(rota.holders), dict(published)))


def absent(problem: Problem, published: Mapping[str, str], *, ill: str, away: Span, at: datetime) -> Problem:
    """The same problem with this operator away, and what has begun by `at` promised to whoever holds it."""
    operators = tuple(
        replace(operator, leave=(*operator.leave, away)) if operator.key == ill else operator
        for operator in problem.operators
    )
    slots = tuple(
        replace(slot, holder=None)
        if slot.holder == ill and standing.overlap(slot, away)
        else replace(slot, holder=published[slot.key])
        if slot.start < at
        and slot.key in published
        and not (published[slot.key] == ill and standing.overlap(slot, away))
        else slot
        for slot in problem.slots
    )
    return replace(problem, operators=operators, slots=slots)


def _fewest(mended: Problem, published: Mapping[str, str], effort: Effort) -> Found:
    """A rota with as few changes as can be, however fair."""
    model = Model(mended)
    model.hint(published)
    model.cp.minimize(_changes(model, published))
    return search(model, replace(effort, good_enough=0.0, told=None), part=0.7)


def _changes(model: Model, published: Mapping[str, str]) -> Term:
    """How many open slots somebody else holds than was published, or nobody."""
    changed: list[Term] = []
    for key in model.by_slot:
        holder = published.get(key)
        if holder is None:
            changed += model.by_slot[key].values()
        elif (key, holder) in model.holds:
            changed.append(1 - model.holds[key, holder])
        else:
            changed.append(1)
    return sum(changed)
