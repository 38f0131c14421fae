"""Turns a problem into a model of CP-SAT: a yes or no for each slot and person who may hold it, the rules, the costs.

Only solving, reasons and repair build one. It states what must hold; it neither searches nor reads a clock.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping

from ortools.sat.python import cp_model

from workforce.solver import standing
from workforce.solver.problem import DIRECT, INDEPENDENT, INDIRECT, Kind, Operator, Problem, Slot

EMPTY = 1000  # a duty that may stay empty stays empty
UNEQUAL = (
    10  # a night, weekend or bank holiday away from one's share; the second one away costs twice as much
)
_STEPS = 3
Yes = cp_model.IntVar
Term = cp_model.LinearExprT


class Model:
    """The rules of a problem over its open slots; with `gaps`, a duty that must be held may stay empty as well."""

    def __init__(self, problem: Problem, *, gaps: bool = False) -> None:
        self.problem = problem
        self.cp = cp_model.CpModel()
        self.slots = {slot.key: slot for slot in problem.slots}
        self.operators = {operator.key: operator for operator in problem.operators}
        self.holds: dict[tuple[str, str], Yes] = {}
        self.by_slot: dict[str, dict[str, Yes]] = {}
        self.by_operator: dict[str, dict[str, Yes]] = {operator.key: {} for operator in problem.operators}
        self.empty: dict[str, Yes] = {}
        self._fill(gaps)
        self._supervise()
        for operator in problem.operators:
            self._rest(operator)
            self._ration(operator)

    def _fill(self, gaps: bool) -> None:
        for key, candidates in standing.candidates(self.problem).items():
            self.by_slot[key] = {person: self.cp.new_bool_var(f"{person} {key}") for person in candidates}
            for person, yes in self.by_slot[key].items():
                self.holds[key, person] = yes
                self.by_operator[person][key] = yes
            choices = list(self.by_slot[key].values())
            if gaps or not self.slots[key].must:
                self.empty[key] = self.cp.new_bool_var(f"nobody {key}")
                choices.append(self.empty[key])
            self.cp.add_exactly_one(choices)

    def _supervise(self) -> None:
        """Nobody in training is on without an independent operator who is present or reachable, as the phase asks."""
        for key, people in self.by_slot.items():
            slot = self.slots[key]
            for phase in (DIRECT, INDIRECT):
                learning = [
                    yes for person, yes in people.items() if self.operators[person].phases[slot.hub] == phase
                ]
                if not learning:
                    continue
                for stretch in standing.guards(self.problem, slot, phase):
                    promised, answering = self._answering(stretch)
                    if not promised:
                        self.cp.add(sum(learning) <= sum(answering))

    def _answering(self, slots: Iterable[Slot]) -> tuple[bool, list[Yes]]:
        answering: list[Yes] = []
        for slot in slots:
            if slot.holder is not None:
                if self._independent(slot.holder, slot):
                    return True, []
                continue
            people = self.by_slot[slot.key].items()
            answering += [yes for person, yes in people if self._independent(person, slot)]
        return False, answering

    def _independent(self, person: str, slot: Slot) -> bool:
        operator = self.operators.get(person)
        return operator is not None and operator.phases.get(slot.hub) == INDEPENDENT

    def _rest(self, operator: Operator) -> None:
        """Never at two hubs at once, and rested between duties."""
        mine = self.by_operator[operator.key]
        for clique in standing.cliques((self.slots[key] for key in mine), self.problem.rules):
            self.cp.add_at_most_one(mine[slot.key] for slot in clique)

    def _ration(self, operator: Operator) -> None:
        """At most so many nights in a row of nights, and so many hours a week on average."""
        rules, mine = self.problem.rules, self.by_operator[operator.key]
        theirs = [slot for slot in self.problem.slots if slot.key in mine or slot.holder == operator.key]
        for window in standing.night_windows(theirs, rules):
            open_slots = [mine[slot.key] for slot in window if slot.key in mine]
            left = max(0, rules.nights - (len(window) - len(open_slots)))
            if len(open_slots) > left:
                self.cp.add(sum(open_slots) <= left)
        for week in standing.weeks(theirs, self.problem):
            free = [slot for slot in week if slot.key in mine]
            taken = sum(slot.minutes for slot in week if slot.key not in mine)
            spare = max(0, standing.minutes_allowed(self.problem) - taken)
            if sum(slot.minutes for slot in free) > spare:
                self.cp.add(sum(slot.minutes * mine[slot.key] for slot in free) <= spare)

    def unequal(self) -> list[Term]:
        """The cost of everybody's distance from their share: the further, the dearer each step."""
        counted: dict[tuple[str, Kind], list[Term]] = defaultdict(list)
        for slot in standing.counted(self.problem):
            holding = [(slot.holder, 1)] if slot.holder else self.by_slot[slot.key].items()
            for person, yes in holding:
                for kind in slot.kinds:
                    counted[person, kind].append(yes)
        terms: list[Term] = []
        for who, due in standing.dues(self.problem).items():
            floor, ceiling = due.__floor__(), due.__ceil__()
            held, most = sum(counted[who]), len(counted[who])
            for step in range(_STEPS):
                terms += self._beyond(held, ceiling + step, most)
                terms += self._short(held, floor - step)
        return terms

    def _beyond(self, held: Term, limit: int, most: int) -> list[Term]:
        if most <= limit:
            return []
        more = self.cp.new_int_var(0, most - limit, "")
        self.cp.add(more >= held - limit)
        return [UNEQUAL * more]

    def _short(self, held: Term, limit: int) -> list[Term]:
        if limit <= 0:
            return []
        less = self.cp.new_int_var(0, limit, "")
        self.cp.add(less >= limit - held)
        return [UNEQUAL * less]

    def unwished(self) -> list[Term]:
        """The cost of wishes that are not met."""
        terms: list[Term] = []
        for operator in self.problem.operators:
            mine = self.by_operator[operator.key]
            for wish in operator.wishes:
                there = [
                    yes
                    for key, yes in mine.items()
                    if self.slots[key].start < wish.end and wish.start < self.slots[key].end
                ]
                if not wish.wanted:
                    terms += [wish.weight * yes for yes in there]
                    continue
                missed = self.cp.new_bool_var("")
                self.cp.add_bool_or([*there, missed])
                terms.append(wish.weight * missed)
        return terms

    def cost(self) -> Term:
        """All of it: duties left empty, then shares, then wishes."""
        left = [EMPTY * yes for yes in self.empty.values()]
        return cp_model.LinearExpr.sum([*left, *self.unequal(), *self.unwished()])

    def hint(self, holders: Mapping[str, str]) -> None:
        """Begin the search from this rota."""
        for (key, person), yes in self.holds.items():
            self.cp.add_hint(yes, holders.get(key) == person)
        for key, yes in self.empty.items():
            self.cp.add_hint(yes, key not in holders)
