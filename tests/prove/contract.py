"""What a proof is: something to run at a size with a seed, and the same thing broken on purpose, which must be caught.

Every proof module carries one `PROOF`. A proof reads no clock but the one it needs, draws only from its seed, and
leaves nothing running behind it.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

SHOWN = 3  # violations that a result tells in words


@dataclass(frozen=True, kw_only=True)
class Result:
    """What came of one run: how many cases, what was broken on the way, and what should not have happened."""

    size: int
    violations: int = 0
    examples: tuple[str, ...] = ()  # the first violations, in words
    faults: Mapping[str, int] = field(default_factory=dict)
    figures: Mapping[str, int | float | str] = field(default_factory=dict)


@dataclass
class Tally:
    """Counts while a proof runs."""

    cases: int = 0
    violations: int = 0
    examples: list[str] = field(default_factory=list)
    faults: Counter[str] = field(default_factory=Counter)

    def violation(self, words: str) -> None:
        """Something happened that must never happen."""
        self.violations += 1
        if len(self.examples) < SHOWN:
            self.examples.append(words)

    def check(self, true: object, words: str) -> None:
        """A violation unless this is so."""
        if not true:
            self.violation(words)

    def result(self, **figures: int | float | str) -> Result:
        """The counts as a result."""
        return Result(
            size=self.cases,
            violations=self.violations,
            examples=tuple(self.examples),
            faults=dict(sorted(self.faults.items())),
            figures=figures,
        )


def together(results: Sequence[Result]) -> Result:
    """What came of a run that was shared among several hands; their figures are added."""
    faults, figures = Counter[str](), Counter[str]()
    for one in results:
        faults.update(one.faults)
        figures.update({name: figure for name, figure in one.figures.items() if isinstance(figure, int)})
    return Result(
        size=sum(one.size for one in results),
        violations=sum(one.violations for one in results),
        examples=tuple(example for one in results for example in one.examples)[:SHOWN],
        faults=dict(sorted(faults.items())),
        figures=dict(figures),
    )


Run = Callable[[int, int], Result]  # size and seed


@dataclass(frozen=True, kw_only=True)
class Control:
    """The same suite against something broken on purpose; a suite that does not notice proves nothing."""

    broken: str  # what is broken, in words
    run: Run
    size: int
    in_tests: bool = True  # quick enough for `make test`


@dataclass(frozen=True, kw_only=True)
class Proof:
    """One promise, how to try it, and what must be caught."""

    promise: str
    unit: str  # what the size counts
    size: int  # the size that is published
    least: int  # the smallest share that still says something; what `make test` runs
    run: Run
    controls: tuple[Control, ...]
    in_tests: bool = True  # its least size is quick enough for `make test`

    def share(self, share: float) -> int:
        """The size of this share of the proof."""
        return self.size if share >= 1 else max(self.least, round(self.size * share))
