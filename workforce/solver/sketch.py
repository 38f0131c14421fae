"""A first rota by taking turns and passing duties on, from which the search begins; it promises nothing.

Called by solving and reasons. Rest, nights and leave are kept, and nobody relies on somebody in training; hours are
left to the search, and so are those under direct supervision and whoever relied on a duty that stayed empty.
"""

from collections import defaultdict
from collections.abc import Iterable
from fractions import Fraction

from workforce.solver import standing
from workforce.solver.problem import DIRECT, INDIRECT, Problem, Slot, Wish

_PASSES = 4  # times the number of duties: how often one is taken from somebody before the rest is left to the search


def sketch(problem: Problem) -> dict[str, str]:
    """Who might hold what; some duties may have nobody."""
    turns = _Turns(problem)
    ordered = sorted(problem.slots, key=lambda slot: (slot.start, slot.key))
    empty = [slot for slot in ordered if slot.holder is None and slot.must and not turns.take(slot)]
    for slot in ordered:
        if slot.holder is None and not slot.must:
            turns.take(slot)
    passes = 0
    while empty and passes < _PASSES * len(ordered):
        slot = empty.pop(0)
        empty += turns.push(slot)
        passes += 1
    return turns.holders


class _Turns:
    """A rota in the making."""

    def __init__(self, problem: Problem) -> None:
        self.rules = problem.rules
        self.operators = {operator.key: operator for operator in problem.operators}
        self.slots = {slot.key: slot for slot in problem.slots}
        self.due = standing.dues(problem)
        self.candidates = {
            key: [who for who in people if self.operators[who].phases[self.slots[key].hub] != DIRECT]
            for key, people in standing.candidates(problem).items()
        }
        self.holders: dict[str, str] = {}
        self.theirs: dict[str, list[Slot]] = defaultdict(list)
        self.moved: dict[tuple[str, str], int] = defaultdict(int)
        self.answering = {
            slot.key: [
                {other.key for other in stretch} for stretch in standing.guards(problem, slot, INDIRECT)
            ]
            for slot in problem.slots
            if any(self._learning(who, slot) for who in self.candidates.get(slot.key, ()))
        }
        self.answered: dict[str, set[str]] = defaultdict(set)
        for key, stretches in self.answering.items():
            for other in set().union(*stretches):
                self.answered[other].add(key)
        for slot in problem.slots:
            if slot.holder is not None:
                self.holders[slot.key] = slot.holder
                self.theirs[slot.holder].append(slot)

    def take(self, slot: Slot) -> bool:
        """Give it to whoever may hold it and has had the least of their share."""
        free = [who for who in self._fit(slot) if not self._in_the_way(who, slot)]
        if free:
            self._give(slot, min(free, key=lambda who: self._burden(who, slot)))
        return bool(free)

    def push(self, slot: Slot) -> list[Slot]:
        """Give it to somebody who has to let go of others for it, seldom the same ones; those that find nobody."""
        if self.take(slot):
            return []
        ways = [(who, self._in_the_way(who, slot)) for who in self._fit(slot)]
        open_ways = [(who, way) for who, way in ways if all(held.holder is None for held in way)]
        if not open_ways:
            return []
        who, way = min(open_ways, key=lambda one: (len(one[1]) + self.moved[one[0], slot.key], one[0]))
        self.moved[who, slot.key] += 1
        for held in way:
            self.theirs[who].remove(held)
            del self.holders[held.key]
        self._give(slot, who)
        return [held for held in way if not self.take(held) and held.must]

    def _fit(self, slot: Slot) -> list[str]:
        """Who may hold it, but for those in training whom nobody would answer for, or who would have to answer."""
        people = self.candidates[slot.key]
        learning = {who for who in people if self._learning(who, slot)}
        if learning and not self._may_learn(slot):
            return [who for who in people if who not in learning]
        return people

    def _may_learn(self, slot: Slot) -> bool:
        if not all(any(map(self._may_answer, stretch)) for stretch in self.answering[slot.key]):
            return False
        relying = (key for key in self.answered[slot.key] if key in self.holders)
        return not any(
            self._learning(self.holders[key], self.slots[key])
            and not all(any(map(self._may_answer, stretch - {slot.key})) for stretch in self.answering[key])
            for key in relying
        )

    def _may_answer(self, key: str) -> bool:
        return key not in self.holders or not self._learning(self.holders[key], self.slots[key])

    def _learning(self, who: str, slot: Slot) -> bool:
        operator = self.operators.get(who)
        return operator is not None and operator.phases.get(slot.hub) == INDIRECT

    def _give(self, slot: Slot, who: str) -> None:
        self.holders[slot.key] = who
        self.theirs[who].append(slot)

    def _in_the_way(self, who: str, slot: Slot) -> list[Slot]:
        """What this operator would have to let go of."""
        theirs = self.theirs[who]
        found = [held for held in theirs if standing.clash(held, slot, self.rules)]
        if self.rules.rations(slot):
            nights = (held for held in theirs if self.rules.rations(held) and held not in found)
            found += self._too_many(nights, slot)
        return found

    def _too_many(self, nights: Iterable[Slot], slot: Slot) -> list[Slot]:
        kept = sorted((*nights, slot), key=lambda one: one.day)
        found: list[Slot] = []
        place = 0
        while place + self.rules.nights < len(kept):
            row = kept[place : place + self.rules.nights + 1]
            if slot in row and (row[-1].day - row[0].day).days < self.rules.over:
                gone = row[-1] if row[-1] is not slot else row[0]
                found.append(gone)
                kept.remove(gone)
            else:
                place += 1
        return found

    def _burden(self, who: str, slot: Slot) -> tuple[Fraction, int, str]:
        theirs = self.theirs[who]
        shares = (
            (sum(kind in held.kinds for held in theirs) + 1) / self.due[who, kind]
            for kind in sorted(slot.kinds)
            if self.due.get((who, kind))
        )
        wishes = self.operators[who].wishes
        unwished = sum(wish.weight for wish in wishes if not wish.wanted and _within(wish, slot))
        return sum(shares, Fraction(0)) + Fraction(unwished, 4), len(theirs), who


def _within(wish: Wish, slot: Slot) -> bool:
    return wish.start < slot.end and slot.start < wish.end
