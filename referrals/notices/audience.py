"""Whom a notice concerns, and who may say one: a hub's teams, the spokes that refer to it, its network's coordinators.

Called by the writer and the readers of notices. Nobody of another network is ever concerned.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Exists, F, OuterRef, Q, QuerySet

from network import hours
from network.models import Link, Membership, Network, Role, Site
from network.permissions import Rights
from realtime import feed
from referrals.notices.rows import Notice

OVER_ALL = (Role.COORDINATOR, Role.LEAD)


@dataclass(frozen=True, slots=True)
class Concerned:
    """Somebody whom a notice concerns, and the place by which it does."""

    person: int
    name: str
    place: str


def may_say(rights: Rights, network: Network, hub: Site | None) -> Role | None:
    """As what this person may tell everybody concerned: of the network its coordinators and leads, of a hub also its
    own operators; None: they may not."""
    held = rights.in_network.get(network.pk, frozenset())
    if hub is not None and (hub.network_id != network.pk or not hub.is_hub):
        return None
    if over := next((role for role in OVER_ALL if role.value in held), None):
        return over
    return Role.OPERATOR if hub is not None and hours.may_close(rights, hub) else None


def of_person(rights: Rights) -> QuerySet[Notice]:
    """The notices that concern this person by the roles they hold."""
    theirs = Site.objects.filter(pk__in=rights.sites, network=OuterRef("network"))
    refers = Link.objects.filter(
        hub=OuterRef("hub"), origin__in=rights.sites, origin__network=OuterRef("network")
    )
    here = Exists(theirs) & (Q(hub=None) | Exists(refers) | Exists(theirs.filter(is_hub=True)))
    return Notice.objects.filter(Q(network__in=rights.networks) | here)


def streams(network: Network, hub: Site | None) -> list[str]:
    """The streams of everybody whom a notice concerns."""
    sites = Site.objects.filter(network=network)
    if hub is not None:
        sites = sites.filter(Q(is_hub=True) | Q(links_out__hub=hub)).distinct()
    return [feed.network_stream(network), *(feed.site_stream(site) for site in sites)]


def concerned(notices: Collection[Notice], *, ends: Mapping[int, datetime]) -> dict[int, list[Concerned]]:
    """Everybody but its author whom each of these notices concerns at the instant given for it; two queries."""
    networks = {notice.network_id for notice in notices}
    in_one = Q(network__in=networks) & ~Q(role=Role.GOVERNANCE) | Q(site__network__in=networks)
    held = Membership.objects.filter(in_one, person__is_active=True).select_related(
        "person", "site", "network"
    )
    rows = list(held.order_by(F("network_id").asc(nulls_first=True), "pk"))  # hospitals before networks
    refer = set(
        Link.objects.filter(hub__in={n.hub_id for n in notices if n.hub_id}).values_list("origin", "hub")
    )
    return {one.pk: _of_one(one, rows, refer, ends[one.pk]) for one in notices}


def _of_one(
    notice: Notice, rows: Iterable[Membership], refer: Collection[tuple[int, int]], at: datetime
) -> list[Concerned]:
    found: dict[int, Concerned] = {}
    for row in rows:
        if row.person_id != notice.by_id and row.holds(at) and _concerns(notice, row, refer):
            place = str(row.site or row.network)
            found.setdefault(row.person_id, Concerned(row.person_id, row.person.name, place))
    return list(found.values())


def _concerns(notice: Notice, row: Membership, refer: Collection[tuple[int, int]]) -> bool:
    if row.site is None:
        return row.network_id == notice.network_id
    if row.site.network_id != notice.network_id:
        return False
    return notice.hub_id is None or row.site.is_hub or (row.site_id, notice.hub_id) in refer
