"""The only writer of what a network decides otherwise than the default: hubs' criteria, targets, the mRS at 90 days.

Called by their screens; the network's lead alone decides, with a reason, and every version stays.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, TypedDict, Unpack

from django.db import transaction

from network import reasons
from network.models import Network, Role, Site
from network.permissions import Rights
from referrals import queries, targets
from referrals.after.rows import By, NinetyRule
from referrals.criteria import clauses
from referrals.models import Referral
from referrals.refusals import BadInput, NotAllowed, WrongState
from referrals.rulebook_rows import HubCriteria, NetworkTargets
from referrals.targets import Target


class Saving(TypedDict):
    """What every next version takes: the one that was on the screen (0: none), why, who, when."""

    based_on: int
    reason: str
    rights: Rights
    at: datetime


def may_read(rights: Rights, hub: Site) -> bool:
    """Those who decide or coordinate, and the hub's own teams."""
    own = rights.has(Role.HUB, Role.OPERATOR, site_id=hub.pk)
    return own or hub.network_id in rights.networks or hub.network_id in rights.governs


def current(hub: Site) -> HubCriteria | None:
    """The hub's own criteria as they stand; None where the national ones hold."""
    return HubCriteria.objects.filter(hub=hub).order_by("-version").first()


def current_targets(network: Network) -> NetworkTargets | None:
    """The network's own targets as they stand; None where the national ones hold."""
    return NetworkTargets.objects.filter(network=network).order_by("-version").first()


def held(referral: Referral) -> Mapping[str, Target]:
    """The targets that one referral is judged by: the published ones, and over them the network's own that stood when
    it began."""
    own = queries.own_targets(referral)
    if own is None:
        return targets.TARGETS
    return targets.of_network(referral.spoke.network.name, own["version"], own["minutes"])


def current_ninety(network: Network) -> NinetyRule | None:
    """Who takes the network's mRS at 90 days, by its own rule; None where the default holds."""
    return NinetyRule.objects.filter(network=network).order_by("-version").first()


@transaction.atomic
def put_criteria(
    hub: Site, differences: Mapping[str, Mapping[str, Any]], **saving: Unpack[Saving]
) -> HubCriteria:
    """The hub's next version; refused where somebody else was quicker, or a bound cannot be."""
    _check(saving["rights"], hub.network_id, "criteria", clauses.faults(differences))
    Site.objects.select_for_update(no_key=True).get(pk=hub.pk)
    return HubCriteria.objects.create(
        hub=hub,
        differences={name: dict(said) for name, said in differences.items()},
        **_signed(current(hub), **saving),
    )


@transaction.atomic
def put_targets(
    network: Network, minutes: Mapping[str, tuple[float, float]], **saving: Unpack[Saving]
) -> NetworkTargets:
    """The network's next version; refused where somebody else was quicker, or a number cannot be."""
    _check(saving["rights"], network.pk, "targets", targets.faults(minutes))
    Network.objects.select_for_update(no_key=True).get(pk=network.pk)
    return NetworkTargets.objects.create(
        network=network,
        minutes={name: list(pair) for name, pair in minutes.items()},
        **_signed(current_targets(network), **saving),
    )


@transaction.atomic
def put_ninety(network: Network, taken_by: str, **saving: Unpack[Saving]) -> NinetyRule:
    """The network's next version; refused where somebody else was quicker."""
    faults = {} if taken_by in By.values else {"taken_by": "Choose the hub or the first hospital."}
    _check(saving["rights"], network.pk, "who takes the mRS at 90 days", faults)
    Network.objects.select_for_update(no_key=True).get(pk=network.pk)
    return NinetyRule.objects.create(
        network=network, taken_by=taken_by, **_signed(current_ninety(network), **saving)
    )


def _check(rights: Rights, network_id: int, what: str, faults: dict[str, str]) -> None:
    if not rights.leads(network_id):
        raise NotAllowed("not_allowed", f"Only the network’s lead changes {what}. Nothing was changed.")
    if faults:
        raise BadInput(faults)


def _signed(
    theirs: HubCriteria | NetworkTargets | NinetyRule | None, **saving: Unpack[Saving]
) -> dict[str, Any]:
    """The next version's number, reason, author and instant; the place is locked by the caller."""
    version, said = theirs.version if theirs else 0, saving["reason"].strip()
    if version != saving["based_on"]:
        whose = f"{theirs.by} saved version {version} meanwhile" if theirs else "No version is saved yet"
        raise WrongState("overtaken", f"{whose}. Look at it; nothing was changed.")
    if fault := reasons.fault(said):
        raise BadInput({"reason": fault})
    return {
        "version": version + 1,
        "reason": said,
        "by": saving["rights"].person,
        "written_at": saving["at"],
    }
