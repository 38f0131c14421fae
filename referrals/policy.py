"""Who may do what to a referral: one table from verb to a rule. Pure over the rights that it is given.

Called by the verbs (to refuse) and by the screens (to offer only what is allowed).
"""

from collections.abc import Callable
from datetime import datetime

from network.models import Role
from network.permissions import Rights
from referrals.models import Offer, OfferState, Referral
from workforce import phases

Rule = Callable[[Rights, Referral], bool]


def _spoke(rights: Rights, referral: Referral) -> bool:
    if rights.has(Role.SPOKE, site_id=referral.spoke_id):
        return True
    if referral.spoke_id == referral.hub_id and _hub(rights, referral):
        return True  # a hub's own patient has no other team
    joined = referral.parties.filter(is_hub=False, until=None).values_list("site_id", flat=True)
    return any(rights.has(Role.SPOKE, site_id=site_id) for site_id in joined)


def _hub(rights: Rights, referral: Referral) -> bool:
    return rights.has(Role.OPERATOR, Role.HUB, site_id=referral.hub_id)


def _coordinator(rights: Rights, referral: Referral) -> bool:
    return rights.coordinates(referral.spoke.network_id)


def _offered_hub(rights: Rights, referral: Referral) -> bool:
    hubs = referral.offers.filter(state__in=[OfferState.OPEN, OfferState.LAPSED]).values_list(
        "hub_id", flat=True
    )
    return any(rights.has(Role.OPERATOR, Role.HUB, site_id=hub) for hub in hubs)


def _any(*rules: Rule) -> Rule:
    return lambda rights, referral: any(rule(rights, referral) for rule in rules)


RULES: dict[str, tuple[Rule, str]] = {
    "refer": (_spoke, "the spoke's stroke team"),
    "re_offer": (_any(_spoke, _coordinator), "the spoke's stroke team or the coordinator"),
    "ask": (_any(_hub, _offered_hub), "the hub"),
    "answer": (_spoke, "the spoke's stroke team"),
    "amend": (_spoke, "the spoke's stroke team"),
    "request_ambulance": (_spoke, "the spoke's stroke team"),
    "depart": (_spoke, "the spoke's stroke team"),
    "arrive": (_hub, "the hub"),
    "puncture": (_hub, "the hub"),
    "end_procedure": (_hub, "the hub"),
    "request_repatriation": (_hub, "the hub"),
    "repatriate": (_spoke, "the spoke's stroke team"),
    "withdraw": (_spoke, "the spoke's stroke team"),
    "stand_down": (_any(_spoke, _hub), "the spoke or the hub"),
    "not_treat": (_hub, "the hub"),
    "record_death": (_any(_spoke, _hub), "the spoke or the hub"),
}


def sees(rights: Rights, referral: Referral) -> bool:
    """Is a site or a network of this person an open party to the referral?"""
    open_parties = referral.parties.filter(until=None).values_list("site_id", "site__network_id")
    return any(site in rights.sites or network in rights.networks for site, network in open_parties)


def may_accept(rights: Rights, hub_id: int) -> bool:
    """Only an operator of that hub accepts."""
    return rights.has(Role.OPERATOR, site_id=hub_id)


def may_decline(rights: Rights, hub_id: int) -> bool:
    return rights.has(Role.OPERATOR, Role.HUB, site_id=hub_id)


def may_confirm(rights: Rights, referral: Referral, *, at: datetime) -> bool:
    """The named supervisor, or the independent operator who is supervisor on call; never the one who accepted."""
    if referral.hub is None or rights.person.pk == referral.operator_id:
        return False
    if not rights.has(Role.OPERATOR, site_id=referral.hub_id):
        return False
    return phases.may_confirm(rights.person, referral.hub, named=referral.supervisor, at=at)


def answerable(rights: Rights, referral: Referral) -> list[Offer]:
    """The offers of this referral that this person may accept or decline now."""
    offers = referral.offers.filter(state__in=[OfferState.OPEN, OfferState.LAPSED]).select_related("hub")
    return [offer for offer in offers if may_decline(rights, offer.hub_id)]
