"""Who is meant by the role to which a message is addressed, at an instant: it follows the hand-over.

Called by the conversation's writers (who may confirm), by the screens, and by the pager (whom to reach). Reads only.
"""

from collections.abc import Callable
from datetime import datetime

from django.db.models import QuerySet

from network import permissions
from network.models import Membership, Person, Role
from network.permissions import Rights
from referrals import queries
from referrals.models import Address, Event, Message, OfferState, Referral
from workforce import phases, rota
from workforce.models import Duty

ON_CALL = (Duty.FIRST, Duty.SECOND)


def hubs(referral: Referral) -> set[int]:
    """The hub that has the patient; before that those that are asked, by id."""
    if referral.hub_id:
        return {referral.hub_id}
    offers = referral.offers.filter(state__in=[OfferState.OPEN, OfferState.LAPSED])
    return set(offers.values_list("hub", flat=True))


def spokes(referral: Referral) -> set[int]:
    """The spoke and the teams that have joined, by id."""
    return {party.site_id for party in queries.open_parties(referral) if not party.is_hub}


def is_meant(rights: Rights, referral: Referral, to: str) -> bool:
    """Has this person the role now to which the message is addressed?"""
    if to == Address.OPERATOR:
        return any(rights.has(Role.OPERATOR, site_id=hub) for hub in hubs(referral))
    coordinates = rights.coordinates(referral.spoke.network_id)
    if to == Address.COORDINATOR:
        return coordinates
    at_spoke = any(rights.has(Role.SPOKE, site_id=spoke) for spoke in spokes(referral))
    # Whoever stands beside the crew or rings them says for them that they know: the crew itself has no account.
    return at_spoke or (to == Address.CREW and coordinates)


def people(message: Message, *, at: datetime, everybody: bool) -> list[Person]:
    """Those who are meant now: first whoever has it to do, or `everybody` of that role. Never who wrote it."""
    found = FIND[Address(message.to)](message.referral, at, everybody)
    unique = {person.pk: person for person in found if person.is_active and person.pk != message.by_id}
    return list(unique.values())


def _operators(referral: Referral, at: datetime, everybody: bool) -> list[Person]:
    found: list[Person] = []
    for party in queries.open_parties(referral):
        if not party.is_hub or party.site_id not in hubs(referral):
            continue
        if everybody:
            found += [held.person for held in phases.operators(party.site, at=at)]
        else:
            on = [shift.person for shift in rota.on_call(party.site, at=at) if shift.duty in ON_CALL]
            found += [person for person in on if person.is_active][:1]
    if referral.operator and referral.hub_id and not everybody:
        found.append(referral.operator)
    return found


def _spoke_team(referral: Referral, at: datetime, everybody: bool) -> list[Person]:
    held = _holding(at).filter(role=Role.SPOKE, site__in=spokes(referral))
    team = [membership.person for membership in held]
    if everybody:
        return team
    did = set(Event.objects.filter(referral=referral).values_list("by", flat=True))
    did |= set(Message.objects.filter(referral=referral).values_list("by", flat=True))
    return [person for person in team if person.pk in did] or team


def _coordinators(referral: Referral, at: datetime, everybody: bool) -> list[Person]:
    network = referral.spoke.network_id
    held = [m.person for m in _holding(at).filter(role=Role.COORDINATOR, network=network)]
    on_duty = [s.person for s in rota.coordinating([network], at=at) if s.person.is_active]
    return held if everybody else on_duty or held


def _holding(at: datetime) -> QuerySet[Membership]:
    return permissions.holding(at).select_related("person").order_by("pk")


FIND: dict[Address, Callable[[Referral, datetime, bool], list[Person]]] = {
    Address.OPERATOR: _operators,
    Address.SPOKE: _spoke_team,
    Address.COORDINATOR: _coordinators,
    Address.CREW: _coordinators,  # nobody can page a crew: whoever coordinates rings them
}
