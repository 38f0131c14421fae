"""The rota solver beside a round-robin: a hub for half a year, a region for two months; judged by the tests' judge."""

import statistics
import time
from collections.abc import Callable, Iterator, Mapping

from tests.bench import rotas
from tests.bench.figures import Claim, Round, Section, median
from tests.bench.house import House
from tests.bench.parts import Effort
from tests.bench.peers import round_robin
from tests.workforce import rota_judge
from workforce.solver import process, wire
from workforce.solver.problem import Kind, Problem

NEAR = 0.02
WITHIN = {"hub": 30.0, "region": 60.0}
FIGURES = ("first", "seconds", "gap", "breaches", "cost", *Kind)
COLUMNS = [
    "rota",
    "first s",
    "seconds",
    "gap %",
    "breaches",
    "cost",
    "nights off share",
    "weekends",
    "bank holidays",
]
METHOD = (
    "Each round is another rota at random, with leave, wishes, part-timers, and in the region people in training and "
    "operators of two hubs. The clock starts before the solver's process does, on two workers; first s: until a rota "
    "that keeps every rule was there. Off share: how far the one who is worst served lies from the exact share. "
    "Breaches and cost (10 for each night, weekend or bank holiday off share, 1 to 3 for each wish) are counted by "
    "tests/workforce/rota_judge.py, which shares no code with the solver. The peer takes turns, as by hand."
)


def measure(house: House | None, effort: Effort) -> Section:
    """A round of the one, a round of the other, on the same rotas."""
    hub_weeks, region_weeks, hubs = (4, 2, 3) if effort.quick else (26, 8, 12)
    sizes: dict[str, Callable[[int], Problem]] = {
        "hub": lambda seed: rotas.hub(seed, operators=8, weeks=hub_weeks),
        "region": lambda seed: rotas.region(seed, hubs=hubs, weeks=region_weeks),
    }
    names = {
        "hub": f"8 operators × {hub_weeks} weeks",
        "region": f"{5 * hubs} operators × {hubs} hubs × {region_weeks} weeks",
    }
    section = Section("A fair rota", METHOD, COLUMNS)
    for size, problem in sizes.items():
        found: dict[str, list[Round]] = {"Dido": [], "round-robin": []}
        for seed in range(effort.rounds):
            asked = problem(seed)
            found["Dido"].append(_solved(asked, WITHIN[size]))
            found["round-robin"].append(_by_hand(asked))
        for who, rounds in found.items():
            section.rows.append([f"{names[size]}: {who}", *(median(rounds, figure) for figure in FIGURES)])
        section.claims += _claims(size, names[size], found)
    return section


def _solved(asked: Problem, seconds: float) -> Round:
    begun = time.monotonic()
    first = float("nan")
    with process.Running(wire.Request(asked, seconds=seconds, workers=2, good_enough=NEAR)) as running:
        for number, _ in enumerate(running):
            first = time.monotonic() - begun if number == 0 else first
        rota = running.rota()
    took = time.monotonic() - begun
    return {"first": first, "seconds": took, "gap": 100 * rota.gap, **_judged(asked, rota.holders)}


def _by_hand(asked: Problem) -> Round:
    begun = time.monotonic()
    holders = round_robin.rota(asked)
    took = time.monotonic() - begun
    return {"first": took, "seconds": took, "gap": float("nan"), **_judged(asked, holders)}


def _judged(asked: Problem, holders: Mapping[str, str]) -> Round:
    off: dict[str, float] = {
        kind.value: max(
            abs(float(rota_judge.held(asked, one, kind, holders) - rota_judge.due(asked, one, kind)))
            for one in asked.operators
        )
        for kind in Kind
    }
    breaches = len(rota_judge.breaches(asked, holders))
    return {"breaches": breaches, "cost": rota_judge.cost(asked, holders), **off}


def _claims(size: str, name: str, found: Mapping[str, list[Round]]) -> Iterator[Claim]:
    ours, peer = found["Dido"], found["round-robin"]
    if size == "hub":
        worst = max(one["gap"] for one in ours)
        yield Claim(f"{name}: from the bound, the worst round", "%", worst, 100 * NEAR)
        yield Claim(f"{name}: until then", "s", median(ours, "seconds"), WITHIN[size])
    else:
        yield Claim(f"{name}: until a rota keeps every rule", "s", median(ours, "first"), WITHIN[size])
    yield Claim(f"{name}: breaches, all rounds", "", sum(one["breaches"] for one in ours), 0)
    cost, theirs = (statistics.median(one["cost"] for one in side) for side in (ours, peer))
    yield Claim(f"{name}: cost of unfairness and wishes, to the round-robin's", "", cost, 1.0, peer=theirs)
