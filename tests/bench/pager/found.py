"""What a part of the pager's benchmark finds: rows of a table, and claims."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from statistics import median
from typing import Any

from tests.bench.figures import Claim, at


@dataclass
class Found:
    """One part's rows and claims."""

    rows: list[list[Any]] = field(default_factory=list)
    claims: list[Claim] = field(default_factory=list)

    def times(self, what: str, late: Sequence[float]) -> tuple[float, float]:
        """A row of times in seconds; returns their median and 99th percentile in milliseconds."""
        ordered = sorted(second * 1000 for second in late)
        middle, most = median(ordered), at(ordered, 0.99)
        self.rows.append([what, len(ordered), middle, most, ordered[-1]])
        return middle, most

    def at_most(self, what: str, unit: str, ours: float, limit: float) -> None:
        """Something that was asked for, without a peer."""
        self.claims.append(Claim(what, unit, ours, limit))
