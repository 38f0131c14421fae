"""Fifty organisations side by side, each with a mark in all that it shows: nobody's screen is sent another's.

Entries are appended as the product appends them, a round for all organisations at once, so that the tail reads and
renders them together. One in twenty is told to another organisation's stream too, as where a party has just left: it
may name the referral there, and must show nothing of it.
"""

import asyncio
import json
from collections.abc import Collection
from dataclasses import dataclass, field
from functools import lru_cache, partial
from random import Random

from django.db import transaction
from django.utils import timezone

from realtime import feed
from realtime.feed import Said
from tests.prove import emptied
from tests.prove.contract import Control, Proof, Result, Tally
from tests.prove.feed import boards, organisations, webs, wire
from tests.prove.feed.organisations import MARK, Organisation
from tests.prove.feed.webs import Webs
from tests.prove.feed.wire import Wire
from tests.prove.telling import teller
from tests.realtime.sockets import does

COUNT = 50  # organisations
BOARDS = 20  # of each, over its three streams
ENTRIES = (
    40  # of each organisation in a round; a list of so many cards is well below what a slow reader may leave
)
STRANGE = 20  # one entry in so many is told to a stranger too
REFERRALS = 3  # of each organisation
KNOCKS = 2000  # one knock at a stranger's stream for so many frames
PATIENCE = 60.0


@dataclass(frozen=True)
class Seen:
    """What is in one message: whose marks, which referrals with a card, and how many events up to where."""

    marks: frozenset[str]
    cards: frozenset[str]
    events: int
    until: int


@lru_cache(maxsize=1024)
def seen(text: str) -> Seen:
    """One message; most go to several screens, and are read once."""
    events = [frame for frame in boards.told(text) if frame.kind == "event"]
    cards = frozenset(frame.referral for frame in events if frame.card is not None)
    return Seen(frozenset(MARK.findall(text)), cards, len(events), max((f.number for f in events), default=0))


@dataclass
class Screen:
    """One open socket of one organisation."""

    of: Organisation
    stream: str
    tally: Tally
    frames: int = 0
    position: int = 0
    wire: Wire | None = None

    def heard(self, text: str) -> None:
        """A message has come: every frame of it is looked at."""
        found = seen(text)
        self.frames, self.position = self.frames + found.events, max(self.position, found.until)
        own = self.of.mark
        self.tally.check(found.marks <= {own}, f"a screen of {own} was sent {_listed(found.marks)}")
        strange = found.cards - set(self.of.codes)
        self.tally.check(not strange, f"a screen of {own} was sent the card of {_listed(strange)}")


def _listed(names: frozenset[str]) -> str:
    return ", ".join(sorted(names))


@dataclass
class Night:
    """All of it."""

    all: list[Organisation]
    rng: Random
    tally: Tally
    served: Webs
    screens: list[Screen] = field(default_factory=list)
    entries: int = 0  # rows of streams

    async def run(self, size: int) -> dict[str, int]:
        """Until so many frames have been delivered."""
        await self._opened()
        knocks = max(10, size // KNOCKS)
        while (delivered := sum(one.frames for one in self.screens)) < size:
            teller.step(delivered, size)
            heads = await does(self._appended)
            if not await boards.until(partial(self._have, heads), seconds=PATIENCE):
                self.tally.violation("a screen was not told everything")
                break
        await asyncio.gather(*(self._knocks() for _ in range(knocks)))
        for one in self.screens:
            assert one.wire
            await one.wire.close()
        self.tally.cases = sum(one.frames for one in self.screens)
        return {"organisations": len(self.all), "screens": len(self.screens), "entries": self.entries}

    async def _opened(self) -> None:
        for number in range(len(self.all) * BOARDS):
            one = self.all[number % len(self.all)]
            stream = one.streams[number // len(self.all) % 3]
            screen = Screen(one, stream, self.tally)
            screen.wire = await self._socket(stream, one.tokens[stream], screen.heard)
            await screen.wire.recv()  # its hello: from here on it is told everything
            self.screens.append(screen)

    async def _socket(self, stream: str, token: str, heard: wire.Heard) -> Wire:
        return await wire.opened(
            self.served.port, f"stream={stream}", {"Authorization": f"Bearer {token}"}, heard
        )

    def _appended(self) -> dict[str, int]:
        said: list[Said] = []
        for one in self.all:
            for number in range(ENTRIES):
                keys: Collection[str] = one.streams
                if number % STRANGE == 0:
                    stranger = self.rng.choice([other for other in self.all if other is not one])
                    keys = (*keys, self.rng.choice(stranger.streams))
                    self.tally.faults["an entry told to a stranger"] += 1
                self.entries += len(keys)
                said.append(Said(keys, self.rng.choice(one.codes), 1 + number, "referred"))
        with transaction.atomic():
            feed.append_many(said, verb="page", at=timezone.now())
        return feed.heads(stream for one in self.all for stream in one.streams)

    def _have(self, heads: dict[str, int]) -> bool:
        return all(one.position >= heads[one.stream] for one in self.screens)

    async def _knocks(self) -> None:
        """Somebody asks for a stream of another organisation."""
        mine, theirs = self.rng.sample(self.all, 2)
        self.tally.faults["a knock at a stranger's stream"] += 1
        knocking = await self._socket(
            self.rng.choice(theirs.streams), mine.tokens[mine.network], lambda _: None
        )
        told = json.loads(await knocking.recv())
        self.tally.check(
            told == {"type": "bye", "reason": "not_allowed"}, f"a stranger was told {str(told)[:80]}"
        )
        knocking.cut()


def _trial(size: int, seed: int, *, broken: str = "") -> Result:
    rng, tally = Random(seed), Tally()
    count = COUNT if size >= COUNT * BOARDS * ENTRIES else 5
    all_of_them = organisations.build(emptied.world(), count, referrals=REFERRALS)
    with webs.running(1, BREAK=broken) as served:
        return tally.result(**asyncio.run(Night(all_of_them, rng, tally, served).run(size)))


PROOF = Proof(
    promise="Fifty organisations, a hundred thousand events delivered to each, every one with its own mark: no screen "
    "is ever sent another organisation's.",
    unit="events delivered and looked at",
    size=5_000_000,
    least=4_000,
    run=_trial,
    in_tests=False,  # a web process of its own; tests/realtime/test_rendering.py has who may see what
    controls=(
        Control(
            broken="what was rendered for one stream is shown to all that tell of the same",
            run=lambda size, seed: _trial(size, seed, broken="shared"),
            size=4_000,
            in_tests=False,
        ),
    ),
)
