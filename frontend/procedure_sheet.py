"""What may be recorded at the end of a procedure beside mTICI, as fields; and what was, in words.

Called by frontend.press and frontend.story. Everybody who operates at the hub can be chosen; nothing of it is needed.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.dateparse import parse_datetime

from frontend import waits
from referrals.models import Referral
from referrals.procedure import Complication
from referrals.recording import LABELS
from workforce import operators

NAMES = frozenset({*LABELS, "complications"})


@dataclass(frozen=True)
class Choice:
    """One complication."""

    value: str
    label: str
    ticked: bool


@dataclass(frozen=True)
class Who:
    """Somebody who was there: the operators of the hub to choose from."""

    name: str
    label: str
    options: list[tuple[str, str]]
    value: str
    fault: str


@dataclass(frozen=True)
class Sheet:
    """The fields, with what was typed before."""

    reperfused_at: str
    fault_at: str
    people: list[Who]
    complications: list[Choice]
    fault: str

    @property
    def is_open(self) -> bool:
        """Was something of it typed and refused?"""
        faults = (self.fault_at, self.fault, *(who.fault for who in self.people))
        return bool(any(faults) or self.reperfused_at or any(who.value for who in self.people))


def sheet(
    referral: Referral, said: Mapping[str, str], ticked: Sequence[str], faults: Mapping[str, str]
) -> Sheet:
    """What can be recorded of this procedure."""
    team = operators.people(referral.hub) if referral.hub else []
    options = [(p.username, p.name) for p in team if p.pk != referral.operator_id]
    return Sheet(
        reperfused_at=said.get("reperfused_at", ""),
        fault_at=faults.get("reperfused_at", ""),
        people=[
            Who(name, LABELS[name], options, said.get(name, ""), faults.get(name, ""))
            for name in ("second", "observing")
        ],
        complications=[Choice(c.value, str(c.label), c.value in ticked) for c in Complication],
        fault=faults.get("complications", ""),
    )


def told(details: Mapping[str, Any]) -> list[str]:
    """What the event of the end keeps of it, in words."""
    found = []
    if at := _read(details.get("reperfused_at")):
        found.append(f"reperfused at {waits.hour(at)}")
    found += [
        f"{LABELS[name].lower()}: {details[name]}" for name in ("second", "observing") if details.get(name)
    ]
    labels = dict(Complication.choices)
    if coded := details.get("complications"):
        words = ", ".join(str(labels.get(code, code)).lower() for code in coded)
        found.append(f"complications: {words}")
    return found


def _read(said: object) -> datetime | None:
    return parse_datetime(said) if isinstance(said, str) else None
