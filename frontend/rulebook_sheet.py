"""A hub's criteria and a network's targets as tables to read and to edit, and what was typed into them.

Called by frontend.views.rulebook. What can be is decided by referrals.criteria and referrals.targets.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils import timezone

from network import digits
from network.models import Network, Site
from referrals import rulebook, targets
from referrals.criteria import clauses
from referrals.criteria.clauses import BOUNDS, Clause
from referrals.rulebook_rows import HubCriteria, NetworkTargets
from referrals.targets import Target

WORDS = {"at_least": "at least", "at_most": "at most", "more_than": "more than"}


@dataclass(frozen=True)
class Bound:
    """One number of a clause, as it is typed."""

    name: str
    words: str
    value: str
    label: str


@dataclass(frozen=True)
class Row:
    """One clause as it holds at a hub."""

    id: str
    label: str
    words: str
    national: str
    source: str
    is_own: bool
    dropped: bool
    is_number: bool
    bounds: tuple[Bound, ...]
    fault: str


def criteria(
    hub: Site, *, typed: Mapping[str, str] | None, faults: Mapping[str, str]
) -> tuple[HubCriteria | None, list[Row]]:
    """The hub's own version, if there is one, and every clause as it holds there."""
    own = rulebook.current(hub)
    differences: Mapping[str, Mapping[str, Any]] = own.differences if own else {}
    held: dict[str, Clause] = {}
    if own:
        year = timezone.localtime(own.written_at).year
        read = clauses.of_hub(hub.short_name, own.version, differences, year=year)
        held = {clause.id: clause for clause in read.clauses}
    rows = []
    for national in clauses.national().clauses:
        clause = held.get(national.id, national)
        dropped = bool(differences.get(national.id, {}).get("dropped"))
        if typed is not None:
            dropped = typed.get(f"{national.id}-dropped") == "1"
        rows.append(
            Row(
                id=national.id,
                label=national.label,
                words="not asked" if dropped else clause.words,
                national=national.words,
                source=str(clause.source),
                is_own=national.id in differences,
                dropped=dropped,
                is_number=national.is_number,
                bounds=_bounds(national, clause, typed),
                fault=faults.get(national.id, ""),
            )
        )
    return own, rows


def _bounds(national: Clause, clause: Clause, typed: Mapping[str, str] | None) -> tuple[Bound, ...]:
    if not national.is_number:
        return ()
    names = ["more_than"] if national.more_than is not None else ["at_least", "at_most"]
    found = []
    for name in names:
        value = getattr(clause, name)
        text = "" if value is None else str(value)
        if typed is not None:
            text = typed.get(f"{national.id}-{name}", "")
        label = f"{national.label}, {WORDS[name]}, in {national.unit}"
        found.append(Bound(name, WORDS[name], text, label))
    return tuple(found)


def differences(said: Mapping[str, str]) -> tuple[dict[str, dict[str, Any]], dict[str, str]]:
    """Where what was typed differs from the national clauses, and what cannot be read."""
    found: dict[str, dict[str, Any]] = {}
    faults: dict[str, str] = {}
    for clause in clauses.national().clauses:
        if said.get(f"{clause.id}-dropped") == "1":
            found[clause.id] = {"dropped": True}
        elif clause.is_number:
            try:
                typed = {name: _number(said.get(f"{clause.id}-{name}", "")) for name in BOUNDS}
            except ValueError:
                faults[clause.id] = f"{clause.label}: a whole number, or nothing."
                continue
            if typed != {name: getattr(clause, name) for name in BOUNDS}:
                found[clause.id] = {name: value for name, value in typed.items() if value is not None}
    return found, faults


def _number(text: str) -> int | None:
    text = text.strip()
    if not text:
        return None
    number = digits.whole(text, longest=5)
    if number is None:
        raise ValueError(text)
    return number


@dataclass(frozen=True)
class Aim:
    """One target as it holds in a network, amber and red in minutes."""

    name: str
    label: str
    soon: str
    late: str
    national: str
    source: str
    is_own: bool
    fault: str


def aims(
    network: Network, *, typed: Mapping[str, str] | None, faults: Mapping[str, str]
) -> tuple[NetworkTargets | None, list[Aim]]:
    """The network's own version, if there is one, and every target as it holds there."""
    own = rulebook.current_targets(network)
    said: Mapping[str, Sequence[float]] = own.minutes if own else {}
    held = targets.of_network(network.name, own.version, said) if own else targets.TARGETS
    return own, [
        _aim(held[name], national, name in said, typed, faults) for name, national in targets.TARGETS.items()
    ]


def _aim(
    held: Target, national: Target, is_own: bool, typed: Mapping[str, str] | None, faults: Mapping[str, str]
) -> Aim:
    soon, late = (f"{minutes:g}" for minutes in held.minutes)
    if typed is not None:
        soon, late = typed.get(f"{held.name}-soon", ""), typed.get(f"{held.name}-late", "")
    usual = "{:g} and {:g} min".format(*national.minutes)
    return Aim(held.name, held.label, soon, late, usual, held.source, is_own, faults.get(held.name, ""))


def minutes(said: Mapping[str, str]) -> tuple[dict[str, tuple[float, float]], dict[str, str]]:
    """Where what was typed differs from the national targets, and what cannot be read."""
    found: dict[str, tuple[float, float]] = {}
    faults: dict[str, str] = {}
    for name, target in targets.TARGETS.items():
        try:
            pair = (_minutes(said.get(f"{name}-soon", "")), _minutes(said.get(f"{name}-late", "")))
        except ValueError:
            faults[name] = f"{target.label}: two numbers of minutes."
            continue
        if pair != target.minutes:
            found[name] = pair
    return found, faults


def _minutes(text: str) -> float:
    text = text.strip()
    if not text or len(text) > 6 or not text.replace(".", "", 1).isdigit() or not text.isascii():
        raise ValueError(text)
    return float(text)
