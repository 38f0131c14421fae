"""Whom a rung reaches at this moment: looked up when it fires, never before. Reads the rota and memberships."""

from collections.abc import Iterable
from datetime import datetime

from django.conf import settings
from django.db.models import Q

from network import permissions
from network.models import Membership, Person, Role
from paging.ladders import Rung
from paging.models import Escalation, Page, Reason
from referrals import policy
from workforce import phases, rota
from workforce.models import Duty, Shift

DUTIES = {"first": Duty.FIRST, "second": Duty.SECOND, "supervisor": Duty.SUPERVISOR}
ROLES = {"coordinator": Role.COORDINATOR, "lead": Role.LEAD}


def people(rung: Rung, escalation: Escalation, *, at: datetime) -> list[Person]:
    """The people of this rung who can be paged now, each once, in the rung's order."""
    found: dict[int, Person] = {}
    for name in rung.to:
        for person in _named(name, escalation, at):
            # A new number is verified at the number itself, whatever the person has now.
            if person.is_active and (person.phone or escalation.reason == Reason.VERIFY):
                found.setdefault(person.pk, person)
    referral = escalation.referral
    if escalation.reason == Reason.CONFIRM and referral and referral.operator_id:
        found.pop(referral.operator_id, None)  # nobody confirms their own acceptance
    return list(found.values())


def _named(name: str, escalation: Escalation, at: datetime) -> Iterable[Person]:
    hub = escalation.hub
    if name in DUTIES:
        on_duty = [s.person for s in rota.on_call(hub, at=at) if s.duty == DUTIES[name]] if hub else []
        named = (
            escalation.referral.supervisor
            if escalation.referral and escalation.reason == Reason.CONFIRM
            else None
        )
        return [named, *on_duty] if named and name == "supervisor" else on_duty
    if name == "operators":
        return [a.person for a in phases.operators(hub, at=at)] if hub else []
    if name == "self":
        return [escalation.person] if escalation.person else []
    if name == "next":
        others = (
            [s.person for s in rota.on_call(hub, at=at) if s.person_id != escalation.person_id] if hub else []
        )
        return others[:1]
    if name == "owner":
        return Person.objects.filter(username=settings.PLATFORM_OWNER)
    return _holders(ROLES[name], escalation, at)


def _holders(role: Role, escalation: Escalation, at: datetime) -> list[Person]:
    hub, referral = escalation.hub, escalation.referral
    networks = {referral.spoke.network_id} if referral else set()
    if hub:
        networks.add(hub.network_id)
    if not networks and escalation.person:
        networks = networks_of(escalation.person, at=at)
    held = Membership.objects.filter(role=role, network__in=networks, since__lte=at)
    return [
        m.person for m in held.filter(Q(until=None) | Q(until__gt=at)).select_related("person").order_by("pk")
    ]


def networks_of(person: Person, *, at: datetime) -> set[int]:
    """The networks in which this person holds a role, or a role at a site."""
    rights = permissions.rights(person, at=at)
    held = Membership.objects.filter(person=person, site__in=rights.sites)
    return set(rights.networks) | set(held.values_list("site__network_id", flat=True))


def on_a_rota(person: Person, *, at: datetime) -> Shift | None:
    """The shift that this person holds now, or their next one."""
    ahead = Shift.objects.filter(person=person, period__endswith__gt=at).select_related("hub")
    return ahead.order_by("period").first()


def can_answer(page: Page) -> bool:
    """May this person give the answer that is waited for, or can they only see to it that somebody does?"""
    escalation, person = page.escalation, page.person
    if person is None:
        return False
    if escalation.reason in {Reason.REACH, Reason.VERIFY}:
        return escalation.person_id == person.pk
    if escalation.reason not in {Reason.OFFER, Reason.CONFIRM, Reason.DRILL} or not escalation.hub_id:
        return False
    rights = permissions.rights(person, at=page.due_at)
    if escalation.reason == Reason.CONFIRM:
        assert escalation.referral
        return policy.may_confirm(rights, escalation.referral, at=page.due_at)
    return policy.may_decline(rights, escalation.hub_id)
