"""A first rota by taking turns, from which the search begins; it may leave duties empty, and promises nothing.

Called by solving. Slot by slot in order of time, whoever may hold it and has had the least of their share.
"""

from collections import defaultdict
from fractions import Fraction

from workforce.solver import standing
from workforce.solver.problem import INDEPENDENT, Kind, Problem, Slot, Wish


def sketch(problem: Problem) -> dict[str, str]:
    """Who might hold what; rest and nights are kept, supervision and hours are left to the search."""
    candidates = standing.candidates(problem)
    operators = {operator.key: operator for operator in problem.operators}
    due = standing.dues(problem)
    theirs: dict[str, list[Slot]] = defaultdict(list)
    for slot in problem.slots:
        if slot.holder is not None:
            theirs[slot.holder].append(slot)
    had: dict[tuple[str, Kind], int] = defaultdict(int)
    holders: dict[str, str] = {}

    def burden(person: str, slot: Slot) -> tuple[bool, Fraction, int]:
        shares = (
            (had[person, kind] + 1) / due[person, kind] for kind in slot.kinds if due.get((person, kind))
        )
        unwished = sum(w.weight for w in operators[person].wishes if not w.wanted and _within(w, slot))
        learning = operators[person].phases[slot.hub] != INDEPENDENT
        return learning, sum(shares, Fraction(0)) + Fraction(unwished, 4), len(theirs[person])

    for slot in sorted(problem.slots, key=lambda s: (s.start, s.key)):
        free = [key for key in candidates.get(slot.key, ()) if _may(theirs[key], slot, problem)]
        if free:
            person = min(free, key=lambda key: burden(key, slot))
            holders[slot.key] = person
            theirs[person].append(slot)
            for kind in slot.kinds:
                had[person, kind] += 1
    return holders


def alone(problem: Problem) -> dict[str, str]:
    """The same without those in training, for whom somebody would have to be there."""
    phases = {operator.key: operator.phases for operator in problem.operators}
    hubs = {slot.key: slot.hub for slot in problem.slots}
    return {key: who for key, who in sketch(problem).items() if phases[who][hubs[key]] == INDEPENDENT}


def _may(theirs: list[Slot], slot: Slot, problem: Problem) -> bool:
    rules = problem.rules
    if any(standing.clash(held, slot, rules) for held in theirs[-3:]):
        return False
    nights = sum(held.night and (slot.day - held.day).days < rules.over for held in theirs)
    return not slot.night or nights < rules.nights


def _within(wish: Wish, slot: Slot) -> bool:
    return wish.start < slot.end and slot.start < wish.end
