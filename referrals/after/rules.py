"""When each outcome is asked for, and of whom: windows as data with source and version; 90 days by the network's rule.

Pure but for the network's rule, of which this is the only writer. Nothing of it refuses a clinical act.
"""

import json
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from django.db import transaction

from network.models import Network, Role
from network.permissions import Rights
from referrals.after.rows import By, Kind, NinetyRule
from referrals.refusals import BadInput, NotAllowed, WrongState

DATA = json.loads((Path(__file__).parent.parent / "data" / "outcomes.json").read_text())
VERSION: str = DATA["version"]
LOOKS_BACK = timedelta(days=DATA["looks_back"]["days"])
WORSE_BY: int = DATA["symptomatic"]["worse_by"]
SYMPTOMATIC: str = DATA["symptomatic"]["source"]
DEFAULT_NINETY = By(DATA["ninety_by"]["site"])
UNITS = {"hours": timedelta(hours=1), "days": timedelta(days=1)}
LONGEST_REASON = 400


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


def current(network: Network) -> NinetyRule | None:
    """The network's own rule as it stands; None where the default holds."""
    return NinetyRule.objects.filter(network=network).order_by("-version").first()


def ninety_of(networks: Collection[int]) -> dict[int, By]:
    """Who takes the mRS at 90 days in those of these networks (by id) that say so themselves; one query."""
    newest = NinetyRule.objects.filter(network__in=list(networks)).order_by("network", "-version")
    return {rule.network_id: By(rule.taken_by) for rule in newest.distinct("network")}


@transaction.atomic
def put_ninety(
    network: Network, taken_by: str, *, based_on: int, reason: str, rights: Rights, at: datetime
) -> NinetyRule:
    """The network's next version; its lead alone decides, with a reason."""
    if Role.LEAD.value not in rights.in_network.get(network.pk, frozenset()):
        raise NotAllowed("not_allowed", "Only the network’s lead decides this. Nothing was changed.")
    said = reason.strip()
    if taken_by not in By.values:
        raise BadInput({"taken_by": "Choose the hub or the first hospital."})
    if not said or len(said) > LONGEST_REASON or not said.isprintable():
        raise BadInput({"reason": f"Say why, in one line of at most {LONGEST_REASON} characters."})
    Network.objects.select_for_update(no_key=True).get(pk=network.pk)
    standing = current(network)
    version = standing.version if standing else 0
    if version != based_on:
        raise WrongState(
            "overtaken", "Somebody else has changed this meanwhile. Look at it; nothing was changed."
        )
    return NinetyRule.objects.create(
        network=network,
        version=version + 1,
        taken_by=taken_by,
        reason=said,
        by=rights.person,
        written_at=at,
    )
