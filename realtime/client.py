"""The reference client of the feed: follows one stream and holds its cards. docs/realtime.md in code.

For programs outside and for tests; nothing of ours imports it, and it imports nothing of Django. It only reads: the
clock, the sleep, the chance, the connection and the snapshot are given to it, so that every rule can be tried.
"""

import asyncio
import json
import math
import random
import time
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol
from urllib.parse import urlencode

from websockets.asyncio import client
from websockets.exceptions import WebSocketException

SILENCE = 15.0  # seconds without the truth: no longer live
FIRST_WAIT = 2.0  # seconds; the most that is waited before the first new try, doubled with each further one
LONGEST_WAIT = 8.0
LARGEST = 16 * 1024 * 1024  # bytes of one message; a list of 100 long cards is far below it

NO_RIGHT = frozenset({"signed_out", "not_allowed"})  # what was shown may no longer be shown
OUR_FAULT = frozenset({"bad_position", "frame_too_long", "too_many_frames"})  # trying again would repeat it

Card = Mapping[str, Any]  # of a card this client reads "version" alone


class Connection(Protocol):
    """One open WebSocket."""

    async def recv(self) -> str | bytes: ...
    async def close(self) -> None: ...


Connect = Callable[[str], Awaitable[Connection]]  # opens /ws/feed/ with this query
Snapshot = Callable[[], Awaitable[Mapping[str, Card] | None]]  # code to card; None where it could not be read


class Over(Exception):
    """This connection is over; its argument says why."""


def websocket(address: str, *, token: str) -> Connect:
    """Opens `address` (wss://…/ws/feed/) with a bearer token."""

    async def connect(query: str) -> Connection:
        return await client.connect(
            f"{address}?{query}",
            additional_headers={"Authorization": f"Bearer {token}"},
            max_size=LARGEST,
            ping_interval=None,  # the server's beat says more than a pong
            close_timeout=1,
        )

    return connect


@dataclass
class Board:
    """One stream: `await follow()`, and meanwhile show `cards`, and whether they are live."""

    stream: str
    connect: Connect
    snapshot: Snapshot
    clock: Callable[[], float] = time.time  # seconds; the wall's, which goes on while a laptop sleeps
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    chance: Callable[[], float] = random.random
    within: Callable[[float], AbstractAsyncContextManager[Any]] = asyncio.timeout

    cards: dict[str, Card] = field(default_factory=dict)
    position: int | None = None  # of the last event applied; None: nothing that could be gone on from
    epoch: str | None = None
    bye: str | None = None  # the reason that the server gave last
    looking: dict[str, list[Any]] = field(default_factory=dict)  # who has which referral open, by its code
    pager: str | None = None  # when a pager last worked, as the last beat said
    ended: bool = False

    _true_at: float | None = None
    _asked_at: float = 0.0  # when this connection was asked for: what the server says first is no older
    _least: float = math.inf  # seconds by which our clock was ahead of the promptest beat's
    _goal: int = 0  # the head in the last hello: until then, events are old
    _missed_at: int | None = None  # the position at which something was found missing
    _fresh: bool = False  # nothing has come since the snapshot
    _tries: int = 0
    _return: float = 0.0  # seconds within which a server that ends asks everybody to come back

    def is_live(self, now: float) -> bool:
        """Is what `cards` says known to be the truth, no more than 15 s ago?"""
        return not self.ended and self._true_at is not None and 0 <= now - self._true_at < SILENCE

    @property
    def stale_since(self) -> float | None:
        """The last moment at which `cards` were the truth, to be shown while not live; None: they never were."""
        return self._true_at

    async def follow(self) -> str:
        """Follow until the server says a bye for good, and return its reason. To end it before, cancel its task."""
        while True:
            why = await self._visit()
            if why in NO_RIGHT | OUR_FAULT:
                self.ended = True
                if why in NO_RIGHT:
                    self.cards.clear()
                    self.looking.clear()
                return why
            if why == "rights_changed":
                self.position = None  # what was shown may be more than what may be shown now
            await self.sleep(
                self.chance() * max(self._return, min(LONGEST_WAIT, FIRST_WAIT * 2**self._tries))
            )
            self._tries, self._return = min(self._tries + 1, 10), 0.0

    async def _visit(self) -> str:
        """One connection from beginning to end; why it ended."""
        connection: Connection | None = None
        self._asked_at = self.clock()
        try:
            async with self.within(SILENCE):
                connection = await self.connect(self._query())
            while True:
                waits_since = self.clock()
                async with self.within(SILENCE):
                    said = json.loads(await connection.recv())
                if self.clock() - waits_since >= SILENCE:
                    raise Over("slept")  # it waited in this machine while nobody read, and is old
                for frame in said if isinstance(said, list) else [said]:
                    await self._take(frame)
        except Over as over:
            return str(over)
        except (OSError, WebSocketException, ValueError):
            return "lost"  # cut, silent for too long, refused, or no JSON
        finally:
            if connection is not None:
                await connection.close()

    def _query(self) -> str:
        asked: dict[str, str | int] = {"stream": self.stream}
        if self.position is not None and self.epoch is not None:
            asked |= {"since": self.position, "epoch": self.epoch}
        return urlencode(asked)

    async def _take(self, frame: Mapping[str, Any]) -> None:
        match frame["type"]:
            case "hello":
                await self._hello(frame["head"], frame["epoch"])
            case "reset":
                if not (self._fresh and frame["head"] == self.position):
                    await self._anew(frame["head"])
            case "event":
                await self._event(frame)
            case "beat":
                self.pager = frame.get("pager")
                await self._beat(frame["head"], frame["now"])
            case "presence":
                self.looking[frame["referral"]] = frame["people"]
            case "bye":
                self.bye, self._return = frame["reason"], float(frame.get("after", 0))
                raise Over(self.bye)
            case _:  # a later server may say more
                pass

    async def _hello(self, head: int, epoch: str) -> None:
        self._goal, self._fresh, self.looking = head, False, {}
        if self.position is None or self.position > head or self.epoch != epoch:
            await self._anew(head, epoch)
        elif self.position == head:
            self._confirm(self._asked_at)

    async def _event(self, frame: Mapping[str, Any]) -> None:
        number, reached, self._fresh = frame["position"], self.position or 0, False
        if number <= reached:
            return
        if number > reached + 1:
            await self._missing(number)
        self.position = number
        self.apply(frame)
        if number == self._goal:
            self._confirm(self._asked_at)

    def apply(self, frame: Mapping[str, Any]) -> None:
        """Put one event's card in its place; a subclass may tell somebody of it."""
        code, card = frame["referral"], frame["card"]
        if card is None:
            self.cards.pop(code, None)
        elif code not in self.cards or card["version"] >= self.cards[code]["version"]:
            self.cards[code] = card

    async def _beat(self, head: int, now: str) -> None:
        lag = self.clock() - datetime.fromisoformat(now).timestamp()
        self._least = min(self._least, lag)
        late = lag - self._least
        if late >= SILENCE:  # a line that gets slower and slower, or our clock was put forward
            self._least = math.inf
            raise Over("late")
        if head > (self.position or 0):
            await self._missing(head)
        self._tries = 0  # only a connection that lasted makes the next wait short
        self._confirm(self.clock() - late)

    async def _missing(self, head: int) -> None:
        """Something up to `head` was not told: ask again from here; where that was in vain, begin anew."""
        if self._missed_at != self.position:
            self._missed_at = self.position
            raise Over("gap")
        await self._anew(head)

    async def _anew(self, head: int, epoch: str | None = None) -> None:
        """Take everything anew. The server has named `head`, so a snapshot that is asked for now holds it."""
        asked_at = self.clock()
        async with self.within(SILENCE):
            cards = await self.snapshot()
        if cards is None:
            raise Over("no_snapshot")
        self.cards, self.position, self.epoch = dict(cards), head, epoch or self.epoch
        self._true_at, self._fresh = asked_at, True

    def _confirm(self, at: float) -> None:
        self._true_at, self._missed_at = at, None
