"""The criteria for thrombectomy as data: each clause with its bounds, unit, source and version. Pure.

Read by referrals.criteria.judging and by the criteria's screen. A hub's own differences are laid over the national
clauses here; nothing here refuses anything.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache, cached_property
from pathlib import Path
from typing import Any

HOUR = 60  # minutes
NATIONAL = "2023.1"  # the version that holds now
BOUNDS = ("at_least", "at_most", "more_than")


@dataclass(frozen=True)
class Source:
    """Who says so."""

    document: str
    section: str
    year: int

    def __str__(self) -> str:
        return f"{self.document}{f' {self.section}' if self.section else ''} ({self.year})"


@dataclass(frozen=True)
class Clause:
    """One thing that is asked of a patient: of which, when it applies, and what is within it."""

    id: str
    about: str  # clauses about the same thing are weighed together
    label: str
    fact: str
    unit: str
    settle: str  # what to do where the fact is not known
    source: Source
    version: int
    territory: str = ""  # anterior or posterior; empty: both
    hours: tuple[int, int] | None = None  # after the first, up to the second; none: always
    at_least: int | None = None
    at_most: int | None = None
    more_than: int | None = None
    beyond: str = "outside"  # what a number outside the bounds is: outside, or uncertain
    within: tuple[str, ...] = ()
    uncertain: tuple[str, ...] = ()
    rule: str = ""
    doubt: str = ""  # what to do where the answer leaves it uncertain
    range: tuple[int, int] = (0, 0)  # what the bounds may be

    @property
    def is_number(self) -> bool:
        return not self.within

    @cached_property
    def asked(self) -> str:
        """What is asked and when: “beyond 6 h: at most 24 h”."""
        _, _, when = self.label.partition(", ")
        return f"{when}: {self.words}" if when else self.words

    @cached_property
    def said_by(self) -> str:
        """The source, written out."""
        return str(self.source)

    @property
    def words(self) -> str:
        """What is asked: “6 or more”, “at most 24 h”."""
        if not self.is_number:
            return self.rule
        unit = f" {self.unit}" if self.unit not in {"points", ""} else ""
        if self.more_than is not None:
            return f"more than {self.more_than}{unit}"
        if self.at_least is not None and self.at_most is not None:
            return f"{self.at_least} to {self.at_most}{unit}"
        if self.at_least is not None:
            return f"{self.at_least}{unit} or more"
        if self.at_most is not None:
            return f"at most {self.at_most}{unit}"
        return "known; no limit"


@dataclass(frozen=True)
class Criteria:
    """The clauses that one hub goes by, and which version of them: the national one, and the hub's own (0: none)."""

    national: str
    clauses: tuple[Clause, ...]
    own: int = 0
    hub: str = ""

    def windows(self, territory: str) -> tuple[int, ...]:
        """The hours from onset at which more is asked, or nobody is taken any more, in order."""
        mine = [one for one in self.clauses if one.territory in {"", territory}]
        edges = {one.hours[1] for one in mine if one.hours and one.hours[0] == 0}
        edges |= {one.at_most for one in mine if one.fact == "minutes" and one.at_most is not None}
        return tuple(sorted(edges))

    @property
    def version(self) -> str:
        return f"{self.national}, {self.hub} {self.own}" if self.own else self.national


@cache
def national(version: str = NATIONAL) -> Criteria:
    """What holds where a hub has said nothing else; earlier versions stay, for those who were judged by them."""
    said = json.loads((Path(__file__).parent / "data" / f"{version}.json").read_text())
    return Criteria(said["version"], tuple(_clause(row) for row in said["clauses"]))


def _clause(row: Mapping[str, Any]) -> Clause:
    lists = {name: tuple(row[name]) for name in ("within", "uncertain", "hours", "range") if name in row}
    return Clause(**{**row, **lists, "source": Source(**row["source"])})


def faults(differences: Mapping[str, Mapping[str, Any]]) -> dict[str, str]:
    """A sentence for each of a hub's differences that cannot be."""
    known = {clause.id: clause for clause in national().clauses}
    found: dict[str, str] = {}
    for id_, said in differences.items():
        clause = known.get(id_)
        if clause is None:
            found[id_] = "There is no such clause."
        elif sentence := _fault(clause, said):
            found[id_] = sentence
    return found


def _fault(clause: Clause, said: Mapping[str, Any]) -> str:
    if said.get("dropped"):
        return ""
    if not clause.is_number or set(said) - set(BOUNDS):
        return f"{clause.label}: this can only be asked or left out."
    low, high = clause.range
    for bound in said.values():
        if bound is not None and (not isinstance(bound, int) or not low <= bound <= high):
            return f"{clause.label}: a whole number from {low} to {high}."
    lowest, highest = said.get("at_least"), said.get("at_most")
    if lowest is not None and highest is not None and lowest > highest:
        return f"{clause.label}: the lower limit is above the upper one."
    return ""


def of_hub(
    hub: str,
    own: int,
    differences: Mapping[str, Mapping[str, Any]],
    *,
    year: int,
    base: str = NATIONAL,
) -> Criteria:
    """The national clauses with this hub's differences, of its version `own`, laid over them."""
    says = Source(f"{hub}’s own criteria", f"version {own}", year)
    found: list[Clause] = []
    for clause in national(base).clauses:
        said = differences.get(clause.id)
        if said is None:
            found.append(clause)
        elif not said.get("dropped"):
            bounds: dict[str, Any] = {name: said.get(name) for name in BOUNDS}
            found.append(replace(clause, source=says, version=own, **bounds))
    return Criteria(base, tuple(found), own, hub)
