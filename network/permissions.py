"""Which roles a person holds where, at an instant. Pure reading; every check of a right starts here."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q, QuerySet

from network.models import Membership, Person, Role


@dataclass(frozen=True)
class Rights:
    """What one person may do: the roles at each site (by id) and in each network (by id).

    Governance is kept apart: whoever signs operators off in a network sees no patient of it for that.
    """

    person: Person
    at_site: dict[int, frozenset[str]]
    in_network: dict[int, frozenset[str]]
    governs: frozenset[int] = frozenset()  # networks, by id

    def has(self, *roles: Role, site_id: int | None) -> bool:
        """Does the person hold one of these roles at this site?"""
        return site_id is not None and bool(self.at_site.get(site_id, frozenset()) & {r.value for r in roles})

    def coordinates(self, network_id: int | None) -> bool:
        return network_id is not None and Role.COORDINATOR.value in self.in_network.get(
            network_id, frozenset()
        )

    @property
    def sites(self) -> frozenset[int]:
        return frozenset(self.at_site)

    @property
    def networks(self) -> frozenset[int]:
        return frozenset(self.in_network)


def _held(person: Person, at: datetime) -> QuerySet[Membership]:
    return Membership.objects.filter(person=person, since__lte=at).filter(Q(until=None) | Q(until__gt=at))


def rights(person: Person, *, at: datetime) -> Rights:
    """The rights of a person at an instant; none at all for somebody who was disabled."""
    at_site: dict[int, set[str]] = {}
    in_network: dict[int, set[str]] = {}
    governs: set[int] = set()
    if person.is_active:
        held = _held(person, at)
        for site_id, network_id, role in held.values_list("site_id", "network_id", "role"):
            if site_id is not None:
                at_site.setdefault(site_id, set()).add(role)
            if role == Role.GOVERNANCE:
                governs.add(network_id)
            elif network_id is not None:
                in_network.setdefault(network_id, set()).add(role)
    return Rights(
        person=person,
        at_site={k: frozenset(v) for k, v in at_site.items()},
        in_network={k: frozenset(v) for k, v in in_network.items()},
        governs=frozenset(governs),
    )
