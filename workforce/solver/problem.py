"""What the solver is asked and what it answers: hubs, operators, slots, rules, and a rota.

Everybody in this package speaks in these; they know nothing of how a rota is found. Instants are aware datetimes;
a slot's `day` is the local date on which it begins. Keys are the caller's own.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from fractions import Fraction

FIRST = "first"
INDEPENDENT, INDIRECT, DIRECT = "independent", "indirect", "direct"
PHASES = (INDEPENDENT, INDIRECT, DIRECT)


class Kind(StrEnum):
    """What is shared out evenly; a slot may be of several kinds or of none."""

    NIGHT = "night"
    WEEKEND = "weekend"
    BANK_HOLIDAY = "bank_holiday"


@dataclass(frozen=True)
class Span:
    """A stretch of time, from start until end (exclusive)."""

    start: datetime
    end: datetime


@dataclass(frozen=True)
class Wish:
    """An operator would like a duty in this stretch, or would rather have none; weight 1 (mild) to 3 (dear)."""

    start: datetime
    end: datetime
    wanted: bool = False
    weight: int = 1


@dataclass(frozen=True)
class Hub:
    """Where duties are; `reach` are the hubs whose independent operators on call can be reached from here."""

    key: str
    name: str
    reach: tuple[str, ...] = ()


@dataclass(frozen=True)
class Operator:
    """Whoever may be on call: in which phase at which hub, with what share of a whole one's duties in percent."""

    key: str
    name: str
    phases: Mapping[str, str]
    share: int = 100
    leave: tuple[Span, ...] = ()
    wishes: tuple[Wish, ...] = ()


@dataclass(frozen=True)
class Slot:
    """One duty to be held by one person; `holder` is somebody who holds it already and keeps it.

    A promised slot counts in the rules and in the fairness, and breaks no rule by itself: the weeks before the rota,
    a duty elsewhere, an override. `minutes` is what the working week counts of it: on call from home, that is what is
    really worked. A slot that is not a `must` may stay empty where nobody can be found; one that is not `shared` weighs
    in the rules and in nobody's share.
    """

    key: str
    hub: str
    duty: str
    start: datetime
    end: datetime
    day: date
    kinds: frozenset[Kind] = frozenset()
    minutes: int = 0
    must: bool = True
    holder: str | None = None
    shared: bool = True

    @property
    def night(self) -> bool:
        """Whether a night's rest follows."""
        return Kind.NIGHT in self.kinds


@dataclass(frozen=True)
class Rules:
    """The network's own figures.

    At most `over // one_in` nights in any `over` nights in a row: 1 in 6 with `over` 6 means five nights off after
    each, with `over` 42 it is an average over six weeks. The week's hours are an average over `average_weeks`, or
    over the rota where that is shorter; `daytime_hours` is what each works in a week apart from being on call.
    The nights of the `rationed` duties are counted, and whoever holds one of the `present` ones is there for somebody
    under direct supervision; where nothing is named, every duty is meant.
    """

    one_in: int = 6
    over: int = 6
    rest_hours: int = 11
    rest_after_night_hours: int = 12
    week_hours: int = 48
    average_weeks: int = 17
    daytime_hours: int = 0
    rationed: tuple[str, ...] = ()
    present: tuple[str, ...] = ()

    @property
    def nights(self) -> int:
        """The most nights in any `over` nights in a row."""
        return self.over // self.one_in

    def rations(self, slot: Slot) -> bool:
        """Whether this is a night that counts."""
        return slot.night and (not self.rationed or slot.duty in self.rationed)


@dataclass(frozen=True)
class Problem:
    """A rota that is asked for: `weeks` whole weeks from the day `first`."""

    first: date
    weeks: int
    hubs: tuple[Hub, ...]
    operators: tuple[Operator, ...]
    slots: tuple[Slot, ...]
    rules: Rules = field(default_factory=Rules)


class Result(StrEnum):
    """What came of it."""

    BEST = "best"  # proved: there is none fairer
    GOOD = "good"  # every rule kept; how far from the best at most, `gap` says
    IMPOSSIBLE = "impossible"  # proved: no rota keeps every rule
    UNKNOWN = "unknown"  # the time ran out before either was known


@dataclass(frozen=True)
class Fairness:
    """What one operator holds of one kind, and what would be the exact share of it."""

    operator: str
    kind: Kind
    held: int
    due: Fraction


@dataclass(frozen=True)
class Rota:
    """The answer: who holds each slot, the cost and its bound, and where there is no rota, why, in sentences.

    An `IMPOSSIBLE` rota fills as many slots as can be; `empty` are those that nobody can hold.
    """

    result: Result
    holders: Mapping[str, str] = field(default_factory=dict)
    cost: int = 0
    bound: int = 0
    seconds: float = 0.0
    fairness: tuple[Fairness, ...] = ()
    reasons: tuple[str, ...] = ()
    empty: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()

    @property
    def gap(self) -> float:
        """How far the cost may be above the best, as a part of the cost: 0.02 is two percent."""
        return (self.cost - self.bound) / self.cost if self.cost > self.bound else 0.0


@dataclass(frozen=True)
class Progress:
    """A rota was found that is better than all before; or only the bound moved."""

    seconds: float
    cost: int
    bound: int
