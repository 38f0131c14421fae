"""How long each stretch of the way may take: data, with unit, source and version. Pure.

Read by the screens for their amber and red; a target never refuses or changes anything.
"""

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True)
class Target:
    """One stretch of the way: amber from `soon` on, red from `late` on, and who says so."""

    name: str
    soon: timedelta
    late: timedelta
    source: str
    version: str


def _target(name: str, *, soon: float, late: float, source: str, version: str) -> Target:
    return Target(name, timedelta(minutes=soon), timedelta(minutes=late), source, version)


TARGETS = {
    target.name: target
    for target in (
        _target(
            "cta",
            soon=10,
            late=20,
            source="SNIS: CT angiogram read within 20 minutes of the door",
            version="2021",
        ),
        _target(
            "answer",
            soon=1.5,
            late=3,
            source="Dido's own ladder: voice call, then second on call",
            version="1",
        ),
        _target(
            "dido", soon=60, late=90, source="AHA: door in to door out within 90 minutes", version="2026"
        ),
        _target(
            "road",
            soon=0,
            late=15,
            source="Dido: later than the drive allows, in minutes after the ETA",
            version="1",
        ),
        _target(
            "groin", soon=20, late=30, source="Australia: door to groin puncture, transfers", version="2024"
        ),
        _target(
            "groin_direct",
            soon=60,
            late=90,
            source="Australia: door to groin puncture, direct",
            version="2024",
        ),
        _target(
            "bed", soon=1440, late=2880, source="Dido: a bed at the first hospital, from asking", version="1"
        ),
    )
}
