"""From where and as what somebody speaks in a referral's conversation. Pure over the rights that it is given.

Called by the conversation's writers; it decides no right: whoever has no place there does not see the referral.
"""

from dataclasses import dataclass

from network.models import Network, Role, Site
from network.permissions import Rights
from referrals import queries
from referrals.models import Referral
from referrals.refusals import NotVisible

AS_WHAT = (Role.OPERATOR, Role.HUB, Role.SPOKE)
OVER_ALL = (Role.COORDINATOR, Role.LEAD)


@dataclass(frozen=True)
class Place:
    """A role at one hospital that is party to the referral, or in the network of one."""

    role: Role
    site: Site | None
    network: Network | None


def of(rights: Rights, referral: Referral) -> Place:
    """The first place by which this person sees the referral, hospitals before networks; NotVisible without one."""
    parties = sorted(queries.open_parties(referral), key=lambda party: party.pk)
    for party in parties:
        if held := rights.at_site.get(party.site_id):
            wanted = AS_WHAT if party.is_hub else reversed(AS_WHAT)
            return Place(next(role for role in wanted if role.value in held), party.site, None)
    for party in parties:
        if held := rights.in_network.get(party.site.network_id):
            return Place(next(role for role in OVER_ALL if role.value in held), None, party.site.network)
    raise NotVisible
