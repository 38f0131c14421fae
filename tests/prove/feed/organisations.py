"""Organisations side by side: a network each, with a spoke, a hub, people and patients, and a mark in every name.

Places and people are slow-moving facts and are written as rows; referrals are referred.
"""

import re
from dataclasses import dataclass

from django.utils import timezone

from network import people
from network.models import Network, Person, Role, Site
from realtime import feed
from tests.world import LONG_AGO, World

MARK = re.compile(r"Mark\d\d")


@dataclass(frozen=True)
class Organisation:
    """One of them; its mark is in the name of each of its places, and so on each of its cards."""

    mark: str
    network: str  # the streams
    spoke: str
    hub: str
    tokens: dict[str, str]  # of somebody who may watch it, by stream
    codes: list[str]

    @property
    def streams(self) -> tuple[str, str, str]:
        """All of its streams."""
        return self.network, self.spoke, self.hub


def build(world: World, count: int, *, referrals: int) -> list[Organisation]:
    """So many, each with so many patients who wait."""
    world.now = timezone.now()
    return [_organisation(world, number, referrals) for number in range(count)]


def _organisation(world: World, number: int, referrals: int) -> Organisation:
    mark = f"Mark{number:02d}"
    network = Network.objects.create(code=f"network-{number:02d}", name=f"{mark} network")
    spoke, hub = (_site(f"K{number:02d}{kind}", f"{mark} {kind}", network) for kind in ("SPOKE", "HUB"))
    posts = [
        (feed.network_stream(network), Role.COORDINATOR, None, network),
        (feed.site_stream(spoke), Role.SPOKE, spoke, None),
        (feed.site_stream(hub), Role.HUB, hub, None),
    ]
    tokens: dict[str, str] = {}
    for stream, role, site, region in posts:
        username = f"{role}-{number:02d}"
        person = Person.objects.create(username=username, name=f"{mark} {role}", password="!")
        people.grant(person, role, at=LONG_AGO, site=site, network=region)
        tokens[stream], world.people[username] = people.issue_token(person, at=LONG_AGO), person
    doctor = f"{Role.SPOKE}-{number:02d}"
    codes = [world.refers(hub.code, by=doctor, spoke=spoke.code).code for _ in range(referrals)]
    return Organisation(mark, posts[0][0], posts[1][0], posts[2][0], tokens, codes)


def _site(code: str, name: str, network: Network) -> Site:
    return Site.objects.create(
        code=code,
        name=name,
        short_name=name,
        network=network,
        is_hub=code.endswith("HUB"),
        country="England",
        latitude=53.4,
        longitude=-2.9,
        phone="+441514960100",
    )
