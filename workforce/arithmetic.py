"""The arithmetic of a workforce: centres, operators, cases and nights, and what gaps in a rota cost. Pure.

Called by the planning page. Every number can be another one; the published ones are in workforce.figures.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

NIGHTS_A_YEAR = 365.25
WEEKENDS_A_YEAR = NIGHTS_A_YEAR / 7
HOUR = timedelta(hours=1)
Stretch = tuple[datetime, datetime]


@dataclass(frozen=True)
class Plan:
    """So many centres with so many operators each, for so many cases a year."""

    centres: int
    fewest: int  # operators a centre
    most: int
    cases: int  # a year, in all centres
    volume: int  # cases an operator a year that keep the skill

    @property
    def operators(self) -> tuple[int, int]:
        """How many operators that takes, from the fewest to the most."""
        return self.centres * self.fewest, self.centres * self.most

    @property
    def cases_each(self) -> tuple[float, float]:
        """Cases an operator a year, from the most operators to the fewest."""
        fewest, most = self.operators
        return self.cases / most, self.cases / fewest

    @property
    def cases_a_centre(self) -> float:
        return self.cases / self.centres

    @property
    def most_for_the_volume(self) -> int:
        """How many operators can each keep up the volume, in all centres."""
        return self.cases // self.volume

    @property
    def centre_for_the_volume(self) -> int:
        """Cases a year that a centre with the most operators needs for each to keep up the volume."""
        return self.most * self.volume


@dataclass(frozen=True)
class Frequency:
    """A rota of one in so many: how often that is for one person, holidays and leave left aside."""

    one_in: int

    @property
    def nights_a_year(self) -> float:
        return NIGHTS_A_YEAR / self.one_in

    @property
    def nights_a_month(self) -> float:
        return self.nights_a_year / 12

    @property
    def weekends_a_year(self) -> float:
        return WEEKENDS_A_YEAR / self.one_in

    @property
    def rest_days_a_year(self) -> float:
        """Half a day of rest after each night on call, in days."""
        return self.nights_a_year / 2


@dataclass(frozen=True)
class Uncovered:
    """One hub's stretches without anybody, over so many days, and what one more operator would close."""

    gaps: Sequence[Stretch]
    days: float

    @property
    def hours(self) -> float:
        return sum((end - start) / HOUR for start, end in self.gaps)

    @property
    def share(self) -> float:
        """Of all hours, per cent."""
        return 100 * self.hours / (24 * self.days)

    def holds(self, moments: Iterable[datetime]) -> int:
        """How many of these moments fell into a gap."""
        return sum(any(start <= moment < end for start, end in self.gaps) for moment in moments)

    def closed_by_one_more(self, one_in: int) -> float:
        """The hours that one more person at one in so many could take, and there are to take."""
        return min(self.hours, 24 * self.days / one_in)

    def more_needed(self, one_in: int) -> int:
        """How many more people at one in so many close every gap."""
        return math.ceil(self.hours * one_in / (24 * self.days))
