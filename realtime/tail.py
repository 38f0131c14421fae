"""One tail per stream and process: reads each new entry once and writes the same frame to every socket that watches.

Started by the first socket. The bell shortens the wait; without it the rows are read once a second. A heartbeat goes
out only while PostgreSQL can be read, so that a page which is not being told the truth finds out.
"""

import asyncio
import contextlib
import time
import weakref
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Protocol

import structlog
from channels.layers import get_channel_layer
from django.db import connection
from django.utils import timezone

from realtime import reading, server
from realtime.doorbell import GROUP
from realtime.reading import News, Place, Rendered, Ticket
from realtime.server import Writer

log = structlog.get_logger(__name__)

POLL = 1.0  # seconds between two looks without a bell
BEAT = 5.0  # seconds between two heartbeats
BELL_RETRY = 1.0
TRY_AGAIN = 1013  # the close code for "come back": nothing is wrong with the page's rights


SLICE = 250  # sockets that are written to before the loop may look at something else
LONGEST_REST = 0.25  # seconds between two passes; what happens meanwhile leaves as one frame


class Watcher(Protocol):
    """A socket that watches one stream."""

    stream: str
    position: int
    ticket: Ticket
    writer: Writer | None

    async def push(self, text: str) -> None: ...

    async def dismiss(self, reason: str, *, code: int = ...) -> None: ...


class Frame:
    """What many sockets get: encoded once, and the same bytes for all."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.wire = server.frame(text)

    @classmethod
    def of(cls, entries: list[Rendered]) -> "Frame":
        """One event is an object, a backlog is a list."""
        if len(entries) == 1:
            return cls(entries[0].text)
        return cls("[" + ",".join(entry.text for entry in entries) + "]")


class Hub:
    """All tails of one process (one event loop)."""

    def __init__(self) -> None:
        self.positions: dict[str, int] = {}
        self.watchers: dict[str, set[Watcher]] = {}
        self.read_at = 0.0  # monotonic: when PostgreSQL was last read without error
        self.behind = False
        self._rung = asyncio.Event()
        self._reader = ThreadPoolExecutor(1, thread_name_prefix="feed")
        self._tasks: list[asyncio.Task[None]] = []

    def start(self) -> None:
        """Begin to listen and to read, once."""
        if not self._tasks:
            self._tasks = [asyncio.create_task(self._follow()), asyncio.create_task(self._listen())]

    async def stop(self) -> None:
        """End the tasks; for tests and for a server that shuts down."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._tasks = []
        self._reader.shutdown(wait=True)

    async def join(self, watcher: Watcher, *, since: int | None, epoch: str | None) -> None:
        """Bring a socket from `since` to the present without a gap and without a double, then keep it there."""
        self.start()
        key = watcher.stream
        place = await self._read(lambda: reading.place(key, since=since, epoch=epoch))
        await self._greet(watcher, place)
        watcher.position = place.head
        while watcher.position < self.positions.get(key, 0):  # the tail went on while we greeted
            after, until = watcher.position, self.positions[key]
            missed = await self._read(partial(reading.between, key, after=after, until=until))
            await watcher.push(Frame.of(missed).text)
            watcher.position = until
        self.positions.setdefault(key, watcher.position)
        self.watchers.setdefault(key, set()).add(watcher)

    def held_by(self, person_id: int) -> int:
        """How many sockets of this process one person holds."""
        return sum(w.ticket.person_id == person_id for watching in self.watchers.values() for w in watching)

    def leave(self, watcher: Watcher) -> None:
        """Forget a socket, and the tail with its last one."""
        watching = self.watchers.get(watcher.stream, set())
        watching.discard(watcher)
        if not watching:
            self.watchers.pop(watcher.stream, None)
            self.positions.pop(watcher.stream, None)

    async def _greet(self, watcher: Watcher, place: Place) -> None:
        await watcher.push(reading.encode({"type": "hello", "epoch": place.epoch, "head": place.head}))
        if place.reset:
            await watcher.push(reading.encode({"type": "reset", "head": place.head}))
        elif place.missed:
            await watcher.push(Frame.of(place.missed).text)

    async def _follow(self) -> None:
        beaten = 0.0
        while True:
            try:
                if self.watchers:
                    await self._pass()
                else:
                    await self._read(reading.reach)
                self.read_at = time.monotonic()
                self.behind = False
                if self.read_at - beaten >= BEAT:
                    beaten = self.read_at
                    await self._beat()
            except Exception as error:  # noqa: BLE001 a tail outlives every fault of the database
                if not self.behind:
                    log.warning("tail_cannot_read", error=type(error).__name__)
                self.behind = True
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(POLL):
                    await self._rung.wait()
            self._rung.clear()

    async def _pass(self) -> None:
        positions = dict(self.positions)
        tickets = {w.ticket for watching in self.watchers.values() for w in watching}
        news: News = await self._read(lambda: reading.news(positions, tickets))
        for watcher in [w for watching in self.watchers.values() for w in watching if w.ticket in news.ended]:
            self.leave(watcher)
            with contextlib.suppress(Exception):  # gone already; the others go on
                await watcher.dismiss("rights_changed")
        begun = time.monotonic()
        for key, entries in news.entries.items():
            await self._deliver(key, news.heads[key], entries)
        # As long for everything else as this took: a busy night's events leave together instead of piling up.
        await asyncio.sleep(min(time.monotonic() - begun, LONGEST_REST))

    async def _deliver(self, key: str, head: int, entries: list[Rendered]) -> None:
        after = self.positions.get(key)
        if after is None:
            return
        shared = Frame.of(entries)
        self.positions[key] = head
        for number, watcher in enumerate(list(self.watchers.get(key, ()))):
            if watcher.position >= head:
                continue
            ahead = watcher.position > after
            watcher.position, seen = head, watcher.position
            await self._push(
                watcher, Frame.of([e for e in entries if e.position > seen]) if ahead else shared
            )
            if number % SLICE == SLICE - 1:
                await asyncio.sleep(0)

    async def _push(self, watcher: Watcher, frame: Frame) -> None:
        try:
            if watcher.writer is None:
                await watcher.push(frame.text)
            elif not watcher.writer.write(frame.wire):
                self.leave(watcher)  # it resumes where it was
                await watcher.dismiss("slow", code=TRY_AGAIN)
        except Exception as error:  # noqa: BLE001 one broken socket never holds up the others
            log.info("socket_dropped", error=type(error).__name__)
            self.leave(watcher)

    async def _beat(self) -> None:
        now = timezone.now()
        for key, watching in list(self.watchers.items()):
            beat = Frame(reading.beat(self.positions[key], now))
            for watcher in list(watching):
                await self._push(watcher, beat)

    async def _listen(self) -> None:
        layer, deaf = get_channel_layer(), False
        assert layer is not None, "settings name a channel layer"
        while True:
            try:
                channel = await layer.new_channel()
                await layer.group_add(GROUP, channel)
                deaf = False
                while True:
                    await layer.receive(channel)
                    self._rung.set()
            except asyncio.CancelledError:
                raise
            except Exception as error:  # noqa: BLE001 without a bell the tail reads once a second
                if not deaf:
                    log.warning("bell_unheard", error=type(error).__name__)
                deaf = True
                await asyncio.sleep(BELL_RETRY)

    async def _read[Found](self, visit: Callable[[], Found]) -> Found:
        def with_connection() -> Found:
            try:
                return visit()
            finally:
                connection.close()  # back to the pool; a broken one is replaced there

        return await asyncio.get_running_loop().run_in_executor(self._reader, with_connection)


_hubs: weakref.WeakKeyDictionary[asyncio.AbstractEventLoop, Hub] = weakref.WeakKeyDictionary()


def here() -> Hub:
    """The hub of the running event loop; a server has one."""
    loop = asyncio.get_running_loop()
    if loop not in _hubs:
        _hubs[loop] = Hub()
    return _hubs[loop]


def latest_read() -> float | None:
    """Seconds since a tail of this process last read PostgreSQL; None while no tail was ever started."""
    ages = [time.monotonic() - hub.read_at for hub in list(_hubs.values()) if hub.read_at]
    return min(ages) if ages else None
