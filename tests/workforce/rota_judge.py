"""Judges a rota by brute force: every pair, every stretch of nights, every quarter of an hour. For tests and bench.

It shares no code with the solver; it takes the problem's own figures and nothing else.
"""

import itertools
import math
from collections.abc import Iterator, Mapping
from datetime import timedelta
from fractions import Fraction

from workforce.solver.problem import Kind, Operator, Problem, Slot

QUARTER = timedelta(minutes=15)
Holders = Mapping[str, str]


def breaches(problem: Problem, holders: Holders) -> list[str]:
    """Every rule that this rota breaks, once for each time; a promised slot alone breaks none."""
    found = [f"empty {slot.key}" for slot in problem.slots if slot.must and slot.key not in holders]
    for operator in problem.operators:
        theirs = sorted(
            (slot for slot in problem.slots if holders.get(slot.key) == operator.key), key=lambda s: s.start
        )
        found += [
            f"{breach} ({operator.key})"
            for check in (_unfit, _tired, _nights, _hours)
            for breach in check(problem, operator, theirs)
        ]
        found += [f"{breach} ({operator.key})" for breach in _alone(problem, operator, theirs, holders)]
    return found


def _unfit(problem: Problem, operator: Operator, theirs: list[Slot]) -> Iterator[str]:
    for slot in theirs:
        if slot.holder is not None:
            if slot.holder != operator.key:
                yield f"promised to another {slot.key}"
            continue
        phase = operator.phases.get(slot.hub)
        if phase is None or (slot.duty == "supervisor" and phase != "independent"):
            yield f"not qualified {slot.key}"
        for span in operator.leave:
            if max(span.start, slot.start) < min(span.end, slot.end):
                yield f"on leave {slot.key}"


def _tired(problem: Problem, operator: Operator, theirs: list[Slot]) -> Iterator[str]:
    for one, other in itertools.combinations(theirs, 2):
        if one.holder is not None and other.holder is not None:
            continue
        hours = problem.rules.rest_after_night_hours if Kind.NIGHT in one.kinds else problem.rules.rest_hours
        if (other.start - one.end).total_seconds() < hours * 3600:
            yield f"no rest {one.key} {other.key}"


def _nights(problem: Problem, operator: Operator, theirs: list[Slot]) -> Iterator[str]:
    rationed = problem.rules.rationed or {slot.duty for slot in problem.slots}
    nights = [slot for slot in theirs if Kind.NIGHT in slot.kinds and slot.duty in rationed]
    if not nights:
        return
    most = math.floor(Fraction(problem.rules.over, problem.rules.one_in))
    day = min(slot.day for slot in nights) - timedelta(days=problem.rules.over)
    while day <= max(slot.day for slot in nights):
        window = [slot for slot in nights if 0 <= (slot.day - day).days < problem.rules.over]
        promised = sum(slot.holder is not None for slot in window)
        if len(window) > max(most, promised):
            yield f"too many nights from {day}"
        day += timedelta(days=1)


def _hours(problem: Problem, operator: Operator, theirs: list[Slot]) -> Iterator[str]:
    rules = problem.rules
    averaged = min(problem.weeks, rules.average_weeks)
    for number in range(problem.weeks - averaged + 1):
        since = 7 * number
        window = [slot for slot in theirs if since <= (slot.day - problem.first).days < since + 7 * averaged]
        minutes = sum(slot.minutes for slot in window) + rules.daytime_hours * 60 * averaged
        own = any(slot.holder is None for slot in window)
        if own and minutes > rules.week_hours * 60 * averaged:
            yield f"too many hours from week {number}"


def _alone(problem: Problem, operator: Operator, theirs: list[Slot], holders: Holders) -> Iterator[str]:
    phases = {other.key: other.phases for other in problem.operators}
    reach = {hub.key: {hub.key, *hub.reach} for hub in problem.hubs}
    for slot in theirs:
        phase = operator.phases.get(slot.hub)
        if slot.holder is not None or phase not in {"direct", "indirect"}:
            continue
        near = {slot.hub} if phase == "direct" else reach[slot.hub]
        at = slot.start
        while at < slot.end:
            on = [
                other
                for other in problem.slots
                if other.start <= at < other.end
                and other.hub in near
                and other.key in holders
                and (phase == "indirect" or not problem.rules.present or other.duty in problem.rules.present)
            ]
            if not any(phases.get(holders[other.key], {}).get(other.hub) == "independent" for other in on):
                yield f"alone {slot.key}"
                break
            at += QUARTER


def due(problem: Problem, operator: Operator, kind: Kind) -> Fraction:
    """This operator's exact share of a kind."""
    whole = Fraction(0)
    for slot in problem.slots:
        able = [
            other
            for other in problem.operators
            if slot.hub in other.phases
            and (slot.duty != "supervisor" or other.phases[slot.hub] == "independent")
        ]
        shared = slot.holder is None or slot.holder in {other.key for other in problem.operators}
        if shared and slot.shared and kind in slot.kinds and operator in able:
            whole += Fraction(operator.share, sum(other.share for other in able))
    return whole


def held(problem: Problem, operator: Operator, kind: Kind, holders: Holders) -> int:
    """How many of a kind this operator holds."""
    return sum(holders.get(s.key) == operator.key and kind in s.kinds and s.shared for s in problem.slots)


def cost(problem: Problem, holders: Holders) -> int:
    """What the rota costs: empty duties, steps away from the share, wishes that are not met."""
    total = 1000 * sum(slot.key not in holders for slot in problem.slots if slot.holder is None)
    for operator in problem.operators:
        for kind in Kind:
            share, has = due(problem, operator, kind), held(problem, operator, kind, holders)
            away = max(0, has - math.ceil(share), math.floor(share) - has)
            total += 10 * sum(max(0, away - step) for step in range(3))
        for wish in operator.wishes:
            there = sum(
                holders.get(s.key) == operator.key and s.start < wish.end and wish.start < s.end
                for s in problem.slots
                if s.holder is None
            )
            total += wish.weight * (int(there == 0) if wish.wanted else there)
    return total


def every(problem: Problem) -> Iterator[dict[str, str]]:
    """Every way to fill the open slots or leave them empty, whoever may or may not."""
    open_slots = [slot for slot in problem.slots if slot.holder is None]
    promised = {slot.key: slot.holder for slot in problem.slots if slot.holder is not None}
    people = [None, *(operator.key for operator in problem.operators)]
    for choice in itertools.product(people, repeat=len(open_slots)):
        chosen = {slot.key: who for slot, who in zip(open_slots, choice, strict=True) if who is not None}
        yield promised | chosen
