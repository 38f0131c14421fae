"""Redis killed, frozen for thirty seconds, emptied, or with another password: a second of delay, and nothing lost.

Many small houses side by side, each with a Redis of its own, one web process where verbs are pressed over HTTP, another
where a screen listens. They share the database, and each has streams of its own. Every second house cannot hear
PostgreSQL's own bell, as behind a pooler: there the poll alone makes up for Redis.
"""

import asyncio
import json
import os
import signal
import statistics
import time
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from random import Random

import redis

from config.machine import folders
from config.machine.valkey import Valkey
from tests.prove import emptied
from tests.prove.contract import Control, Proof, Result, Tally
from tests.prove.feed import boards, organisations, webs
from tests.prove.feed.boards import Seat, Way
from tests.prove.feed.organisations import Organisation
from tests.prove.feed.webs import Webs, Zygote
from tests.prove.telling import teller

HOUSES = 10
FAULTS = ("kill -9", "frozen for 30 s", "emptied", "another password")
FROZEN = 30.0  # seconds
PRESSED_EVERY = (0.4, 0.9)  # seconds
CALM = (1.5, 3.0)  # seconds between two faults of one house
DELAY = 2.0  # seconds, from the answer to whoever pressed until the screen has it
WAIT = 1.0  # seconds that a press may take
PATIENCE = 60.0


class Bell(Valkey):
    """A Redis that things are done to."""

    def do(self, *words: str) -> None:
        """One command, over a connection of its own."""
        with suppress(redis.RedisError), redis.Redis.from_url(self.url, socket_timeout=3) as link:
            link.execute_command(*words)

    def lock_out(self) -> None:
        """From now on the password is another, and whoever was in is out."""
        with suppress(redis.RedisError), redis.Redis.from_url(self.url, socket_timeout=3) as link:
            link.config_set("requirepass", "another")
            for kind in ("pubsub", "normal"):
                link.execute_command("CLIENT", "KILL", "TYPE", kind, "SKIPME", "yes")

    def let_in(self) -> None:
        """The old password is right again."""
        with suppress(redis.RedisError):
            link = redis.Redis.from_url(self.url.replace(self._password(), "another"), socket_timeout=3)
            with link:
                link.config_set("requirepass", self._password())


@dataclass
class House:
    """One Redis, two web processes, a screen, and somebody who presses."""

    of: Organisation
    bell: Bell
    pressing: Webs
    listening: Webs
    tally: Tally
    rng: Random
    seen: dict[tuple[str, int], float] = field(default_factory=dict)
    pressed: dict[tuple[str, int], tuple[float, str]] = field(
        default_factory=dict
    )  # answered when, during what
    waits: list[float] = field(default_factory=list)
    now: str = ""  # the fault that goes on
    over: bool = False

    @property
    def hears_commits(self) -> bool:
        """Can its screen's process hear PostgreSQL's own bell?"""
        return self.listening.environment["FEED_LISTENS"] == "yes"

    def hears(self, _: Seat, text: str) -> None:
        """The screen's socket has heard something."""
        for frame in boards.told(text):
            if frame.kind == "event":
                self.seen.setdefault((frame.referral, frame.version), time.monotonic())

    def press(self) -> None:
        """One verb over HTTP, and how long the answer took."""
        code, fault = self.rng.choice(self.of.codes), self.now
        asked = urllib.request.Request(
            f"{self.pressing.url}/api/v1/referrals/{code}/answer",
            data=json.dumps({"text": "BP 168/90"}).encode(),
            headers={
                "Authorization": f"Bearer {self.of.tokens[self.of.spoke]}",
                "Content-Type": "application/json",
            },
        )
        begun = time.monotonic()
        try:
            with urllib.request.urlopen(asked, timeout=PATIENCE) as answer:
                version = json.load(answer)["version"]
        except OSError as error:
            self.tally.violation(f"a press was refused while Redis was {fault or 'well'}: {error}")
            return
        self.pressed[code, version] = (time.monotonic(), fault)
        self.waits.append(time.monotonic() - begun)
        self.tally.check(
            self.waits[-1] <= WAIT, f"a press took {self.waits[-1]:.1f} s: Redis {fault or 'well'}"
        )

    async def go_on(self) -> None:
        """Press, one after the other, until it is over."""
        while not self.over:
            await asyncio.sleep(self.rng.uniform(*PRESSED_EVERY))
            await asyncio.to_thread(self.press)

    async def suffer(self, faults: list[str]) -> None:
        """These faults, one after the other."""
        for fault in faults:
            await asyncio.sleep(self.rng.uniform(*CALM))
            self.now = fault
            await self._fault(fault)
            self.now = ""
            self.tally.faults[fault] += 1
            self.tally.cases += 1
        await asyncio.sleep(CALM[1])

    async def _fault(self, fault: str) -> None:
        rng, bell = self.rng, self.bell
        match fault:
            case "kill -9":
                bell.child.kill()
                await asyncio.sleep(rng.uniform(0.2, 4))
                bell.child.start()
            case "frozen for 30 s":
                os.kill(bell.child.pid, signal.SIGSTOP)
                await asyncio.sleep(FROZEN)
                os.kill(bell.child.pid, signal.SIGCONT)
            case "emptied":
                for _ in range(3):
                    await asyncio.to_thread(bell.do, "FLUSHALL")
                    await asyncio.sleep(rng.uniform(0.1, 1))
            case "another password":
                await asyncio.to_thread(bell.lock_out)
                await asyncio.sleep(rng.uniform(2, 6))
                await asyncio.to_thread(bell.let_in)

    def delays(self) -> Iterator[tuple[float, str]]:
        """Seconds from each answer until the screen had it, and what went on; infinite where it never had."""
        for which, (at, fault) in self.pressed.items():
            yield max(0.0, self.seen.get(which, float("inf")) - at), fault


def _house(
    home: Path, of: Organisation, made_by: Zygote, tally: Tally, seed: int, **environment: str
) -> House:
    home.mkdir()
    bell = Bell(home, home / "valkey.log")
    bell.start()
    pair = [webs.started(made_by, 1, REDIS_URL=bell.url, **environment) for _ in range(2)]
    return House(of, bell, pair[0], pair[1], tally, Random(seed))


@contextmanager
def _houses(count: int, seed: int, tally: Tally, **environment: str) -> Iterator[list[House]]:
    all_of_them = organisations.build(emptied.world(), count, referrals=3)
    with folders.passing("prove") as home, webs.zygote() as made_by:
        houses: list[House] = []
        try:
            for number, one in enumerate(all_of_them):
                given = {"FEED_LISTENS": "yes" if number % 2 else "no", **environment}
                houses.append(_house(home / one.mark, one, made_by, tally, seed + number, **given))
            yield houses
        finally:
            for house in houses:
                house.bell.stop()


def _is_live(seat: Seat) -> bool:
    return seat.is_live(time.time())


async def _night(houses: list[House], faults: list[str]) -> None:
    asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(4 * len(houses)))
    following: list[asyncio.Task[str]] = []
    for number, house in enumerate(houses):
        way = Way(house.listening.port, house.listening.url, house.tally, strict=False, heard=house.hears)
        stream = house.of.network
        seat = boards.seat(Seat, way, number=number, stream=stream, token=house.of.tokens[stream])
        following.append(asyncio.create_task(seat.follow()))
        live = await boards.until(partial(_is_live, seat), seconds=PATIENCE)
        house.tally.check(live, "a screen was never live")
    going = [asyncio.create_task(house.go_on()) for house in houses]
    suffering = [
        asyncio.create_task(house.suffer(faults[number :: len(houses)]))
        for number, house in enumerate(houses)
    ]
    while not all(task.done() for task in suffering):
        teller.step(houses[0].tally.cases, len(faults))
        await asyncio.sleep(0.5)
    for house in houses:
        house.over = True
    await asyncio.gather(*going)
    await boards.until(lambda: all(h.pressed.keys() <= h.seen.keys() for h in houses), seconds=2 * DELAY)
    await boards.ended(following)


def _trial(size: int, seed: int, **environment: str) -> Result:
    tally, rng = Tally(), Random(seed)
    faults = [FAULTS[number % len(FAULTS)] for number in range(size)]
    rng.shuffle(faults)
    with _houses(min(HOUSES, max(1, size // 2)), seed, tally, **environment) as houses:
        asyncio.run(_night(houses, faults))
    delays = [one for house in houses for one in house.delays()]
    for delay, fault in delays:
        lost = delay == float("inf")
        words = "was never told" if lost else f"came {delay:.1f} s late"
        tally.check(delay <= DELAY, f"an event {words}: Redis {fault or 'well'}")
    return tally.result(**_figures(houses, delays))


def _figures(houses: list[House], delays: list[tuple[float, str]]) -> dict[str, int | float]:
    known = sorted(delay for delay, _ in delays if delay != float("inf"))
    waits = sorted(wait for house in houses for wait in house.waits)
    well = [delay for delay, fault in delays if not fault]
    heard = [delay for house in houses if house.hears_commits for delay, _ in house.delays()]
    return {
        "verbs": len(delays),
        "lost": len(delays) - len(known),
        "median_delay_s": round(statistics.median(known), 3),
        "median_delay_with_redis_s": round(statistics.median(well), 3),
        "longest_delay_s": round(known[-1], 2),
        "longest_delay_where_commits_are_heard_s": round(max(heard, default=0.0), 2),
        "median_wait_s": round(statistics.median(waits), 3),
        "longest_wait_s": round(waits[-1], 2),
        "houses": len(houses),
    }


PROOF = Proof(
    promise="Redis killed, frozen for 30 s, emptied or with another password while verbs are pressed: nothing is "
    "lost, a screen is two seconds late at most, and no press waits for it.",
    unit="faults of Redis, a quarter of each kind",
    size=400,
    least=4,
    run=_trial,
    in_tests=False,  # thirty seconds are thirty seconds; tests/realtime has two processes and a frozen Redis
    controls=(
        Control(
            broken="the stock consumer of Channels: one group, one group send",
            run=lambda size, seed: _trial(size, seed, APPLICATION="tests.prove.feed.stock:application"),
            size=8,
            in_tests=False,
        ),
        Control(
            broken="a tail without its poll",
            run=lambda size, seed: _trial(size, seed, BREAK="no poll"),
            size=8,
            in_tests=False,
        ),
    ),
)
