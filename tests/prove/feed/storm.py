"""Boards by the thousand, something new all the time, and web processes that are killed at random.

Real web processes behind one address, real verbs. In the end every board shows what the database says, and over no
socket was a position missing or told twice.
"""

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from random import Random
from typing import Any

from realtime import feed
from tests.prove import emptied
from tests.prove.contract import Control, Proof, Result, Tally
from tests.prove.feed import boards, ward, webs
from tests.prove.feed.boards import Seat, Way
from tests.prove.feed.ward import Ward
from tests.prove.feed.webs import Webs
from tests.prove.telling import teller
from tests.realtime.sockets import does

SIZE, LASTS = 2000, 600.0  # boards, and seconds for so many
SHORTEST = 15.0  # seconds
RATE = 5.0  # verbs a second
WEBS = 3
KILLS_EVERY = (4.0, 10.0)  # seconds
DOWN = (0.0, 3.0)  # seconds until a killed process is replaced
PATIENCE = 60.0  # seconds until all are right
REFERRALS = 12
STREAMS = (ward.NETWORK, ward.NETWORK, ward.WALTON, ward.SPOKE)
BOARDS_A_PERSON = 10


class Careless(Seat):
    """A client that does not count: what it hears it applies, and what a beat says of the head it passes over."""

    async def _missing(self, head: int) -> None:
        return None


@dataclass
class Storm:
    """All of it."""

    rng: Random
    tally: Tally
    served: Webs
    at_work: Ward
    tokens: Mapping[str, list[str]]
    kind: type[Seat]
    seats: list[Seat] = field(default_factory=list)

    async def run(self, size: int) -> dict[str, int | float]:
        """So many boards, for as long as belongs to so many."""
        following = await self._opened(size)
        lasts = max(SHORTEST, LASTS * size / SIZE)
        kills = asyncio.create_task(self._kills())
        await self._verbs(lasts)
        kills.cancel()
        settled = time.monotonic()
        await _judged(self.seats, self.tally)
        await boards.ended(following)
        return {
            "seconds": round(lasts),
            "verbs": len(self.at_work.done),
            "web_processes": WEBS,
            "deliveries": sum(one.applied for one in self.seats),
            "sockets": sum(one.sockets for one in self.seats),
            "snapshots": sum(one.snapshots for one in self.seats),
            "all_right_after_s": round(time.monotonic() - settled, 1),
        }

    async def _opened(self, size: int) -> "list[asyncio.Task[str]]":
        way = Way(self.served.port, self.served.url, self.tally)
        begun = {s: await boards.beginning(self.served.url, self.tokens[s][0], s) for s in self.tokens}
        for number in range(size):
            stream = STREAMS[number % len(STREAMS)]
            token = self.tokens[stream][number // BOARDS_A_PERSON % len(self.tokens[stream])]
            self.seats.append(boards.seat(self.kind, way, number=number, stream=stream, token=token))
            begun[stream].given_to(self.seats[-1])
        following = [asyncio.create_task(one.follow()) for one in self.seats]
        live = await boards.until(
            lambda: all(one.is_live(time.time()) for one in self.seats), seconds=PATIENCE
        )
        self.tally.check(live, "a board was never live")
        return following

    async def _verbs(self, lasts: float) -> None:
        begun, count = time.monotonic(), int(lasts * RATE)
        for number in range(count):
            teller.step(number, count)
            await asyncio.sleep(max(0.0, begun + number / RATE - time.monotonic()))
            await does(self.at_work.step)

    async def _kills(self) -> None:
        while True:
            await asyncio.sleep(self.rng.uniform(*KILLS_EVERY))
            self.served.kill(self.rng)
            self.tally.faults["kill -9 of a web process"] += 1
            await asyncio.sleep(self.rng.uniform(*DOWN))
            await asyncio.to_thread(self.served.start)


async def _judged(seats: list[Seat], tally: Tally) -> None:
    """Every board shows what the database says, knows it, and stands where the stream stands."""
    heads = await does(lambda: feed.heads(STREAMS))
    truths: dict[str, Any] = {stream: await does(partial(boards.truth, stream)) for stream in heads}

    def right(one: Seat) -> bool:
        return one.position == heads[one.stream] and one.is_live(time.time())

    await boards.until(lambda: all(map(right, seats)), seconds=PATIENCE)
    for one in seats:
        tally.cases += 1
        tally.check(right(one), f"a board ended at {one.position} of {heads[one.stream]}")
        tally.check(one.shown == truths[one.stream], "a board ended unequal to the database")
        tally.check(one.applied, "a board was told nothing")


def _trial(size: int, seed: int, *, broken: str = "", kind: type[Seat] = Seat) -> Result:
    rng, tally, world = Random(seed), Tally(), emptied.world()
    at_work = ward.opened(world, REFERRALS, rng)
    people = 1 + size // BOARDS_A_PERSON // len(STREAMS)
    tokens = {
        stream: [token for _, token in ward.watchers(stream, people)] for stream in sorted(set(STREAMS))
    }
    with webs.running(WEBS, BREAK=broken) as served:
        return tally.result(**asyncio.run(Storm(rng, tally, served, at_work, tokens, kind).run(size)))


PROOF = Proof(
    promise="Two thousand boards, five verbs a second for ten minutes, web processes killed at random: every board "
    "ends equal to the database, and over no socket is a position missing or told twice.",
    unit="boards",
    size=SIZE,
    least=20,
    run=_trial,
    in_tests=False,  # web processes of its own; tests/realtime/test_client_process.py cuts boards in each `make test`
    controls=(
        Control(
            broken="whoever comes back is not told what was missed, and clients do not count",
            run=lambda size, seed: _trial(size, seed, broken="no backlog", kind=Careless),
            size=80,
            in_tests=False,
        ),
    ),
)
