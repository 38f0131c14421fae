"""What the rules of a safe rota are about, and what they say: plain facts in, breaches in words out.

No row, no clock and no figure lives here. Called by the other modules of this package and by whoever asks them.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

LONDON = ZoneInfo("Europe/London")


class Severity(StrEnum):
    """How grave a breach is."""

    DANGER = "danger"  # somebody may be left alone above their competence, or nobody comes
    SERIOUS = "serious"  # people are worn out, or the law is broken
    ADVICE = "advice"  # it could be better


@dataclass(frozen=True)
class Turn:
    """One person on one duty at one hub, from start until end (exclusive), as instants."""

    person: int
    hub: int
    duty: str
    start: datetime
    end: datetime


@dataclass(frozen=True)
class CalledOut:
    """A person on call had to come in, or was at work from home, from start until end."""

    person: int
    start: datetime
    end: datetime


@dataclass(frozen=True)
class Held:
    """A person works at a hub in this phase, from since until `until` (None: it goes on)."""

    person: int
    hub: int
    phase: str
    since: datetime
    until: datetime | None = None
    supervisor: int | None = None


@dataclass(frozen=True)
class Away:
    """A person is on leave from start until end (exclusive)."""

    person: int
    start: datetime
    end: datetime


@dataclass(frozen=True)
class Plan:
    """Everything that the rules look at, with the names that their words use."""

    turns: tuple[Turn, ...] = ()
    called_out: tuple[CalledOut, ...] = ()
    held: tuple[Held, ...] = ()
    away: tuple[Away, ...] = ()
    people: Mapping[int, str] = field(default_factory=dict)
    hubs: Mapping[int, str] = field(default_factory=dict)

    def name(self, person: int) -> str:
        return self.people.get(person, f"Person {person}")

    def hub(self, hub: int) -> str:
        return self.hubs.get(hub, f"Hub {hub}")

    def of_person(self) -> dict[int, list[Turn]]:
        """Each person's turns in order of time."""
        found: dict[int, list[Turn]] = {}
        for turn in sorted(self.turns, key=lambda t: (t.start, t.end)):
            found.setdefault(turn.person, []).append(turn)
        return found


@dataclass(frozen=True)
class Rule:
    """One rule with this network's figure, its severity and where it comes from."""

    name: str
    title: str
    severity: Severity
    source: str
    value: float = 0
    over_days: int = 0
    duties: tuple[str, ...] = ()
    unit: str = ""
    least: float = 0
    most: float = 0


Rules = Mapping[str, Rule]


@dataclass(frozen=True)
class Breach:
    """A rule that this rota does not keep: who, where, from when until when, and in words."""

    rule: str
    severity: Severity
    words: str
    source: str
    person: int | None
    hub: int | None
    start: datetime
    end: datetime

    def touches(self, start: datetime, end: datetime) -> bool:
        return self.start < end and start < self.end


def breach(
    rule: Rule,
    words: str,
    *,
    start: datetime,
    end: datetime,
    person: int | None = None,
    hub: int | None = None,
) -> Breach:
    """A breach of this rule."""
    return Breach(rule.name, rule.severity, words, rule.source, person, hub, start, end)


Stretch = tuple[datetime, datetime]


def without(whole: Stretch, taken: Iterable[Stretch]) -> list[Stretch]:
    """What is left of a stretch of time when these are taken out of it, in order."""
    left: list[Stretch] = []
    begun = whole[0]
    for start, end in sorted(taken):
        if end <= begun:
            continue
        if start >= whole[1]:
            break
        if start > begun:
            left.append((begun, start))
        begun = end
        if begun >= whole[1]:
            return left
    left.append((begun, whole[1]))
    return left


def shared(one: Stretch, other: Stretch) -> Stretch | None:
    """The time that two stretches share; None where they do not meet."""
    start, end = max(one[0], other[0]), min(one[1], other[1])
    return (start, end) if start < end else None


def day(moment: datetime) -> str:
    """A day as people say it: Tue 3 Nov."""
    local = moment.astimezone(LONDON)
    return f"{local:%a} {local.day} {local:%b}"


def said(start: datetime, end: datetime) -> str:
    """A stretch as people say it: Tue 3 Nov 20:00 to Wed 4 Nov 08:00."""
    first, last = start.astimezone(LONDON), end.astimezone(LONDON)
    until = f"{last:%H:%M}" if first.date() == last.date() else f"{day(end)} {last:%H:%M}"
    return f"{day(start)} {first:%H:%M} to {until}"


def hours(seconds: float) -> str:
    """Hours in words, to the half hour below."""
    whole = int(seconds // 1800) / 2
    return f"{whole:g} hour" if whole == 1 else f"{whole:g} hours"
