"""Connections that follow a script, and a clock that is wound by hand: the reference client without a network.

A script is a list of visits, a visit a list of what comes over the wire. When a visit has no more to say the connection
is cut; when there are no more visits the script ends.
"""

import asyncio
import json
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

import pytest

from realtime.client import SILENCE, Board, Card

STREAM = "site:RET20"
SILENT = "nothing comes any more"
NEVER: dict[str, Card] = {}  # a snapshot that does not come
CUT = OSError("cut")


class ScriptEnds(Exception):
    """Nobody connects any more."""


@dataclass(frozen=True)
class Passing:
    """Seconds that go by before the next frame."""

    seconds: float


def hello(head: int, epoch: str = "one") -> dict[str, Any]:
    return {"type": "hello", "epoch": epoch, "head": head}


def beat(head: int, *, at: int = 0) -> dict[str, Any]:
    """A beat that the server said so many seconds after the beginning."""
    return {"type": "beat", "head": head, "now": f"2026-11-21T03:10:{at:02d}Z"}


def reset(head: int) -> dict[str, Any]:
    return {"type": "reset", "head": head}


def bye(reason: str) -> dict[str, Any]:
    return {"type": "bye", "reason": reason}


def event(
    position: int, code: str = "R7K2", version: int | None = None, *, gone: bool = False
) -> dict[str, Any]:
    """One event; its version is its position where nothing else is said."""
    card = {"code": code, "version": version or position}
    return {"type": "event", "position": position, "referral": code, "card": None if gone else card}


def card(version: int, code: str = "R7K2") -> dict[str, Any]:
    return {"code": code, "version": version}


class Wire:
    """One connection."""

    def __init__(self, script: list[Any], night: "Night") -> None:
        self.script, self.night, self.closed = list(script), night, False

    async def recv(self) -> str | bytes:
        while self.script and isinstance(self.script[0], Passing):
            self.night.now += self.script.pop(0).seconds
        said = self.script.pop(0) if self.script else CUT
        if isinstance(said, Exception):
            raise said
        if said is SILENT:
            await self.night.never()
        return said if isinstance(said, str) else json.dumps(said)

    async def close(self) -> None:
        self.closed = True


@dataclass
class Night:
    """What a board meets, and what it did about it."""

    visits: list[Any]
    snapshots: list[dict[str, Card] | Exception | None] = field(default_factory=lambda: [{}])
    now: float = 1000.0
    chance: float = 0.5
    asked: list[dict[str, str]] = field(default_factory=list)
    wires: list[Wire] = field(default_factory=list)
    waits: list[float] = field(default_factory=list)
    limits: set[float] = field(default_factory=set)
    taken: int = 0
    silent: asyncio.Event = field(default_factory=asyncio.Event)

    def board(self, kind: type[Board] = Board) -> Board:
        return kind(
            STREAM,
            self.connect,
            self.snapshot,
            clock=lambda: self.now,
            sleep=self.sleep,
            chance=lambda: self.chance,
            within=self.within,
        )

    async def connect(self, query: str) -> Wire:
        if not self.visits:
            raise ScriptEnds
        self.asked.append(dict(parse_qsl(query)))
        visit = self.visits.pop(0)
        if visit is SILENT:
            await self.never()
        if isinstance(visit, Exception):
            raise visit
        self.wires.append(Wire(visit, self))
        return self.wires[-1]

    async def snapshot(self) -> dict[str, Card] | None:
        """The next one; the last one again and again."""
        self.taken += 1
        found = self.snapshots.pop(0) if len(self.snapshots) > 1 else self.snapshots[0]
        if isinstance(found, Exception):
            raise found
        if found is NEVER:
            await self.never()
        return found

    async def never(self) -> None:
        """Say nothing, until whoever waits gives up."""
        self.now += SILENCE
        self.silent.set()
        await asyncio.Event().wait()

    async def sleep(self, seconds: float) -> None:
        self.waits.append(seconds)
        self.now += seconds

    def within(self, seconds: float) -> asyncio.Timeout:
        """Whoever says nothing is given up at once: the clock of this night is wound by hand."""
        self.limits.add(seconds)
        return asyncio.timeout(0)


async def plays(night: Night, kind: type[Board] = Board) -> Board:
    """Follow until the script ends."""
    board = night.board(kind)
    with pytest.raises(ScriptEnds):
        await board.follow()
    assert all(wire.closed for wire in night.wires)
    return board
