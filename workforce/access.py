"""Who may see and change what about an operator. Pure over the rights and the rows that it is given.

Called by the writers of this app (to refuse) and by the screens (to show and offer only what is allowed).
"""

from network.models import Role, Site
from network.permissions import Rights
from workforce.models import Operator
from workforce.refusals import NotEntitled


def check(allowed: bool, sentence: str) -> None:
    """NotEntitled with this sentence, unless it is allowed."""
    if not allowed:
        raise NotEntitled(f"{sentence} Nothing was changed.")


def governs(rights: Rights, hub: Site) -> bool:
    """Does this person sign operators off in the hub's network?"""
    return hub.network_id in rights.governs


def leads(rights: Rights, hub: Site) -> bool:
    """Who enrols operators, agrees terms and names supervisors: the network's lead, and the medical director."""
    return rights.leads(hub.network_id) or governs(rights, hub)


def may_read_hub(rights: Rights, hub: Site) -> bool:
    """Who may do what at a hub: read by its teams, and by those who coordinate, lead or govern its network."""
    team = rights.has(Role.OPERATOR, Role.HUB, site_id=hub.pk)
    return team or rights.oversees(hub.network_id) or governs(rights, hub)


def supervises(rights: Rights, operator: Operator) -> bool:
    """Is this person named to answer for the operator, and still of that hub?"""
    named = operator.supervisor_id == rights.person.pk
    return named and rights.has(Role.OPERATOR, site_id=operator.hub_id)


def may_read(rights: Rights, operator: Operator) -> bool:
    """One operator's agreement and history: themselves, who answers for them, and who decides."""
    own = operator.person_id == rights.person.pk
    return own or supervises(rights, operator) or leads(rights, operator.hub)


def may_teach(rights: Rights, operator: Operator) -> bool:
    """Who records rungs and reviews: the supervisor and the medical director; never about themselves."""
    if operator.person_id == rights.person.pk:
        return False
    return supervises(rights, operator) or governs(rights, operator.hub)


def may_read_logbook(rights: Rights, operator: Operator) -> bool:
    """A logbook is its owner's, their supervisor's and governance's, and nobody else's."""
    own = operator.person_id == rights.person.pk
    return own or supervises(rights, operator) or governs(rights, operator.hub)
