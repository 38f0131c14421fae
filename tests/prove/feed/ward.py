"""Who watches and what happens: people with tokens by the hundred, and verbs pressed on a few referrals.

People are slow-moving facts and are written as rows; a referral gets where it is by real verbs.
"""

import secrets
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from random import Random

from django.contrib.auth.hashers import make_password
from django.utils import timezone

from network import people
from network.models import Membership, Network, Person, Role, Site, Token
from referrals import remarks
from tests.world import LONG_AGO, World

NETWORK, SPOKE, WALTON, SALFORD = "network:cheshire-and-merseyside", "site:RBL14", "site:RET20", "site:RM301"


def watchers(stream: str, count: int) -> list[tuple[Person, str]]:
    """So many people who may watch this stream, each with a token."""
    kind, _, code = stream.partition(":")
    nobody_knows, run = make_password(None), secrets.token_hex(4)
    made = Person.objects.bulk_create(
        Person(username=f"{kind}-{run}-{n}", name=f"Watcher {n}", password=nobody_knows, access_epoch=1)
        for n in range(count)
    )
    site = Site.objects.get(code=code) if kind == "site" else None
    network = None if site else Network.objects.get(code=code)
    role = (Role.HUB if site.is_hub else Role.SPOKE) if site else Role.COORDINATOR
    Membership.objects.bulk_create(
        Membership(person=person, role=role, site=site, network=network, since=LONG_AGO) for person in made
    )
    texts = ["dido_" + secrets.token_urlsafe(24) for _ in made]
    Token.objects.bulk_create(
        Token(person=person, digest=people.digest(text), made_at=LONG_AGO)
        for person, text in zip(made, texts, strict=True)
    )
    return list(zip(made, texts, strict=True))


@dataclass
class Ward:
    """Some referrals on which somebody always does something."""

    world: World
    codes: list[str]
    rng: Random
    asked: dict[str, bool] = field(default_factory=dict)  # does the hub wait for an answer?
    done: list[tuple[float, str, int]] = field(default_factory=list)  # when, which, and its version since

    def step(self) -> tuple[str, int]:
        """One more verb, committed: the referral and its version."""
        code, self.world.now = self.rng.choice(self.codes), timezone.now()
        verb, who = (remarks.answer, "ada") if self.asked.get(code) else (remarks.ask, "ben")
        self.asked[code] = not self.asked.get(code)
        version = verb(code, text="Perfusion? 168/90.", **self.world.press(who)).version
        self.done.append((time.time(), code, version))
        return code, version

    def as_of(self, moment: float) -> dict[str, int]:
        """The version of each referral that had been committed by this moment."""
        return {code: version for at, code, version in self.done if at <= moment}


def opened(world: World, referrals: int, rng: Random, *, hubs: Iterable[str] = ("RET20",)) -> Ward:
    """A ward with so many referrals that wait."""
    world.now = timezone.now()
    return Ward(world, [world.refers(*hubs).code for _ in range(referrals)], rng)


def ago(seconds: float) -> datetime:
    """A moment of the past."""
    return datetime.fromtimestamp(time.time() - seconds, tz=UTC)
