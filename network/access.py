"""A network's lead takes people's access away and gives it back; each decision stays, with its reason.

The only writer of these decisions. Called by the screen of people, and by workforce.leaving, which takes the duties
of a role, too. Nobody decides about themselves, and no network is ever left without a lead.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime

from django.db import transaction
from django.db.models import Q, QuerySet

from network import people, permissions, reasons
from network.access_rows import AccessChange, Deed
from network.models import SITE_ROLES, Membership, Network, Person, Role, Site
from network.permissions import Rights

# A medical director signs operators off beside the lead's own people: the lead does not choose who that is.
GIVEN = (Role.SPOKE, Role.OPERATOR, Role.HUB, Role.COORDINATOR, Role.LEAD)
OWN = "This is your own access. Another lead decides about it."


@dataclass(frozen=True)
class Decision:
    """Who decides about whom, for which network, why and when."""

    network: Network
    person: Person
    by: Person
    at: datetime
    reason: str


class AccessRefused(Exception):
    """Nothing was changed; the message says why, in words."""


class NotALead(AccessRefused):
    """Only a lead of the network does this."""


def may_see(rights: Rights, network: Network) -> bool:
    """Who works in a network is read by its coordinators and leads."""
    return rights.oversees(network.pk)


def may_change(rights: Rights, network: Network) -> bool:
    """The network's leads alone take access away and give it back."""
    return rights.leads(network.pk)


def of(network: Network) -> Q:
    """The roles in this network and at its sites."""
    return Q(network=network) | Q(site__network=network)


def standing(at: datetime) -> QuerySet[Membership]:
    """The roles that nobody has taken away, also of people who are disabled."""
    goes_on = Q(until=None) | Q(until__gt=at)
    return Membership.objects.filter(goes_on, since__lte=at).select_related("person", "site", "network")


def found(network: Network, username: str) -> Person | None:
    """Somebody who has a role in this network, or once had one."""
    held = Membership.objects.filter(of(network), person__username=username)
    return Person.objects.filter(username=username, pk__in=held.values("person")).first()


def history(person: Person, network: Network) -> list[AccessChange]:
    """What was decided about somebody in this network, the newest first; a disabling counts wherever it was decided."""
    everywhere = Q(deed__in=[Deed.DISABLED, Deed.LET_IN])
    rows = AccessChange.objects.filter(Q(network=network) | everywhere, person=person)
    return list(rows.select_related("by", "site", "network").order_by("-pk"))


def last_lead_of(person: Person, *, at: datetime) -> list[Network]:
    """The networks that would have no lead without this person."""
    leads = permissions.holding(at).filter(role=Role.LEAD)
    own = Network.objects.filter(pk__in=leads.filter(person=person).values("network"))
    others = leads.exclude(person=person).values("network")
    return list(own.exclude(pk__in=others).order_by("name"))


def why_not(decision: Decision, role: str = "") -> str:
    """Why this person cannot be disabled (or this role of theirs taken); empty where they can."""
    person = decision.person
    if person.pk == decision.by.pk:
        return OWN
    if not role and not person.is_active:
        return f"{person.name} is disabled already."
    if role and role != Role.LEAD:
        return ""
    left = [one for one in last_lead_of(person, at=decision.at) if not role or one == decision.network]
    if not left:
        return ""
    return f"{person.name} is the only lead of {left[0]}. Give somebody else that role first."


def disable(decision: Decision) -> AccessChange:
    """Nobody signs in as this person any more, in whichever network; their open sessions and sockets end."""
    with _deciding(decision) as person:
        _check_place(decision)
        _check(replace(decision, person=person))
        people.disable(person)
        return _write(decision, Deed.DISABLED)


def let_in(decision: Decision) -> AccessChange:
    """The person signs in again, with the roles that they have; what was signed in before stays out."""
    with _deciding(decision) as person:
        if person.is_active:
            raise AccessRefused(f"{person.name} is not disabled. Nothing was changed.")
        _check_place(decision)
        people.let_in(person, at=decision.at)
        return _write(decision, Deed.LET_IN)


def take(decision: Decision, held: Membership) -> AccessChange:
    """A role ends now. The screen takes one by workforce.leaving, which ends its duties as well."""
    with _deciding(decision) as person:
        own = standing(decision.at).filter(of(decision.network), person=person)
        if not own.filter(pk=held.pk).exists():
            raise AccessRefused("This role has been taken away already. Nothing was changed.")
        _check(decision, held.role)
        people.end(held, at=decision.at)
        return _write(decision, Deed.TAKEN, role=held.role, site=held.site)


def give(decision: Decision, role: str, site: Site | None) -> AccessChange:
    """Somebody whom the network knows has one more role; `site` where the role is one of a site."""
    network = decision.network
    if role not in GIVEN or (role in SITE_ROLES) != (site is not None):
        raise AccessRefused("Choose a role, and where it is held. Nothing was changed.")
    if site is not None and site.network_id != network.pk:
        raise AccessRefused(f"{site} is not in {network}. Nothing was changed.")
    if site is not None and role != Role.SPOKE and not site.is_hub:
        raise AccessRefused(f"{site} is no hub: nobody operates there. Nothing was changed.")
    over = None if site else network
    with _deciding(decision) as person:
        if standing(decision.at).filter(person=person, role=role, site=site, network=over).exists():
            raise AccessRefused(f"{person.name} has this role already. Nothing was changed.")
        people.grant(person, Role(role), at=decision.at, site=site, network=over)
        return _write(decision, Deed.GIVEN, role=role, site=site)


@contextmanager
def _deciding(decision: Decision) -> Iterator[Person]:
    """One decision at a time about the leads of a network, by somebody who is one when it is written."""
    network, person = decision.network, decision.person
    with transaction.atomic():
        led = Membership.objects.filter(person=person, role=Role.LEAD).values("network")
        wanted = Network.objects.filter(Q(pk=network.pk) | Q(pk__in=led)).order_by("pk")
        list(wanted.select_for_update(no_key=True))
        if not may_change(permissions.rights(decision.by, at=decision.at), network):
            raise NotALead(f"Only a lead of {network} does this. Nothing was changed.")
        if person.pk == decision.by.pk:
            raise AccessRefused(f"{OWN} Nothing was changed.")
        if found(network, person.username) is None:
            raise AccessRefused(f"{person.name} does not work in {network}. Nothing was changed.")
        if fault := reasons.fault(_said(decision)):
            raise AccessRefused(fault)
        yield Person.objects.select_for_update(no_key=True).get(pk=person.pk)


def _check(decision: Decision, role: str = "") -> None:
    if fault := why_not(decision, role):
        raise AccessRefused(f"{fault} Nothing was changed.")


def _check_place(decision: Decision) -> None:
    """About all that somebody does: only where they have a role now, not where they once had one."""
    person, network = decision.person, decision.network
    if not standing(decision.at).filter(of(network), person=person).exists():
        raise AccessRefused(f"{person.name} has no role in {network} now. Nothing was changed.")


def _said(decision: Decision) -> str:
    return " ".join(decision.reason.split())


def _write(decision: Decision, deed: Deed, *, role: str = "", site: Site | None = None) -> AccessChange:
    return AccessChange.objects.create(
        network=decision.network,
        person=decision.person,
        deed=deed,
        role=role,
        site=site,
        reason=_said(decision),
        by=decision.by,
        written_at=decision.at,
    )
