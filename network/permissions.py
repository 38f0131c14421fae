"""Which roles a person holds where, at an instant. Pure reading; every check of a right starts here."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import DateTimeField, Q, QuerySet

from network.kept import Kept
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
        return self._over(network_id, Role.COORDINATOR)

    def leads(self, network_id: int | None) -> bool:
        return self._over(network_id, Role.LEAD)

    def oversees(self, network_id: int | None) -> bool:
        """Does the person coordinate this network, or lead it?"""
        return self._over(network_id, Role.COORDINATOR, Role.LEAD)

    def _over(self, network_id: int | None, *roles: Role) -> bool:
        held = self.in_network.get(network_id, frozenset()) if network_id is not None else frozenset()
        return not held.isdisjoint(role.value for role in roles)

    @property
    def sites(self) -> frozenset[int]:
        return frozenset(self.at_site)

    @property
    def networks(self) -> frozenset[int]:
        return frozenset(self.in_network)


def holding(at: Any) -> QuerySet[Membership]:
    """The roles that are held at an instant; whoever was disabled holds none."""
    return Membership.objects.filter(Q(until=None) | Q(until__gt=at), since__lte=at, person__is_active=True)


HELD = Kept(lambda people, at: holding(at).filter(person__among=people), people=None, at=DateTimeField())


def rights(person: Person, *, at: datetime) -> Rights:
    """The rights of a person at an instant; none at all for somebody who was disabled."""
    return rights_of([person], at=at)[0]


def rights_of(people: Collection[Person], *, at: datetime) -> list[Rights]:
    """The rights of each of these people at an instant, in their order; one query."""
    held: dict[int, list[tuple[int | None, int | None, str]]] = {}
    for one in HELD.rows(people=[person.pk for person in people], at=at) if people else ():
        held.setdefault(one.person_id, []).append((one.site_id, one.network_id, one.role))
    return [_rights(person, held.get(person.pk, [])) for person in people]


def _rights(person: Person, held: Collection[tuple[int | None, int | None, str]]) -> Rights:
    at_site: dict[int, set[str]] = {}
    in_network: dict[int, set[str]] = {}
    governs: set[int] = set()
    for site_id, network_id, role in held:
        if site_id is not None:
            at_site.setdefault(site_id, set()).add(role)
        if network_id is not None:
            if role == Role.GOVERNANCE:
                governs.add(network_id)
            else:
                in_network.setdefault(network_id, set()).add(role)
    return Rights(
        person=person,
        at_site={k: frozenset(v) for k, v in at_site.items()},
        in_network={k: frozenset(v) for k, v in in_network.items()},
        governs=frozenset(governs),
    )
