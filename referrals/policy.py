"""Who may do what to a referral: one table from verb to a rule. Pure over the rights that it is given.

Called by the verbs (to refuse) and by the screens (to offer only what is allowed).
"""

from collections.abc import Callable
from datetime import datetime

from network.models import Role
from network.permissions import Rights
from referrals import owners
from referrals.models import Offer, OfferState, Party, Referral
from referrals.refusals import NotAllowed, NotVisible
from workforce import phases

Rule = Callable[[Rights, Referral], bool]


def _open_parties(referral: Referral) -> list[Party]:
    # Filtered here and not in the database: whoever judges several rules has read the parties before.
    return [party for party in referral.parties.all() if party.until is None]


def _spoke(rights: Rights, referral: Referral) -> bool:
    if rights.has(Role.SPOKE, site_id=referral.spoke_id):
        return True
    if referral.spoke_id == referral.hub_id and _hub(rights, referral):
        return True  # a hub's own patient has no other team
    joined = [party for party in _open_parties(referral) if not party.is_hub]
    return any(rights.has(Role.SPOKE, site_id=party.site_id) for party in joined)


def _hub(rights: Rights, referral: Referral) -> bool:
    return rights.has(Role.OPERATOR, Role.HUB, site_id=referral.hub_id)


def _coordinator(rights: Rights, referral: Referral) -> bool:
    return rights.coordinates(referral.spoke.network_id)


def _offered_hub(rights: Rights, referral: Referral) -> bool:
    return bool(answerable(rights, referral))


def _seated(rights: Rights, referral: Referral) -> bool:
    return owners.holds(rights, referral, owners.seat_of(referral))


def _party_network(rights: Rights, referral: Referral) -> bool:
    """A coordinator or lead of any network that is party to it."""
    return any(party.site.network_id in rights.networks for party in _open_parties(referral))


def _any(*rules: Rule) -> Rule:
    return lambda rights, referral: any(rule(rights, referral) for rule in rules)


RULES: dict[str, tuple[Rule, str]] = {
    "refer": (_spoke, "the spoke's stroke team"),
    "re_offer": (_any(_spoke, _coordinator), "the spoke's stroke team or the coordinator"),
    "second_opinion": (_any(_spoke, _coordinator), "the spoke's stroke team or the coordinator"),
    "take": (_any(_spoke, _party_network), "the spoke's team, a coordinator or a lead"),
    "ask": (_any(_hub, _offered_hub), "the hub"),
    "answer": (_spoke, "the spoke's stroke team"),
    "amend": (_spoke, "the spoke's stroke team"),
    "request_ambulance": (_spoke, "the spoke's stroke team"),
    "link_crew": (_any(_spoke, _coordinator), "the spoke's stroke team or the coordinator"),
    "text_crew": (_any(_spoke, _coordinator), "the spoke's stroke team or the coordinator"),
    "unlink_crew": (_any(_spoke, _coordinator), "the spoke's stroke team or the coordinator"),
    "crew_at_spoke": (_spoke, "the spoke's stroke team or the crew"),
    "expect": (_any(_spoke, _hub, _party_network), "the spoke, the hub, the crew or a coordinator"),
    "delay": (_any(_spoke, _hub, _party_network), "the spoke, the hub, the crew or a coordinator"),
    "worsen": (_any(_spoke, _hub), "the spoke, the hub or the crew"),
    "instruct": (_hub, "the hub"),
    "promise_bed": (_spoke, "the spoke's stroke team"),
    "offer_bed": (_spoke, "the spoke's stroke team"),
    "find_haemorrhage": (_hub, "the hub"),
    "request_return": (_hub, "the hub"),
    "leave_hub": (_hub, "the hub"),
    "own": (_seated, "somebody of the role to which this patient belongs"),
    "noted": (lambda *_: True, "whoever sees it"),
    "ready": (_hub, "the hub"),
    "not_ready": (_hub, "the hub"),
    "depart": (_spoke, "the spoke's stroke team"),
    "arrive": (_hub, "the hub"),
    "puncture": (_hub, "the hub"),
    "end_procedure": (_hub, "the hub"),
    "request_repatriation": (_hub, "the hub"),
    "repatriate": (_spoke, "the spoke's stroke team"),
    "withdraw": (_spoke, "the spoke's stroke team"),
    "stand_down": (_any(_spoke, _hub), "the spoke or the hub"),
    "not_treat": (_hub, "the hub"),
    "record_outcome": (_any(_spoke, _hub), "the spoke or the hub"),
    "record_death": (_any(_spoke, _hub), "the spoke or the hub"),
}


def sees(rights: Rights, referral: Referral) -> bool:
    """Is a site or a network of this person an open party to the referral?"""
    parties = _open_parties(referral)
    return any(party.site_id in rights.sites for party in parties) or any(
        party.site.network_id in rights.networks for party in parties if rights.networks
    )


def check(verb: str, rights: Rights | None, referral: Referral) -> None:
    """NotVisible for who does not see the referral, NotAllowed for who sees it and may not do this."""
    rule, who = RULES[verb]
    if rights is None or not sees(rights, referral):
        raise NotVisible
    if not rule(rights, referral):
        raise NotAllowed("not_allowed", f"Only {who} can do this. Nothing was changed.")


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
    return [
        offer
        for offer in referral.offers.all()
        if offer.state in {OfferState.OPEN, OfferState.LAPSED} and may_decline(rights, offer.hub_id)
    ]
