"""Searches a model for so many seconds, tells of each better rota, and brings back who holds what.

Called by solving, reasons and repair; it knows nothing of what the costs mean. With one seed, one number of workers
and enough time the answer is the same each time.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from ortools.sat.python import cp_model

from workforce.solver.model import Model
from workforce.solver.problem import Progress

Told = Callable[[Progress], None]
A_LOOK = 0.5  # of the solver's own measure of work, which is the same on every machine


@dataclass(frozen=True)
class Effort:
    """How hard to search: when to stop at the latest, where the randomness begins, and how near the bound will do."""

    seconds: float = 30.0
    workers: int = 2
    seed: int = 1
    good_enough: float = 0.0
    told: Told | None = None
    begun: float = field(default_factory=time.monotonic)

    def left(self, part: float = 1.0) -> float:
        """Seconds that remain, or a part of them."""
        return max(0.05, (self.begun + self.seconds - time.monotonic()) * part)

    def spent(self) -> float:
        """Seconds since the beginning."""
        return time.monotonic() - self.begun


@dataclass(frozen=True)
class Found:
    """What a search brought: `holders` is None where there is no rota; `proved` that there is none, or none better."""

    holders: dict[str, str] | None
    proved: bool
    cost: int = 0
    bound: int = 0


def search(model: Model, effort: Effort, *, part: float = 1.0) -> Found:
    """The best rota that this model has within a part of the time that is left."""
    if effort.workers > 1 and _is_plainly_impossible(model, effort):
        return Found(None, proved=True)
    solver = cp_model.CpSolver()
    settings = solver.parameters
    settings.max_time_in_seconds = effort.left(part)
    settings.num_workers = effort.workers
    settings.random_seed = effort.seed
    settings.linearization_level = (
        2  # the at-most-one rules in the relaxation too: without them the bound is worth nothing
    )
    settings.interleave_search = effort.workers > 1
    settings.relative_gap_limit = effort.good_enough
    status = solver.solve(model.cp, _Telling(effort) if effort.told else None)
    if status == cp_model.INFEASIBLE:
        return Found(None, proved=True)
    if status not in {cp_model.OPTIMAL, cp_model.FEASIBLE}:
        return Found(None, proved=False)
    holders = {key: person for (key, person), yes in model.holds.items() if solver.boolean_value(yes)}
    holders |= {slot.key: slot.holder for slot in model.problem.slots if slot.holder is not None}
    cost, bound = round(solver.objective_value), round(solver.best_objective_bound)
    return Found(holders, cost <= bound, cost, bound)


def _is_plainly_impossible(model: Model, effort: Effort) -> bool:
    """Whether one worker sees at once that there is none.

    Several that take turns, with a rota to begin from, abort the whole process there (OR-Tools 9.15, at
    `fixed_search != nullptr`).
    """
    solver = cp_model.CpSolver()
    settings = solver.parameters
    settings.num_workers = 1
    settings.random_seed = effort.seed
    settings.linearization_level = 2
    settings.max_time_in_seconds = effort.left()
    settings.max_deterministic_time = A_LOOK
    settings.stop_after_first_solution = True
    return bool(solver.solve(model.cp) == cp_model.INFEASIBLE)


class _Telling(cp_model.CpSolverSolutionCallback):
    """Passes each better rota on, as progress."""

    def __init__(self, effort: Effort) -> None:
        super().__init__()
        self.effort = effort

    def on_solution_callback(self) -> None:
        """A better rota was found."""
        if self.effort.told is not None:
            cost, bound = round(self.objective_value), round(self.best_objective_bound)
            self.effort.told(Progress(self.effort.spent(), cost, bound))
