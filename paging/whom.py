"""Whom a rung reaches at this moment: looked up when it fires, never before. Reads the rota and memberships."""

from collections.abc import Callable
from datetime import datetime
from operator import attrgetter
from typing import Any, NamedTuple

from django.conf import settings

from network import hours, permissions
from network.models import Membership, Person, Role, Site
from network.permissions import Rights
from paging import ladders, standing_down
from paging.ladders import Rung
from paging.models import ON_THE_ROAD, Escalation, Page, Reason
from referrals import policy, queries
from referrals.conversation import addressed, confirming
from referrals.models import Message
from workforce import phases, rota
from workforce.models import Duty, Shift

ANSWERING = ("answering", "answering_next")
DUTIES = {"first": Duty.FIRST, "second": Duty.SECOND, "supervisor": Duty.SUPERVISOR}
Known = dict[tuple[object, ...], list[Any]]
Judged = dict[tuple[int, datetime], Rights]  # the rights of a person at an instant
ADDRESSED: dict[str, Callable[[Message, datetime], list[Person]]] = {
    "addressed": lambda message, at: addressed.people(message, at=at, everybody=False),
    "everybody_addressed": lambda message, at: addressed.people(message, at=at, everybody=True),
    "coordinator_of_case": lambda message, at: [
        c.person for c in _holding(Role.COORDINATOR, {message.referral.spoke.network_id}, at)
    ],
}
ROLES = {"coordinator": Role.COORDINATOR, "lead": Role.LEAD}


class Coordinator(NamedTuple):
    """Somebody who coordinates this network, on duty now or not."""

    network: int
    person: Person
    is_on: bool


def people(rung: Rung, escalation: Escalation, *, at: datetime, known: Known | None = None) -> list[Person]:
    """The people of this rung who can be paged now, each once, in the rung's order.

    `known` keeps what was looked up at this instant, for those who look up many.
    """
    found: dict[int, Person] = {}
    known = {} if known is None else known
    for name in rung.to:
        look = _addressed if name in ADDRESSED else _named
        for person in look(name, rung, escalation, at, known):
            # A new number is verified at the number itself, whatever the person has now.
            if person.is_active and (person.phone or escalation.reason == Reason.VERIFY):
                found.setdefault(person.pk, person)
    referral = escalation.referral
    if escalation.reason == Reason.CONFIRM and referral and referral.operator_id:
        found.pop(referral.operator_id, None)  # nobody confirms their own acceptance
    return list(found.values())


def _named(name: str, rung: Rung, escalation: Escalation, at: datetime, known: Known) -> list[Person]:
    hub, referral = escalation.hub, escalation.referral
    if name == "self":
        return [escalation.person] if escalation.person else []
    if name == "owner":
        return list(Person.objects.filter(username=settings.PLATFORM_OWNER))
    if name in ROLES:
        networks = _networks(escalation, at)
        found = _once(known, (name, *sorted(networks)), lambda: _holding(ROLES[name], networks, at))
        return _coordinators(found, rung, escalation) if name == "coordinator" else [c.person for c in found]
    if hub is None or _shut(escalation, at, known):
        return standing_down.alerted(escalation.subject, at=at) if name == "alerted" else []
    if name in ANSWERING:
        return _answering(name, escalation, hub, at)
    if name == "operators":
        return _once(known, (name, hub.pk), lambda: [a.person for a in phases.operators(hub, at=at)])
    shifts = _once(known, ("shifts", hub.pk), lambda: rota.on_call(hub, at=at))
    if name == "next":
        others = [s.person for s in shifts if s.person_id != escalation.person_id]
        return [person for person in others if person.is_active][:1]
    on_duty = [s.person for s in shifts if s.duty == DUTIES[name]]
    named = referral.supervisor if referral and escalation.reason == Reason.CONFIRM else None
    return [named, *on_duty] if named and name == "supervisor" else on_duty


def _addressed(name: str, _rung: Rung, escalation: Escalation, at: datetime, known: Known) -> list[Person]:
    def look() -> list[Person]:
        message = confirming.named(escalation.subject)
        return ADDRESSED[name](message, at) if message else []

    return _once(known, (name, escalation.subject), look)


def _shut(escalation: Escalation, at: datetime, known: Known) -> bool:
    """Has the hub closed since the patient was offered to it? Then its people can take nobody."""
    referral, hub = escalation.referral, escalation.hub_id
    if escalation.reason != Reason.OFFER or referral is None or hub is None:
        return False
    if not ladders.hands_on(escalation.rungs):
        return False  # nobody else would ever be asked
    pair = (hub, referral.spoke.network_id)
    since = _once(known, ("shut", *pair), lambda: [hours.shut_since({pair}, at=at).get(pair)])
    return since[0] is not None and since[0] > escalation.opened_at


def _once(known: Known, key: tuple[object, ...], look: Callable[[], list[Any]]) -> list[Any]:
    if key not in known:
        known[key] = look()
    return known[key]


def _networks(escalation: Escalation, at: datetime) -> set[int]:
    networks = {escalation.referral.spoke.network_id} if escalation.referral else set()
    if escalation.reason in ON_THE_ROAD:
        networks |= queries.spokes_network(escalation.subject.partition(" ")[0])
    if escalation.hub:
        networks.add(escalation.hub.network_id)
    if not networks and escalation.person:
        networks = networks_of(escalation.person, at=at)
    return networks


def _holding(role: Role, networks: set[int], at: datetime) -> list[Coordinator]:
    """Whoever holds this role in these networks; of the coordinators those first whom the rota has on now."""
    held = permissions.holding(at).filter(role=role, network__in=networks)
    shifts = rota.coordinating(networks, at=at) if role == Role.COORDINATOR else []
    on = {(s.hub.network_id, s.person_id) for s in shifts}
    rows = held.select_related("person").order_by("pk")
    found = [Coordinator(m.network_id or 0, m.person, (m.network_id, m.person_id) in on) for m in rows]
    return sorted(found, key=attrgetter("is_on"), reverse=True)


def _coordinators(found: list[Coordinator], rung: Rung, escalation: Escalation) -> list[Person]:
    """Of each network whoever is on duty and can be reached, while a later rung reaches the others; else all."""
    if not ladders.named_later("coordinator", escalation.rungs, after=rung):
        return [c.person for c in found]
    awake = {c.network for c in found if c.is_on and _is_reachable(c.person)}
    return [c.person for c in found if c.is_on or c.network not in awake]


def _is_reachable(person: Person) -> bool:
    return bool(person.is_active and person.phone and not person.phone_trouble)


def _answering(name: str, escalation: Escalation, hub: Site, at: datetime) -> list[Person]:
    """Who was named when the patient was accepted, or whoever else could answer for the operator now."""
    operator, first = escalation.person, queries.supervisor_of(escalation.subject)
    if name == "answering":
        return [first] if first else []
    others = phases.reachable_supervisors(hub, of=operator, at=at) if operator else []
    return [person for person in others if person != first]


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
    if escalation.reason == Reason.STOOD:
        return True
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
