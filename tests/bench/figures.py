"""Figures and what is asked of them: percentiles, medians over the rounds, and claims that are met or missed."""

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

Round = Mapping[str, float]


def at(ordered: Sequence[float], share: float) -> float:
    """The value below which this share of them lies; they are in order of size."""
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))] if ordered else float("nan")


def median(rounds: Sequence[Round], name: str) -> float:
    """One figure, the median over the rounds."""
    return statistics.median(one[name] for one in rounds)


@dataclass(frozen=True)
class Claim:
    """One thing that was asked for: a figure of ours, a peer's from the same run, and the limit of their ratio."""

    what: str
    unit: str
    ours: float
    limit: float
    at_most: bool = True
    peer: float | None = None
    spread: tuple[float, float] | None = None  # the least and the greatest ratio of one round

    @property
    def figure(self) -> float:
        """What the limit is for: the ratio to the peer, or our own figure where there is none."""
        if self.peer is None:
            return self.ours
        return self.ours / self.peer if self.peer else float("inf")

    @property
    def met(self) -> bool:
        """Whether it is as it was asked for."""
        return self.figure <= self.limit if self.at_most else self.figure >= self.limit

    def told(self) -> dict[str, Any]:
        """For the evidence."""
        return {**asdict(self), "figure": self.figure, "met": self.met}


def against(
    what: str,
    name: str,
    ours: Sequence[Round],
    peers: Sequence[Round],
    *,
    limit: float,
    unit: str = "ms",
    at_most: bool = True,
) -> Claim:
    """The ratio of two medians over interleaved rounds."""
    ratios = [mine[name] / theirs[name] for mine, theirs in zip(ours, peers, strict=True) if theirs[name]]
    spread = (min(ratios), max(ratios)) if ratios else None
    return Claim(what, unit, median(ours, name), limit, at_most, median(peers, name), spread)


@dataclass
class Section:
    """What one part of the benchmark found."""

    title: str
    method: str
    columns: list[str]
    rows: list[list[Any]] = field(default_factory=list)
    claims: list[Claim] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def told(self) -> dict[str, Any]:
        """For the evidence; what is not a number is nothing there."""
        rows = [[None if cell != cell else cell for cell in row] for row in self.rows]  # noqa: PLR0124
        return {**asdict(self), "rows": rows, "claims": [claim.told() for claim in self.claims]}
