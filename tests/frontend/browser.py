"""A browser in which somebody of the small world has signed in, and a pager whose provider takes every message."""

import re
from collections.abc import Callable
from typing import Any

from django.test import Client

from paging import engine, routes
from paging.transports.contract import Kind, Order, Outcome, Report
from referrals.models import Referral
from tests.world import World

Door = Callable[[str], Client]


class Phones:
    """A provider that takes every message and never says what became of it."""

    provider = "twilio"

    def __init__(self, channel: str = "sms") -> None:
        self.channel, self.sent = channel, 0
        self.routes = routes.only(self, Phones("voice")) if channel == "sms" else None

    def send(self, order: Order) -> Outcome:
        self.sent += 1
        return Outcome(Kind.ACCEPTED, provider_id=f"{self.channel}{self.sent}{order.to}", status="queued")

    def status(self, provider_id: str) -> Report | None:
        return None


def tick(world: World, phones: Phones, *, after: float = 0) -> None:
    """One tick of the pager, some seconds later."""
    now = world.wind(seconds=after)
    assert phones.routes
    engine.tick(now=now, routes=phones.routes, clock=lambda: now)


def text(response: Any) -> str:
    """The page's source with every run of blanks as one."""
    return re.sub(r"\s+", " ", response.content.decode())


def buttons(response: Any) -> set[str]:
    """The verbs that can be pressed on this page; to write in the conversation is none."""
    return set(re.findall(r'action="/r/\w+/(\w+)/"', response.content.decode())) - {"messages"}


def see(client: Client, referral: Referral) -> Any:
    """The whole case, also for somebody who is asked for an answer."""
    return client.get(f"/r/{referral.code}/?full=1")


def act(client: Client, referral: Referral, verb: str, **said: Any) -> Any:
    """Press one verb."""
    return client.post(f"/r/{referral.code}/{verb}/", {"key": f"key-{verb}-{len(said)}", **said})
