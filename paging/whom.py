"""Whom a rung reaches at this moment: looked up when it fires, never before. Reads the rota and memberships."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db.models import Q

from network import hours, permissions
from network.models import Membership, Person, Role
from network.permissions import Rights
from paging.ladders import Rung
from paging.models import Escalation, Page, Reason
from referrals import policy
from workforce import phases, rota
from workforce.models import Duty, Shift

DUTIES = {"first": Duty.FIRST, "second": Duty.SECOND, "supervisor": Duty.SUPERVISOR}
Known = dict[tuple[object, ...], list[Any]]
Judged = dict[tuple[int, datetime], Rights]  # the rights of a person at an instant
ROLES = {"coordinator": Role.COORDINATOR, "lead": Role.LEAD}


def people(rung: Rung, escalation: Escalation, *, at: datetime, known: Known | None = None) -> list[Person]:
    """The people of this rung who can be paged now, each once, in the rung's order.

    `known` keeps what was looked up at this instant, for those who look up many.
    """
    found: dict[int, Person] = {}
    for name in rung.to:
        for person in _named(name, escalation, at, {} if known is None else known):
            # A new number is verified at the number itself, whatever the person has now.
            if person.is_active and (person.phone or escalation.reason == Reason.VERIFY):
                found.setdefault(person.pk, person)
    referral = escalation.referral
    if escalation.reason == Reason.CONFIRM and referral and referral.operator_id:
        found.pop(referral.operator_id, None)  # nobody confirms their own acceptance
    return list(found.values())


def _named(name: str, escalation: Escalation, at: datetime, known: Known) -> list[Person]:
    hub, referral = escalation.hub, escalation.referral
    if name == "self":
        return [escalation.person] if escalation.person else []
    if name == "owner":
        return list(Person.objects.filter(username=settings.PLATFORM_OWNER))
    if name in ROLES:
        networks = _networks(escalation, at)
        return _once(known, (name, *sorted(networks)), lambda: _holders(ROLES[name], networks, at))
    if hub is None or _shut(escalation, at, known):
        return []
    if name == "answering":
        operator = escalation.person
        return phases.reachable_supervisors(hub, of=operator, at=at)[:1] if operator else []
    if name == "operators":
        return _once(known, (name, hub.pk), lambda: [a.person for a in phases.operators(hub, at=at)])
    shifts = _once(known, ("shifts", hub.pk), lambda: rota.on_call(hub, at=at))
    if name == "next":
        return [s.person for s in shifts if s.person_id != escalation.person_id][:1]
    on_duty = [s.person for s in shifts if s.duty == DUTIES[name]]
    named = referral.supervisor if referral and escalation.reason == Reason.CONFIRM else None
    return [named, *on_duty] if named and name == "supervisor" else on_duty


def _shut(escalation: Escalation, at: datetime, known: Known) -> bool:
    """Has the hub closed since the patient was offered to it? Then its people can take nobody."""
    referral, hub = escalation.referral, escalation.hub_id
    if escalation.reason != Reason.OFFER or referral is None or hub is None:
        return False
    pair = (hub, referral.spoke.network_id)
    since = _once(known, ("shut", *pair), lambda: [hours.shut_since({pair}, at=at).get(pair)])
    return since[0] is not None and since[0] > escalation.opened_at


def _once(known: Known, key: tuple[object, ...], look: Callable[[], list[Any]]) -> list[Any]:
    if key not in known:
        known[key] = look()
    return known[key]


def _networks(escalation: Escalation, at: datetime) -> set[int]:
    networks = {escalation.referral.spoke.network_id} if escalation.referral else set()
    if escalation.hub:
        networks.add(escalation.hub.network_id)
    if not networks and escalation.person:
        networks = networks_of(escalation.person, at=at)
    return networks


def _holders(role: Role, networks: set[int], at: datetime) -> list[Person]:
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


def can_answer(page: Page, known: Judged | None = None) -> bool:
    """May this person give the answer that is waited for, or can they only see to it that somebody does?

    `known` keeps the rights that were looked up, for those who ask about many pages.
    """
    escalation, person = page.escalation, page.person
    if person is None:
        return False
    if escalation.reason in {Reason.REACH, Reason.VERIFY}:
        return escalation.person_id == person.pk
    if escalation.reason not in {Reason.OFFER, Reason.CONFIRM, Reason.DRILL} or not escalation.hub_id:
        return False
    known = {} if known is None else known
    key = (person.pk, page.due_at)
    rights = known[key] = known.get(key) or permissions.rights(person, at=page.due_at)
    if escalation.reason == Reason.CONFIRM:
        assert escalation.referral
        return policy.may_confirm(rights, escalation.referral, at=page.due_at)
    return policy.may_decline(rights, escalation.hub_id)
