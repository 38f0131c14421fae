"""When each outcome is asked for, and of whom: windows as data with source and version; 90 days by the network's rule.

Pure but for the network's rule, which referrals.rulebook writes. Nothing of it refuses a clinical act.
"""

import json
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from referrals.after.rows import By, Kind, NinetyRule

DATA = json.loads((Path(__file__).parent.parent / "data" / "outcomes.json").read_text())
VERSION: str = DATA["version"]
LOOKS_BACK = timedelta(days=DATA["looks_back"]["days"])
WORSE_BY: int = DATA["symptomatic"]["worse_by"]
SYMPTOMATIC: str = DATA["symptomatic"]["source"]
DEFAULT_NINETY = By(DATA["ninety_by"]["site"])
UNITS = {"hours": timedelta(hours=1), "days": timedelta(days=1)}


@dataclass(frozen=True)
class Window:
    """From when until when an outcome counts, and at which moment it is meant."""

    opens: datetime
    aim: datetime
    closes: datetime


def asked(kind: str) -> bool:
    """A death is recorded, never asked for."""
    return kind in DATA["items"]


def window(kind: str, punctured_at: datetime) -> Window:
    """The window of one outcome of a patient whose groin was punctured then."""
    item = DATA["items"][kind]
    unit = UNITS[item["unit"].split()[0]]
    opens, aim, closes = (punctured_at + item[name] * unit for name in ("from", "aim", "until"))
    return Window(opens, aim, closes)


def opened(kind: str, *, now: datetime) -> datetime:
    """Of whoever was punctured until then, this outcome is due now, or was."""
    item = DATA["items"][kind]
    since: timedelta = item["from"] * UNITS[item["unit"].split()[0]]
    return now - since


def source(kind: str) -> str:
    """Who says so."""
    return str(DATA["items"][kind]["source"])


def owes(kind: str, *, spoke: int, hub: int, is_back: bool, ninety: By) -> int:
    """The site (by id) that is asked: where the patient is, and at 90 days whom the network's rule names."""
    if kind == Kind.NINETY:
        return hub if ninety == By.HUB else spoke
    return spoke if is_back else hub


def ninety_of(networks: Collection[int]) -> dict[int, By]:
    """Who takes the mRS at 90 days in those of these networks (by id) that say so themselves; one query."""
    newest = NinetyRule.objects.filter(network__in=list(networks)).order_by("network", "-version")
    return {rule.network_id: By(rule.taken_by) for rule in newest.distinct("network")}
