"""A fair rota for a problem, or why there is none.

Every rule is kept, or the answer is not a rota. Costs, the dearest first: a duty left empty that may be, then nights,
weekends and bank holidays away from everybody's share, then wishes. Called by work (the process of its own).
"""

from workforce.solver import reasons, sketch, standing
from workforce.solver.model import Model
from workforce.solver.problem import Problem, Result, Rota
from workforce.solver.search import Effort, Found, search

OUT_OF_TIME = (
    "No rota was found in {seconds:.0f} seconds; that does not mean that there is none. Try again for longer."
)


def solve(problem: Problem, effort: Effort) -> Rota:
    """The fairest rota within the time; where there is none, the fullest one, and why."""
    model = Model(problem)
    model.hint(sketch.sketch(problem))
    model.cp.minimize(model.cost())
    found = search(model, effort)
    if found.holders is not None:
        return rota(problem, found, effort)
    if not found.proved:
        return Rota(
            Result.UNKNOWN,
            seconds=effort.spent(),
            reasons=(OUT_OF_TIME.format(seconds=effort.seconds),),
        )
    return reasons.impossible(problem, effort)


def rota(problem: Problem, found: Found, effort: Effort) -> Rota:
    """What was found, as an answer."""
    assert found.holders is not None
    return Rota(
        Result.BEST if found.proved else Result.GOOD,
        found.holders,
        found.cost,
        found.bound,
        effort.spent(),
        standing.fairness(problem, found.holders),
    )
