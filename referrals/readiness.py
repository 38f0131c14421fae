"""The hub gets ready: what is on its list, what is ready, and who said so; every network edits its own list.

Called like the other verbs. The referral takes the list over with its first tick. It holds nobody up: a patient
arrives, ready or not.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Unpack

from django.db import IntegrityError, transaction
from django.utils.text import slugify

from network.models import Network, Person
from network.permissions import Rights
from referrals import ledger, policy
from referrals.ledger import Press, Turn
from referrals.models import ReadinessList, Referral
from referrals.refusals import BadInput, NotAllowed, WrongState
from referrals.states import TAKEN, State

DEFAULT = json.loads((Path(__file__).parent / "data" / "readiness.json").read_text())
OPEN = TAKEN | {State.PROVISIONAL, State.ARRIVED}
MOST_ITEMS, LONGEST = 12, 40
Item = dict[str, str]


@dataclass(frozen=True)
class Standing:
    """A list as it stands: its version (0: Dido's own) and its items."""

    version: int
    items: list[Item]


def current(network: Network) -> Standing:
    """The newest list of this network, else Dido's own."""
    newest = ReadinessList.objects.filter(network=network).order_by("-version").first()
    return (
        Standing(newest.version, newest.items) if newest else Standing(DEFAULT["version"], DEFAULT["items"])
    )


def of(referral: Referral) -> Standing | None:
    """The list that this referral's hub works through; None while no hub has the patient."""
    if referral.checklist is not None:
        return Standing(referral.checklist["version"], referral.checklist["items"])
    return current(referral.hub.network) if referral.hub and referral.state in OPEN else None


def ready(code: str, *, item: str, **press: Unpack[Press]) -> Referral:
    """Something on the hub's list is ready."""
    return _tick(code, "ready", item, press)


def not_ready(code: str, *, item: str, **press: Unpack[Press]) -> Referral:
    """It is not ready after all."""
    return _tick(code, "not_ready", item, press)


def _tick(code: str, verb: str, item: str, press: Press) -> Referral:
    def work(turn: Turn) -> None:
        referral = turn.referral
        policy.check(turn.verb, turn.rights, referral)
        standing = of(referral) if referral.state in OPEN else None
        if standing is None:
            raise WrongState(
                "wrong_state", f"{referral.code}: nothing is to be made ready now. Nothing was changed."
            )
        labels = {one["id"]: one["label"] for one in standing.items}
        if item not in labels:
            raise BadInput({"item": f"This must be one of: {', '.join(labels)}."})
        if (item in referral.ready) == (verb == "ready"):
            raise WrongState("no_change", f"{labels[item]}: this was said already. Nothing was changed.")
        referral.checklist = {"version": standing.version, "items": standing.items}
        said = {*referral.ready, item} if verb == "ready" else {*referral.ready} - {item}
        referral.ready = [one for one in labels if one in said]
        turn.details |= {"item": item, "label": labels[item]}

    return ledger.change(code, verb, press, work)


class Overtaken(WrongState):
    """Somebody else saved a list meanwhile."""


def may_edit(rights: Rights, network: Network) -> bool:
    """Its lead and its coordinators."""
    return rights.oversees(network.pk)


def put(
    network: Network, labels: Sequence[str], *, based_on: int, rights: Rights, by: Person, at: datetime
) -> ReadinessList:
    """From now on this network's list; a referral whose hub has begun keeps its own."""
    if not may_edit(rights, network):
        raise NotAllowed("not_allowed", "Only the network's lead or coordinator can change this list.")
    items = _items(labels)
    try:
        with transaction.atomic():
            if based_on != current(network).version:
                raise Overtaken("overtaken", "Somebody else has saved this list meanwhile. Look at it first.")
            return ReadinessList.objects.create(
                network=network, version=based_on + 1, items=items, made_at=at, made_by=by
            )
    except IntegrityError as error:
        raise Overtaken("overtaken", "Somebody else has saved this list at this moment.") from error


def _items(labels: Sequence[str]) -> list[dict[str, Any]]:
    known = {item["label"].lower(): item["id"] for item in DEFAULT["items"]}
    said = [" ".join(label.split()) for label in labels if label.strip()]
    if not said or len(said) > MOST_ITEMS:
        raise BadInput({"items": f"Write 1 to {MOST_ITEMS} lines."})
    if long := [label for label in said if len(label) > LONGEST or not label.isprintable()]:
        raise BadInput({"items": f"“{long[0][:LONGEST]}” is too long: at most {LONGEST} letters a line."})
    items = [{"id": known.get(label.lower()) or slugify(label) or "item", "label": label} for label in said]
    if len({item["id"] for item in items}) < len(items):
        raise BadInput({"items": "Two lines say the same."})
    return items
