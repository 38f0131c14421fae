"""How a rota is made by hand: the next in turn who is not on leave, and where a rule forbids it, the one after.

The solver's peer. Where every one is forbidden, the next in turn who is there is on call all the same: a breach.
"""

from collections import defaultdict, deque
from datetime import timedelta

from workforce.solver.problem import Operator, Problem, Slot


def rota(problem: Problem) -> dict[str, str]:
    """Who holds what; empty where all are on leave."""
    turns = {
        hub.key: deque(operator for operator in problem.operators if hub.key in operator.phases)
        for hub in problem.hubs
    }
    theirs: dict[str, list[Slot]] = defaultdict(list)
    holders: dict[str, str] = {}
    for slot in sorted(problem.slots, key=lambda slot: slot.start):
        turn = turns[slot.hub]
        there = [operator for operator in turn if not _on_leave(operator, slot)]
        allowed = [operator for operator in there if _allowed(problem, theirs[operator.key], slot)]
        if there:
            chosen = (allowed or there)[0]
            holders[slot.key] = chosen.key
            theirs[chosen.key].append(slot)
            turn.remove(chosen)
            turn.append(chosen)
    return holders


def _on_leave(operator: Operator, slot: Slot) -> bool:
    return any(span.start < slot.end and slot.start < span.end for span in operator.leave)


def _allowed(problem: Problem, theirs: list[Slot], slot: Slot) -> bool:
    rules = problem.rules
    for held in theirs[-3:]:
        hours = rules.rest_after_night_hours if held.night else rules.rest_hours
        if slot.start < held.end + timedelta(hours=hours):
            return False
    nights = sum(held.night and (slot.day - held.day).days < rules.over for held in theirs)
    return not slot.night or nights < rules.over // rules.one_in
