"""Pages that have left, for proofs of what comes back: the only place here that turns the pager's crank.

Also takes back whatever was done, so that the next case begins from the same rows.
"""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from django.db import transaction

from paging import engine, rungs, sending, waits
from paging.models import Channel, Fate, Page
from paging.routes import Routes
from paging.transports.contract import Kind, Order, Outcome, Report
from tests.world import World

FAR_ENOUGH = timedelta(minutes=5)  # up the ladder; by then everybody's phone has rung
PREFIXES = {Channel.SMS.value: "SM", Channel.VOICE.value: "CA"}


@dataclass
class Provider:
    """Takes every page of one channel, and says that it has this status."""

    channel: str
    status_given: str = "queued"
    provider: str = "twilio"
    taken: int = 0

    def send(self, order: Order) -> Outcome:
        """Take it."""
        self.taken += 1
        provider_id = f"{PREFIXES[self.channel]}{self.taken:032x}"
        return Outcome(Kind.ACCEPTED, provider_id, self.status_given)

    def status(self, provider_id: str) -> Report | None:
        """Never says more."""
        return None


def routes(*providers: Provider) -> Routes:
    """The pager's way out through nobody but these."""
    ways: dict[str, list[Provider]] = {}
    for provider in providers:
        ways.setdefault(provider.channel, []).append(provider)
    return Routes(ways)


def work(world: World, out: Routes) -> None:
    """One tick of a pager at the world's time."""
    engine.tick(now=world.now, routes=out, clock=lambda: world.now)


def sent(world: World, channel: str, out: Routes | None = None) -> Page:
    """A page on this channel that has left, for a patient referred just now."""
    out = out or routes(Provider(Channel.SMS), Provider(Channel.VOICE))
    referral = world.refers()
    until = world.now + FAR_ENOUGH
    pages = Page.objects.filter(escalation__referral=referral, channel=channel, fate=Fate.SENT)
    while not pages.exists():
        assert world.now < until, f"nobody was paged by {channel}"
        work(world, out)
        world.wind(seconds=30)
    return pages.select_related("person", "escalation").order_by("pk")[0]


def claimed(world: World, channel: str) -> Page:
    """A page on this channel that a pager has just claimed, for a patient referred just now."""
    referral = world.refers()
    waits.open_for_waiting(now=world.now)
    rungs.climb(now=world.now, channels=frozenset({channel}))
    pages = sending.claim(now=world.now, most=engine.BATCH)
    return next(page for page in pages if page.escalation.referral_id == referral.pk)


class _TakenBackError(Exception):
    """Rolls the transaction back."""


@contextlib.contextmanager
def taken_back() -> Iterator[None]:
    """Whatever is written meanwhile is forgotten afterwards."""
    with contextlib.suppress(_TakenBackError), transaction.atomic():
        yield
        raise _TakenBackError
