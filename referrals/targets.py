"""How long each stretch of the way may take: data, with unit, source and version; a network may set its own. Pure.

Read by the screens for their amber and red; a target never refuses or changes anything.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

LONGEST = 7 * 24 * 60  # minutes


@dataclass(frozen=True)
class Target:
    """One stretch of the way: amber from `soon` on, red from `late` on, and who says so."""

    name: str
    label: str
    soon: timedelta
    late: timedelta
    source: str
    version: str

    @property
    def minutes(self) -> tuple[float, float]:
        """Amber and red from, in minutes."""
        return _plain(self.soon), _plain(self.late)


def _plain(length: timedelta) -> float:
    found = length / timedelta(minutes=1)
    return int(found) if found == int(found) else found


def _read() -> dict[str, Target]:
    said = json.loads((Path(__file__).parent / "data" / "targets.json").read_text())
    return {
        row["name"]: Target(
            row["name"],
            row["label"],
            timedelta(minutes=row["soon"]),
            timedelta(minutes=row["late"]),
            row["source"],
            row["version"],
        )
        for row in said
    }


TARGETS = _read()


def of_network(name: str, version: int, minutes: Mapping[str, Sequence[float]]) -> dict[str, Target]:
    """The national targets with a network's own laid over them."""
    own = {
        key: replace(
            TARGETS[key],
            soon=timedelta(minutes=soon),
            late=timedelta(minutes=late),
            source=f"{name}’s own target, version {version}",
            version=str(version),
        )
        for key, (soon, late) in minutes.items()
        if key in TARGETS
    }
    return {**TARGETS, **own}


def faults(minutes: Mapping[str, Sequence[float]]) -> dict[str, str]:
    """A sentence for each of a network's own targets that cannot be."""
    found: dict[str, str] = {}
    for key, (soon, late) in minutes.items():
        if key not in TARGETS:
            found[key] = "There is no such target."
        elif not 0 <= soon <= late <= LONGEST or not late:
            found[key] = f"{TARGETS[key].label}: amber before red, in minutes, and red at most {LONGEST}."
    return found
