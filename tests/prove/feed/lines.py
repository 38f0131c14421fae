"""The lines between screens and the server: a relay on the loopback that fails as lines in hospitals do.

Each handshake says by a header whose line it is; what ails that line can be changed at any moment, for open connections
and for new ones.
"""

import asyncio
import contextlib
import re
import socket
import struct
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from random import Random
from typing import Self

from tests.prove.feed import wire

_SAID = re.compile(rf"\r\n{wire.WHOSE}: (\d+)\r\n".encode())
CHUNK = 65536
LOST = 0.6  # of the frames, where some vanish
SLOWER = 1.5  # seconds of delay more with each second, where everything comes later and later
ROOM = 16384  # bytes that the kernel keeps of what a screen does not read


class Ails(StrEnum):
    """What may ail a line."""

    NOTHING = "nothing"
    BOTH_WAYS = "nothing goes through either way"
    DOWN = "nothing comes down"
    UP = "nothing goes up"
    SOME = "frames vanish"
    EVENTS = "events vanish, beats do not"
    LATE = "everything comes later and later"


@dataclass
class Line:
    """One connection through the relay."""

    lines: "Lines"
    number: int
    down: asyncio.StreamWriter
    up: asyncio.StreamWriter
    _unread: bytearray = field(default_factory=bytearray)
    _due: float = 0.0  # when the last frame that is under way arrives, by the loop's clock
    _is_open: bool = False

    @property
    def ails(self) -> Ails:
        return self.lines.ails.get(self.number, Ails.NOTHING)

    async def carry_up(self, reader: asyncio.StreamReader) -> None:
        """From the screen to the server."""
        while data := await reader.read(CHUNK):
            if self.ails not in {Ails.BOTH_WAYS, Ails.UP}:
                self.up.write(data)
        if self.ails not in {Ails.BOTH_WAYS, Ails.UP}:
            self.up.close()

    async def carry_down(self, reader: asyncio.StreamReader) -> None:
        """From the server to the screen, frame by frame."""
        while data := await reader.read(CHUNK):
            self._unread += data
            for frame in self._frames():
                self._pass_on(frame)
            with contextlib.suppress(OSError):
                await self.down.drain()  # a screen that reads nothing is felt by the server
        if self.ails in {Ails.NOTHING, Ails.UP, Ails.EVENTS}:
            self.down.close()  # the server has ended it; on a dead line nobody hears of that

    def _pass_on(self, frame: bytes) -> None:
        ails, rng = self.ails, self.lines.rng
        if ails in {Ails.BOTH_WAYS, Ails.DOWN} or (ails is Ails.SOME and rng.random() < LOST):
            return
        if ails is Ails.EVENTS and (b'"event"' in frame[:32] or frame[:1] == b"["):
            return
        loop = asyncio.get_running_loop()
        now = loop.time()
        delay = SLOWER * (now - self.lines.began.get(self.number, now)) if ails is Ails.LATE else 0.0
        if not delay and self._due <= now:
            self.write(frame)
        else:
            self._due = max(self._due + 1e-6, now + delay)
            loop.call_at(self._due, self.write, frame)

    def write(self, data: bytes) -> None:
        """Down to the screen, if it is still there."""
        if not self.down.is_closing():
            self.down.write(data)

    def _frames(self) -> list[bytes]:
        """The whole ones; the handshake's answer counts as one."""
        found: list[bytes] = []
        unread = self._unread
        if not self._is_open:
            end = unread.find(b"\r\n\r\n") + 4
            if end < 4:
                return []
            self._is_open = True
            found.append(bytes(unread[:end]))
            del unread[:end]
        while len(unread) >= 2:
            wide = {126: 2, 127: 8}.get(unread[1], 0)
            if len(unread) < 2 + wide:
                break
            ends = 2 + wide + (int.from_bytes(unread[2 : 2 + wide], "big") if wide else unread[1])
            if len(unread) < ends:
                break
            found.append(bytes(unread[:ends]))
            del unread[:ends]
        return found

    def reset(self) -> None:
        """Both ends get a TCP reset."""
        for end in (self.down, self.up):
            known: socket.socket = end.get_extra_info("socket")
            with contextlib.suppress(OSError):
                known.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            end.transport.abort()

    def half_close(self) -> None:
        """The screen is told that nothing more comes; towards the server the line stays open."""
        with contextlib.suppress(OSError):
            self.down.write_eof()


@dataclass
class Lines:
    """The relay: one port, behind it whichever server a screen belongs to."""

    server: Callable[[int], int]  # the port of the server, by the number of the line
    rng: Random
    ails: dict[int, Ails] = field(default_factory=dict)
    open: dict[int, Line] = field(default_factory=dict)
    port: int = 0
    began: dict[int, float] = field(default_factory=dict)  # since when, by the loop's clock
    _tasks: set["asyncio.Task[None]"] = field(default_factory=set)

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._connected, "127.0.0.1", 0, backlog=4096)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def ail(self, number: int, ails: Ails) -> None:
        """From now on this is what ails this line."""
        self.ails[number], self.began[number] = ails, asyncio.get_running_loop().time()

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        with contextlib.suppress(OSError, asyncio.IncompleteReadError):
            head = await reader.readuntil(b"\r\n\r\n")
            if said := _SAID.search(head):
                await self._relay(int(said[1]), head, reader, writer)
        writer.transport.abort()

    async def _relay(
        self, number: int, head: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        from_server, up = await asyncio.open_connection(
            sock=await wire.reached(self.server(number), room=ROOM)
        )
        line = Line(self, number, writer, up)
        self.open[number] = line
        if line.ails not in {Ails.BOTH_WAYS, Ails.UP}:
            up.write(head)
        try:
            carrying = {
                asyncio.ensure_future(line.carry_up(reader)),
                asyncio.ensure_future(line.carry_down(from_server)),
            }
            try:
                await asyncio.wait(carrying, return_when=asyncio.ALL_COMPLETED)
            finally:
                for one in carrying:
                    one.cancel()
                await asyncio.gather(*carrying, return_exceptions=True)
        finally:
            up.transport.abort()
            if self.open.get(number) is line:
                del self.open[number]
