"""Screens by the thousand: the reference client over a lean socket, with what comes over each socket checked.

What a screen shows is the reference client's; what may come over one socket is the promise of docs/realtime.md: every
position after the one that was asked for, once, in order.
"""

import asyncio
import json
import time
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache, partial
from typing import Any
from urllib.parse import parse_qs

from django.utils import timezone

from realtime import reading
from realtime.client import Board, Card
from referrals import queries
from tests.prove.contract import Tally
from tests.prove.feed import wire
from tests.prove.feed.wire import WHOSE, Wire
from tests.realtime.sockets import does

Shown = dict[str, tuple[int, str]]  # version and state by code


@dataclass(frozen=True, slots=True)
class Told:
    """One frame, as far as it is counted."""

    kind: str
    number: int  # the position of an event; the head that anything else names
    referral: str = ""
    version: int = 0
    card: Card | None = None


@lru_cache(maxsize=256)
def told(text: str) -> tuple[Told, ...]:
    """The frames of one message; most go to a thousand screens, and are read once."""
    read = json.loads(text)
    return tuple(_told(frame) for frame in (read if isinstance(read, list) else [read]))


def _told(frame: Mapping[str, Any]) -> Told:
    number = frame.get("position", frame.get("head", 0))
    return Told(frame["type"], number, frame.get("referral", ""), frame.get("version", 0), frame.get("card"))


@dataclass
class Order:
    """What may come over one socket: the position after the last, and nothing else."""

    tally: Tally
    since: int | None
    next: int | None = None  # the position that must come now
    events: int = 0

    def heard(self, text: str) -> None:
        """One message has come."""
        for frame in told(text):
            if frame.kind == "hello":
                self.next = (frame.number if self.since is None else self.since) + 1
            elif frame.kind == "reset":
                self.next = frame.number + 1
            elif frame.kind == "event":
                self._event(frame.number)
            elif frame.kind == "beat" and self.next is not None:
                self.tally.check(frame.number < self.next, "a beat names a head that was never told")

    def _event(self, number: int) -> None:
        self.events += 1
        if self.next is None:
            self.tally.violation("an event came before the hello")
        elif number != self.next:
            self.tally.violation(f"{number} came over a socket where {self.next} was due")
        self.next = number + 1


@dataclass
class Seat(Board):
    """A screen of the proof: what it applied, and over which socket it hears."""

    number: int = 0
    tally: Tally = field(default_factory=Tally)
    wire: Wire | None = None
    applied: int = 0
    sockets: int = 0
    snapshots: int = 0
    last: int | None = None  # the position that was applied last; None: a snapshot came since

    def apply(self, frame: Mapping[str, Any]) -> None:
        number = frame["position"]
        if self.last is not None and number != self.last + 1:
            self.tally.violation(f"a screen applied {number} after {self.last}")
        self.last, self.applied = number, self.applied + 1
        super().apply(frame)

    @property
    def shown(self) -> Shown:
        """What stands on the screen."""
        return {code: (card["version"], card["state"]) for code, card in self.cards.items()}


@dataclass(frozen=True)
class Way:
    """How screens reach the server: the port that they call, and the address of its API."""

    port: int
    api: str
    tally: Tally
    strict: bool = True  # is what comes over each socket checked? Not where the line itself loses frames
    heard: Callable[[Seat, str], None] | None = None
    room: int = 0  # bytes that the kernel keeps for a screen that does not read; 0: as many as it likes


def seat[S: Seat](
    kind: type[S], way: Way, *, number: int, stream: str, token: str, cookie: str = "", **more: Any
) -> S:
    """A screen on this stream, with a socket and snapshots of its own; `cookie` where it is a browser's."""
    known = {"Cookie": cookie, "Origin": way.api} if cookie else {"Authorization": f"Bearer {token}"}

    async def connect(query: str) -> Wire:
        since = parse_qs(query).get("since", [""])[0]
        order = Order(way.tally, int(since) if since else None)

        def heard(text: str) -> None:
            if way.strict:
                order.heard(text)
            if way.heard:
                way.heard(made, text)

        made.wire = await wire.opened(way.port, query, {**known, WHOSE: str(number)}, heard, room=way.room)
        made.sockets += 1
        return made.wire

    async def snapshot() -> dict[str, Card]:
        cards = await asyncio.to_thread(partial(rows, way.api, token))
        made.snapshots, made.last = made.snapshots + 1, None
        return cards

    made = kind(stream, connect, snapshot, number=number, tally=way.tally, **more)
    return made


def rows(api: str, token: str) -> dict[str, Card]:
    """What the API shows to this token, by code."""
    asked = urllib.request.Request(f"{api}/api/v1/referrals", headers={"Authorization": f"Bearer {token}"})
    with urllib.request.urlopen(asked, timeout=30) as answer:
        return {row["code"]: row for row in json.load(answer)}


@dataclass(frozen=True)
class Beginning:
    """What a page brings with it when it is opened: everything as of a position."""

    position: int
    epoch: str
    cards: dict[str, Card]

    def given_to(self, board: Board) -> None:
        """This screen begins with it."""
        board.position, board.epoch, board.cards = self.position, self.epoch, dict(self.cards)


async def beginning(api: str, token: str, stream: str) -> Beginning:
    """Where the stream stands, and then everything."""
    place = await does(partial(reading.place, stream, since=None, epoch=None))
    return Beginning(place.head, place.epoch, await asyncio.to_thread(partial(rows, api, token)))


def truth(stream: str) -> Shown:
    """What every screen of this stream must show, as the database has it."""
    found = queries.on_board(queries.of_stream(stream), now=timezone.now())
    return {row.code: (row.version, row.state) for row in found}


async def until(true: Callable[[], bool], *, seconds: float) -> bool:
    """Whether it comes true within this time; other processes keep their own."""
    ends = time.monotonic() + seconds
    while not true():
        if time.monotonic() > ends:
            return False
        await asyncio.sleep(0.05)
    return True


async def ended(tasks: "Sequence[asyncio.Task[Any]]") -> None:
    """All screens are closed."""
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
