"""Screens whose connection dies by halves: what happens to each, by kind, and what each shows meanwhile.

Used by the proof of the halves. Sleep, and a program that stands still, are played on the client's own clocks: nothing
that comes is read, no timer goes on, and the time of day does. Everything else happens to real sockets.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from random import Random

from realtime.client import SILENCE, Card
from tests.prove.feed.boards import Seat
from tests.prove.feed.lines import Ails, Lines

HOURS = 3600.0
DEAD = {Ails.BOTH_WAYS, Ails.DOWN, Ails.UP}


class Half(StrEnum):
    """Seven kinds of dead or half-dead connection."""

    KILLED = "the server is killed"
    VANISHED = "the other end vanishes without a word"
    HALF_CLOSED = "the line is half closed, again and again"
    RESET = "the line is reset, again and again"
    STALLED = "the program stands still for a while"
    DEAF = "the line is open and loses or delays"
    ASLEEP = "the machine sleeps"


@dataclass
class Screen(Seat):
    """One screen and what ails its connection."""

    half: Half = Half.KILLED
    lines: Lines = field(kw_only=True)
    ahead: float = 0.0  # seconds by which its machine's clock went on while it slept
    woke: Mapping[str, int] = field(default_factory=dict)  # the versions that were there when it woke
    lied: bool = False
    was_not_live: bool = False
    _limit: asyncio.Timeout | None = None
    _awake: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self._awake.set()
        self.clock = self.now
        self.within = self._within
        self.connect, self.snapshot = self._awaited(self.connect), self._over_the_line(self.snapshot)

    def now(self) -> float:
        """Seconds by its own clock."""
        return time.time() + self.ahead

    def _within(self, seconds: float) -> asyncio.Timeout:
        self._limit = asyncio.timeout(seconds if self._awake.is_set() else None)
        return self._limit

    def _awaited[**Given, Done](
        self, deed: Callable[Given, Awaitable[Done]]
    ) -> Callable[Given, Awaitable[Done]]:
        async def when_awake(*given: Given.args, **more: Given.kwargs) -> Done:
            await self._awake.wait()
            return await deed(*given, **more)

        return when_awake

    def _over_the_line(
        self, snapshot: Callable[[], Awaitable[Mapping[str, Card] | None]]
    ) -> Callable[[], Awaitable[Mapping[str, Card] | None]]:
        async def over_the_line() -> Mapping[str, Card] | None:
            if self.lines.ails.get(self.number) in DEAD:
                await asyncio.sleep(SILENCE)
                return None
            return await snapshot()

        return over_the_line

    async def falls_asleep(
        self, real: float, by_its_clock: float, woke: Callable[[], Mapping[str, int]]
    ) -> None:
        """Nothing that comes is read, no timer goes on, and the clock has moved on when it wakes."""
        self._awake.clear()
        left = None
        if self._limit and (when := self._limit.when()):
            left = when - asyncio.get_running_loop().time()
            self._reschedule(None)
        if self.wire:
            self.wire.freeze()
        frozen = self.wire
        await asyncio.sleep(real)
        self.woke, self.ahead = woke(), self.ahead + by_its_clock
        self._awake.set()
        self._reschedule(asyncio.get_running_loop().time() + (SILENCE if left is None else left))
        if frozen:
            frozen.thaw()

    def _reschedule(self, when: float | None) -> None:
        if self._limit:
            try:
                self._limit.reschedule(when)
            except RuntimeError:
                self._limit = None  # it was over already

    def look(self, required: Mapping[str, int]) -> None:
        """Somebody looks: it is right as of 15 s ago, or says that it is not live."""
        if not self.is_live(self.now()):
            self.was_not_live = True
            return
        for versions in (required, self.woke):
            for code, version in versions.items():
                shown = self.cards.get(code)
                if (shown is None or shown["version"] < version) and not self.lied:
                    self.lied = True
                    self.tally.violation(f"live, and wrong for more than 15 s ({self.half})")


async def ails(screen: Screen, rng: Random, versions: Callable[[], Mapping[str, int]]) -> None:
    """What happens to this screen, from its beginning to its end; kills are the server's affair."""
    number, lines = screen.number, screen.lines
    await asyncio.sleep(rng.uniform(6, 12))  # it has heard a beat
    lasts = rng.uniform(18, 32)
    match screen.half:
        case Half.VANISHED:
            await _for(lasts, lines, number, rng.choice([Ails.BOTH_WAYS, Ails.DOWN, Ails.UP]))
        case Half.DEAF:
            await _for(lasts, lines, number, rng.choice([Ails.SOME, Ails.EVENTS, Ails.LATE]))
        case Half.HALF_CLOSED | Half.RESET:
            ends = time.monotonic() + lasts
            while time.monotonic() < ends:
                if line := lines.open.get(number):
                    line.reset() if screen.half is Half.RESET else line.half_close()
                await asyncio.sleep(rng.uniform(0.2, 5))
        case Half.STALLED:
            await screen.falls_asleep(rng.uniform(10, 32), 0.0, dict)
        case Half.ASLEEP:
            sleeps = asyncio.create_task(
                screen.falls_asleep(rng.uniform(1, 7), rng.uniform(20, 8 * HOURS), versions)
            )
            await asyncio.sleep(rng.uniform(0, 1))
            await _for(lasts, lines, number, rng.choice([Ails.BOTH_WAYS, Ails.NOTHING]))
            await sleeps
        case Half.KILLED:
            pass


async def _for(seconds: float, lines: Lines, number: int, ails: Ails) -> None:
    lines.ail(number, ails)
    await asyncio.sleep(seconds)
    lines.ail(number, Ails.NOTHING)
