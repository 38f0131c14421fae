"""The only writer of what a network decides otherwise than the national default: hubs' criteria and targets.

Called by their screens; the network's lead alone decides, with a reason, and every version stays.
"""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from network.models import Network, Role, Site
from network.permissions import Rights
from referrals import targets
from referrals.criteria import clauses
from referrals.refusals import BadInput, NotAllowed, WrongState
from referrals.rulebook_rows import HubCriteria, NetworkTargets

LONGEST_REASON = 400


def leads(rights: Rights, network_id: int) -> bool:
    """Only the network's lead decides by which criteria and targets it is judged."""
    return Role.LEAD.value in rights.in_network.get(network_id, frozenset())


def may_read(rights: Rights, hub: Site) -> bool:
    """Those who decide or coordinate, and the hub's own teams."""
    own = rights.has(Role.HUB, Role.OPERATOR, site_id=hub.pk)
    return own or hub.network_id in rights.networks or hub.network_id in rights.governs


def current(hub: Site) -> HubCriteria | None:
    """The hub's own criteria as they stand; None where the national ones hold."""
    return HubCriteria.objects.filter(hub=hub).order_by("-version").first()


@transaction.atomic
def put_criteria(
    hub: Site,
    differences: Mapping[str, Mapping[str, Any]],
    *,
    based_on: int,
    reason: str,
    rights: Rights,
    at: datetime,
) -> HubCriteria:
    """The hub's next version; refused where somebody else was quicker, or a bound cannot be."""
    if not leads(rights, hub.network_id):
        raise NotAllowed("not_allowed", "Only the network’s lead changes criteria. Nothing was changed.")
    if faults := clauses.faults(differences):
        raise BadInput(faults)
    Site.objects.select_for_update(no_key=True).get(pk=hub.pk)
    number = _next(current(hub), based_on)
    return HubCriteria.objects.create(
        hub=hub,
        version=number,
        differences={name: dict(said) for name, said in differences.items()},
        reason=_reason(reason),
        by=rights.person,
        written_at=at,
    )


def current_targets(network: Network) -> NetworkTargets | None:
    """The network's own targets as they stand; None where the national ones hold."""
    return NetworkTargets.objects.filter(network=network).order_by("-version").first()


def targets_of(networks: Collection[int]) -> list[NetworkTargets]:
    """The targets of those of these networks (by id) that have their own; one query."""
    newest = NetworkTargets.objects.filter(network__in=list(networks)).order_by("network", "-version")
    return list(newest.distinct("network"))


@transaction.atomic
def put_targets(
    network: Network,
    minutes: Mapping[str, tuple[float, float]],
    *,
    based_on: int,
    reason: str,
    rights: Rights,
    at: datetime,
) -> NetworkTargets:
    """The network's next version; refused where somebody else was quicker, or a number cannot be."""
    if not leads(rights, network.pk):
        raise NotAllowed("not_allowed", "Only the network’s lead changes targets. Nothing was changed.")
    if faults := targets.faults(minutes):
        raise BadInput(faults)
    Network.objects.select_for_update(no_key=True).get(pk=network.pk)
    number = _next(current_targets(network), based_on)
    return NetworkTargets.objects.create(
        network=network,
        version=number,
        minutes={name: list(pair) for name, pair in minutes.items()},
        reason=_reason(reason),
        by=rights.person,
        written_at=at,
    )


def _next(theirs: HubCriteria | NetworkTargets | None, based_on: int) -> int:
    version = theirs.version if theirs else 0
    if version != based_on:
        assert theirs
        raise WrongState(
            "overtaken", f"{theirs.by} saved version {version} meanwhile. Look at it; nothing was changed."
        )
    return version + 1


def _reason(text: str) -> str:
    said = text.strip()
    if not said:
        raise BadInput({"reason": "Say why: it stays in the history."})
    if len(said) > LONGEST_REASON or not said.isprintable():
        raise BadInput({"reason": f"The reason is one line of at most {LONGEST_REASON} characters."})
    return said
