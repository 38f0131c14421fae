"""The hubs to which a spoke may refer, with what helps to choose: the road, and who is first on call now.

Called by the referral form and its fragment. The nearest is ticked, and only a default.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from network import sites
from network.models import Network, Site
from workforce import rota
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
    """The hubs around a spoke, the shortest drive first; `ticked` None ticks the nearest."""
    links = sites.ranked_hubs(spoke)
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
            )
        )
    return HubChoices(found[:AT_FIRST], found[AT_FIRST:])
