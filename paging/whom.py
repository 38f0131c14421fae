"""Whom a rung reaches at this moment: looked up when it fires, never before. Reads the rota and memberships."""

from collections.abc import Iterable
from datetime import datetime

from django.db.models import Q

from network import permissions
from network.models import Membership, Person, Role
from paging.ladders import Rung
from paging.models import Escalation, Page, Reason
from referrals import policy
from workforce import phases, rota
from workforce.models import Duty

DUTIES = {"first": Duty.FIRST, "second": Duty.SECOND, "supervisor": Duty.SUPERVISOR}
ROLES = {"coordinator": Role.COORDINATOR, "lead": Role.LEAD}


def people(rung: Rung, escalation: Escalation, *, at: datetime) -> list[Person]:
    """The people of this rung who can be paged now, each once, in the rung's order."""
    found: dict[int, Person] = {}
    for name in rung.to:
        for person in _named(name, escalation, at):
            if person.is_active and person.phone:
                found.setdefault(person.pk, person)
    if escalation.reason == Reason.CONFIRM and escalation.referral.operator_id:
        found.pop(escalation.referral.operator_id, None)  # nobody confirms their own acceptance
    return list(found.values())


def _named(name: str, escalation: Escalation, at: datetime) -> Iterable[Person]:
    hub = escalation.hub
    if name in DUTIES:
        on_duty = [s.person for s in rota.on_call(hub, at=at) if s.duty == DUTIES[name]] if hub else []
        named = escalation.referral.supervisor if escalation.reason == Reason.CONFIRM else None
        return [named, *on_duty] if named and name == "supervisor" else on_duty
    if name == "operators":
        return [a.person for a in phases.operators(hub, at=at)] if hub else []
    networks = {escalation.referral.spoke.network_id} | ({hub.network_id} if hub else set())
    held = Membership.objects.filter(role=ROLES[name], network__in=networks, since__lte=at)
    return [
        m.person for m in held.filter(Q(until=None) | Q(until__gt=at)).select_related("person").order_by("pk")
    ]


def can_answer(page: Page) -> bool:
    """May this person give the answer that is waited for, or can they only see to it that somebody does?"""
    escalation = page.escalation
    rights = permissions.rights(page.person, at=page.due_at)
    if escalation.reason == Reason.OFFER and escalation.hub_id:
        return policy.may_decline(rights, escalation.hub_id)
    if escalation.reason == Reason.CONFIRM:
        return policy.may_confirm(rights, escalation.referral, at=page.due_at)
    return False
