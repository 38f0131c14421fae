"""Seven kinds of dead or half-dead connection: every screen is right, or visibly not live within 15 s, and ends right.

Real web processes, real sockets through a relay that fails, real verbs. The screens are the reference client's; that
the page's own module does the same is shown in a real browser by tests/journeys/test_the_pages_feed.py.
"""

import asyncio
import time
from dataclasses import dataclass, field
from functools import partial
from random import Random

from django.db import transaction
from django.utils import timezone

from realtime import feed
from realtime.feed import Said
from tests.prove import emptied
from tests.prove.contract import Control, Proof, Result, Tally
from tests.prove.feed import boards, screens, ward, webs
from tests.prove.feed.boards import Beginning, Way
from tests.prove.feed.lines import ROOM, Lines
from tests.prove.feed.screens import Half, Screen
from tests.prove.feed.ward import Ward
from tests.prove.feed.webs import Webs
from tests.prove.telling import teller
from tests.realtime.sockets import does

AT_ONCE = 1400  # screens
HALVES = tuple(Half)
LOSE = {Half.VANISHED, Half.DEAF, Half.ASLEEP}  # here the line itself loses frames, on open connections too
QUIET = (ward.NETWORK, ward.WALTON, ward.SPOKE)
LOUD = ward.SALFORD  # where so much happens that a screen which does not read is dropped
LOUDER = 120  # entries more in each second
RATE = 2.0  # verbs a second
REFERRALS = 15
LASTS = 46.0  # seconds in which everything happens
LOOKS_EVERY = 0.5
SLACK = 1.0  # seconds more than 15 that a busy machine is given
PATIENCE = 60.0


class Careless(Screen):
    """A client that does not count: what it hears it applies, and what a beat says of the head it passes over."""

    async def _missing(self, head: int) -> None:
        return None


def _trial(size: int, seed: int, *, kind: type[Screen] = Screen) -> Result:
    rng, tally, world = Random(seed), Tally(), emptied.world()
    at_work = ward.opened(world, REFERRALS, rng, hubs=("RET20", "RM301"))
    tokens = {stream: [t for _, t in ward.watchers(stream, 20)] for stream in (*QUIET, LOUD)}
    figures = {"not_live_for_a_while": 0, "sockets": 0, "snapshots": 0, "looks": 0}
    with webs.zygote() as made_by:
        steady, mortal = webs.started(made_by, 2), webs.started(made_by, 2)
        for first in range(0, size, AT_ONCE):
            teller.step(first, size)
            trial = Trial(rng, tally, at_work, tokens, steady, mortal, kind)
            for name, value in asyncio.run(trial.run(range(first, min(size, first + AT_ONCE)))).items():
                figures[name] += value
    return tally.result(**figures)


@dataclass
class Trial:
    """Some screens, everything that happens to them, and who looks at them."""

    rng: Random
    tally: Tally
    at_work: Ward
    tokens: dict[str, list[str]]
    steady: Webs
    mortal: Webs
    kind: type[Screen]
    screens: list[Screen] = field(default_factory=list)
    looks: int = 0

    def _half(self, number: int) -> Half:
        return HALVES[number % len(HALVES)]

    def _webs(self, number: int) -> Webs:
        return self.mortal if self._half(number) is Half.KILLED else self.steady

    def _seated(self, number: int, lines: Lines, begun: dict[str, Beginning]) -> Screen:
        half = self._half(number)
        stream = LOUD if half is Half.STALLED else QUIET[number // len(HALVES) % len(QUIET)]
        way = Way(lines.port, self._webs(number).url, self.tally, strict=half not in LOSE, room=ROOM)
        token = self.tokens[stream][number % 20]
        made = boards.seat(self.kind, way, number=number, stream=stream, token=token, half=half, lines=lines)
        begun[stream].given_to(made)
        self.tally.faults[half] += 1
        return made

    async def run(self, numbers: range) -> dict[str, int]:
        """All of it, once."""
        begun = {s: await boards.beginning(self.steady.url, self.tokens[s][0], s) for s in self.tokens}
        async with Lines(lambda number: self._webs(number).port, self.rng) as lines:
            self.screens = [self._seated(number, lines, begun) for number in numbers]
            following = [asyncio.create_task(one.follow()) for one in self.screens]
            live = await boards.until(
                lambda: all(one.is_live(one.now()) for one in self.screens), seconds=PATIENCE
            )
            self.tally.check(live, "a screen was never live")
            looking = asyncio.create_task(self._look())
            versions = partial(self.at_work.as_of, float("inf"))
            happening = [asyncio.create_task(screens.ails(one, self.rng, versions)) for one in self.screens]
            await asyncio.gather(self._verbs(), self._loud(), self._kills(), *happening)
            await self._judged()
            looking.cancel()
            await boards.ended(following)
        return {
            "not_live_for_a_while": sum(one.was_not_live for one in self.screens),
            "sockets": sum(one.sockets for one in self.screens),
            "snapshots": sum(one.snapshots for one in self.screens),
            "looks": self.looks,
        }

    async def _look(self) -> None:
        while True:
            await asyncio.sleep(LOOKS_EVERY)
            required = self.at_work.as_of(time.time() - 15 - SLACK)
            for one in self.screens:
                one.look(required)
                self.looks += 1

    async def _verbs(self) -> None:
        begun = time.monotonic()
        for number in range(int(LASTS * RATE)):
            await asyncio.sleep(max(0.0, begun + number / RATE - time.monotonic()))
            await does(self.at_work.step)

    async def _loud(self) -> None:
        for _ in range(int(LASTS)):
            await asyncio.sleep(1)
            await does(self._say_much)

    @transaction.atomic
    def _say_much(self) -> None:
        codes = self.rng.choices(self.at_work.codes, k=LOUDER)
        said = [Said([LOUD], code, 1, "referred") for code in codes]
        feed.append_many(said, verb="page", at=timezone.now())

    async def _kills(self) -> None:
        """One, which is replaced soon; then all, and nobody is there for a while."""
        await asyncio.sleep(self.rng.uniform(2, 6))
        self.mortal.kill(self.rng)
        await asyncio.sleep(self.rng.uniform(0, 3))
        await asyncio.to_thread(self.mortal.start)
        await asyncio.sleep(self.rng.uniform(2, 6))
        count = len(self.mortal.alive)
        for _ in range(count):
            self.mortal.kill(self.rng)
        await asyncio.sleep(self.rng.uniform(17, 22))
        for _ in range(count):
            await asyncio.to_thread(self.mortal.start)

    async def _judged(self) -> None:
        heads = await does(lambda: feed.heads(self.tokens))
        truths = {stream: await does(partial(boards.truth, stream)) for stream in heads}

        def right(one: Screen) -> bool:
            return (
                one.position == heads[one.stream]
                and one.is_live(one.now())
                and one.shown == truths[one.stream]
            )

        await boards.until(lambda: all(map(right, self.screens)), seconds=PATIENCE)
        for one in self.screens:
            self.tally.cases += 1
            self.tally.check(right(one), f"a screen did not end right ({one.half})")


PROOF = Proof(
    promise="Whatever half of a connection dies, a screen (of the reference client) is right, or says within 15 s that "
    "it is not live, and ends right.",
    unit="connections, a seventh of each kind",
    size=7000,
    least=14,
    run=_trial,
    in_tests=False,  # web processes of its own, and 15 s are 15 s; tests/realtime has a clock wound by hand
    controls=(
        Control(
            broken="a client without its gap check",
            run=lambda size, seed: _trial(size, seed, kind=Careless),
            size=70,
            in_tests=False,
        ),
    ),
)
