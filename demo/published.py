"""The published figures that the night is drawn from, read once from demo/data; see the README there for sources.

Called by demo.patients and demo.plans. It draws, and must never know of referrals or the clock.
"""

import csv
import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from random import Random

DATA = Path(__file__).parent / "data"
UPPER_QUARTER_POINT = 0.6744897501960817  # of the standard normal distribution
WIDEST = 1.64  # draws beyond the 5th and 95th percentile are drawn in to them: nothing absurd on a board


def rows(name: str) -> list[dict[str, str]]:
    """The lines of one of our files."""
    with (DATA / name).open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


@dataclass(frozen=True)
class Interval:
    """Minutes between two moments of a patient's way: log-normal through the published quartiles."""

    p25: float
    median: float
    p75: float

    @property
    def sigma(self) -> float:
        return (math.log(self.p75) - math.log(self.p25)) / (2 * UPPER_QUARTER_POINT)

    def draw(self, rng: Random) -> float:
        """Minutes of one patient."""
        deviation = max(-WIDEST, min(WIDEST, rng.gauss(0.0, 1.0)))
        return self.median * math.exp(self.sigma * deviation)

    def draw_above(self, rng: Random, least: float) -> float:
        """Minutes of one patient of whom it is known that they are more than `least`."""
        for _ in range(50):
            if (minutes := self.draw(rng)) > least:
                return minutes
        return least


@cache
def intervals() -> dict[str, Interval]:
    """Every interval by its name."""
    return {
        row["interval"]: Interval(float(row["p25"]), float(row["median"]), float(row["p75"]))
        for row in rows("minutes.csv")
    }


def minutes(rng: Random, interval: str) -> float:
    """Minutes of this interval for one patient."""
    return intervals()[interval].draw(rng)


@cache
def shares(what: str) -> tuple[tuple[str, ...], tuple[float, ...]]:
    """The values of one thing and their relative weights."""
    found = [(row["value"], float(row["weight"])) for row in rows("shares.csv") if row["what"] == what]
    return tuple(value for value, _ in found), tuple(weight for _, weight in found)


def choose(rng: Random, what: str) -> str:
    """One value of this thing, by its weight."""
    values, weights = shares(what)
    return rng.choices(values, weights)[0]


@cache
def admissions() -> dict[str, int]:
    """Patients with stroke in a year by site code, where published."""
    return {row["site"]: int(row["admissions"]) for row in rows("admissions.csv")}


@cache
def names(kind: str) -> Sequence[str]:
    """First names (`female`, `male`) or family names (`family`)."""
    return tuple(row["name"] for row in rows("names.csv") if row["kind"] == kind)
