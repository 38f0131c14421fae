"""The hubs to which a spoke may refer, with what helps to choose: the road, and who is first on call now.

Called by the referral form and its fragment. The nearest that is open is ticked, and only a default; a closed one says
when it opens, and stands behind the open ones.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from network import sites
from network.models import Network, Site
from workforce import cover, rota
from workforce.models import Duty

AT_FIRST = 4  # hubs that are shown without asking for more


@dataclass(frozen=True)
class HubChoice:
    """One hub as it stands on the form."""

    code: str
    name: str
    minutes: int
    network: str  # empty: the spoke's own
    first: str  # who is first on call now; empty: nobody
    first_until: datetime | None
    ticked: bool
    closed: bool = False  # nobody is on call there who operates
    opens: datetime | None = None


@dataclass(frozen=True)
class HubChoices:
    """The near hubs, and the others behind one press."""

    near: list[HubChoice]
    far: list[HubChoice]

    @property
    def far_ticked(self) -> bool:
        """Is one of the far hubs ticked, so that it must be seen?"""
        return any(hub.ticked for hub in self.far)


def choices(spoke: Site, *, ticked: Collection[str] | None, at: datetime) -> HubChoices:
    """The hubs around a spoke, the open ones first, then the shortest drive; `ticked` None ticks the first of them."""
    links = sites.ranked_hubs(spoke)
    doors = cover.doors([link.hub for link in links], at=at)
    links = sorted(links, key=lambda link: doors[link.hub_id].is_closed)
    on = {s.hub_id: s for s in rota.on_call_at([link.hub for link in links], at=at) if s.duty == Duty.FIRST}
    names = dict(Network.objects.values_list("pk", "name"))
    chosen = set(ticked) if ticked is not None else {link.hub.code for link in links[:1]}
    found = []
    for link in links:
        shift = on.get(link.hub_id)
        found.append(
            HubChoice(
                code=link.hub.code,
                name=link.hub.short_name,
                minutes=link.minutes,
                network="" if link.hub.network_id == spoke.network_id else names[link.hub.network_id],
                first=shift.person.name if shift else "",
                first_until=shift.period.upper if shift else None,
                ticked=link.hub.code in chosen,
                closed=doors[link.hub_id].is_closed,
                opens=doors[link.hub_id].opens_at,
            )
        )
    return HubChoices(found[:AT_FIRST], found[AT_FIRST:])
