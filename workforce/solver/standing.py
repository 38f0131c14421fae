"""Who may hold which slot, what counts as one night too many, and what would be everybody's exact share.

Pure arithmetic over a problem, shared by the model, the repair and the reasons; it finds no rota itself.
"""

import itertools
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, timedelta
from fractions import Fraction

from workforce.solver.problem import DIRECT, INDEPENDENT, Fairness, Kind, Operator, Problem, Rules, Slot, Span

SUPERVISOR = "supervisor"


def qualified(operator: Operator, slot: Slot) -> bool:
    """Whether this person may hold the duty at all: somebody in training is nobody's supervisor."""
    phase = operator.phases.get(slot.hub)
    return phase == INDEPENDENT or (phase is not None and slot.duty != SUPERVISOR)


def overlap(one: Span | Slot, other: Span | Slot) -> bool:
    """Whether both hold at some instant."""
    return one.start < other.end and other.start < one.end


def rested(slot: Slot, rules: Rules) -> timedelta:
    """The rest after this slot before the next may begin."""
    return timedelta(hours=rules.rest_after_night_hours if slot.night else rules.rest_hours)


def clash(one: Slot, other: Slot, rules: Rules) -> bool:
    """Whether nobody may hold both: they overlap, or there is too little rest between."""
    earlier, later = sorted((one, other), key=lambda slot: slot.start)
    return later.start < earlier.end + rested(earlier, rules)


def candidates(problem: Problem) -> dict[str, tuple[str, ...]]:
    """For each slot that is still open, who may hold it: qualified, not on leave, rested before and after."""
    promised: dict[str, list[Slot]] = defaultdict(list)
    for slot in problem.slots:
        if slot.holder is not None:
            promised[slot.holder].append(slot)

    def free(operator: Operator, slot: Slot) -> bool:
        return (
            qualified(operator, slot)
            and not any(overlap(span, slot) for span in operator.leave)
            and not any(clash(held, slot, problem.rules) for held in promised[operator.key])
        )

    return {
        slot.key: tuple(operator.key for operator in problem.operators if free(operator, slot))
        for slot in problem.slots
        if slot.holder is None
    }


def guards(problem: Problem, slot: Slot, phase: str) -> Iterator[list[Slot]]:
    """For each stretch of this slot, the other slots whose independent holder answers for somebody in this phase."""
    reach = {hub.key: {hub.key, *hub.reach} for hub in problem.hubs}
    hubs = {slot.hub} if phase == DIRECT else reach[slot.hub]
    duties = problem.rules.present if phase == DIRECT else ()
    others = [
        t
        for t in problem.slots
        if t.key != slot.key and t.hub in hubs and overlap(t, slot) and (not duties or t.duty in duties)
    ]
    ends = {slot.start, slot.end, *(t.start for t in others), *(t.end for t in others)}
    edges = sorted(edge for edge in ends if slot.start <= edge <= slot.end)
    stretches = {
        tuple(t.key for t in others if t.start <= start and end <= t.end)
        for start, end in itertools.pairwise(edges)
    }
    by_key = {t.key: t for t in others}
    for keys in sorted(stretches):
        yield [by_key[key] for key in keys]


def night_windows(slots: Iterable[Slot], rules: Rules) -> list[list[Slot]]:
    """The nights of each stretch of `over` nights that holds more of them than one person may."""
    by_day: dict[date, list[Slot]] = defaultdict(list)
    for slot in slots:
        if rules.rations(slot):
            by_day[slot.day].append(slot)
    windows = (
        [slot for number in range(rules.over) for slot in by_day.get(day + timedelta(days=number), ())]
        for day in sorted(by_day)
    )
    return _widest(window for window in windows if len(window) > rules.nights)


def weeks(slots: Iterable[Slot], problem: Problem) -> list[list[Slot]]:
    """The slots of each stretch of weeks over which the hours are averaged."""
    length = min(problem.rules.average_weeks, problem.weeks)
    held = list(slots)
    days = [problem.first + timedelta(weeks=number) for number in range(problem.weeks - length + 1)]
    return [[slot for slot in held if day <= slot.day < day + timedelta(weeks=length)] for day in days]


def minutes_allowed(problem: Problem) -> int:
    """The most minutes on call in one such stretch."""
    hours = problem.rules.week_hours - problem.rules.daytime_hours
    return hours * 60 * min(problem.rules.average_weeks, problem.weeks)


def cliques(slots: Iterable[Slot], rules: Rules) -> list[list[Slot]]:
    """Sets of slots of which one person may hold one; every two that clash are together in some set."""
    ordered = sorted(slots, key=lambda slot: (slot.start, slot.key))
    running: list[Slot] = []
    found: list[list[Slot]] = []
    for slot in ordered:
        running = [held for held in running if slot.start < held.end + rested(held, rules)] + [slot]
        found.append(list(running))
    return _widest(clique for clique in found if len(clique) > 1)


def _widest(sets: Iterable[list[Slot]]) -> list[list[Slot]]:
    """Without those that lie within the next or the one before."""
    kept: list[tuple[set[str], list[Slot]]] = []
    for one in sets:
        keys = {slot.key for slot in one}
        if kept and keys <= kept[-1][0]:
            continue
        while kept and kept[-1][0] <= keys:
            kept.pop()
        kept.append((keys, one))
    return [one for _, one in kept]


def counted(problem: Problem) -> list[Slot]:
    """The slots that are shared out: those that are open, and those promised to one of these operators."""
    known = {None, *(operator.key for operator in problem.operators)}
    return [slot for slot in problem.slots if slot.shared and slot.holder in known]


def dues(problem: Problem) -> dict[tuple[str, Kind], Fraction]:
    """Everybody's exact share of each kind: each slot is divided among those who may hold it, by their shares.

    Leave does not lessen it: duties are covered prospectively. Whoever is away for long has a lesser share.
    """
    due: dict[tuple[str, Kind], Fraction] = defaultdict(Fraction)
    for slot in counted(problem):
        sharing = [operator for operator in problem.operators if qualified(operator, slot)]
        whole = sum(operator.share for operator in sharing)
        for operator in sharing:
            for kind in slot.kinds:
                due[operator.key, kind] += Fraction(operator.share, whole) if whole else 0
    return dict(due)


def fairness(problem: Problem, holders: Mapping[str, str]) -> tuple[Fairness, ...]:
    """What everybody holds of each kind beside the exact share."""
    due = dues(problem)
    held: dict[tuple[str, Kind], int] = defaultdict(int)
    for slot in counted(problem):
        if slot.key in holders:
            for kind in slot.kinds:
                held[holders[slot.key], kind] += 1
    return tuple(
        Fairness(operator.key, kind, held[operator.key, kind], due[operator.key, kind])
        for operator in problem.operators
        for kind in Kind
        if (operator.key, kind) in due
    )
