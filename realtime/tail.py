"""One tail per stream and process: reads each new entry once and writes the same frame to every socket that watches.

Started by the first socket. The bell shortens the wait; without it the rows are read once a second. A heartbeat goes
out only while PostgreSQL can be read, so that a page which is not being told the truth finds out.
"""

import asyncio
import time
import weakref
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

import structlog
from django.conf import settings
from django.utils import timezone

from realtime import (
    chores,
    commits,
    delivery,
    doorbell,
    entering,
    hearing,
    presence,
    reading,
    rendering,
    server,
)
from realtime.audience import Audience, Group, grouped
from realtime.delivery import Delivery
from realtime.door import Door
from realtime.entering import Entered, Knock, Refused
from realtime.presence import Presence
from realtime.reader import Reader
from realtime.receipts import Receipts
from realtime.rendering import Rendered
from realtime.server import Frame
from realtime.warden import Warden
from realtime.watcher import Watcher

log = structlog.get_logger(__name__)

POLL = 1.0  # seconds between two looks without a bell
BEAT = 5.0  # seconds between two heartbeats
CHECKS = 3  # of everybody's rights before a frame, where somebody comes in during each; then it leaves
LONGEST_REST = 0.25  # seconds between two passes; what happens meanwhile leaves as one frame


class Hub:
    """All tails of one process (one event loop)."""

    def __init__(self) -> None:
        self.positions: dict[str, int] = {}
        self.epochs: dict[str, str] = {}
        self.watchers: dict[str, Audience] = {}
        self.held: Counter[int] = Counter()  # sockets by person
        self.presence = Presence()
        self.read_at = 0.0  # monotonic: when PostgreSQL was last read without error
        self.behind = False
        self._delivery = Delivery(self.leave)
        self._door = Door(self._judge)
        self._loop = asyncio.get_running_loop()
        self._rung = asyncio.Event()
        self._reader = Reader("feed")
        self._warden = Warden()
        self._tasks: list[asyncio.Task[None]] = []

    def start(self) -> None:
        """Begin to listen and to read, once."""
        if not self._tasks:
            ears = commits.listen(self._hear), hearing.listen(ring=self._hear, told=self._told)
            receipts = Receipts(self.watchers, self._read, self._delivery.to_one).follow()
            others = chores.follow(timezone.now), receipts
            self._tasks = [asyncio.create_task(one) for one in (self._follow(), *ears, *others)]

    async def stop(self) -> None:
        """End the tasks; for tests and for a server that shuts down."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._tasks = []
        await self._reader.close()

    async def join(self, watcher: Watcher, knock: Knock) -> None:
        """Let a socket in, bring it to the present without a gap or a double, and keep it there; or Refused."""
        self.start()
        entered = await self._door.knock(knock)
        person = entered.ticket.person_id
        if self.held[person] >= settings.FEED_SOCKETS_PER_PERSON:
            raise Refused("too_many")
        self.held[person] += 1
        watcher.ticket, watcher.case = entered.ticket, entered.case
        try:
            await self._bring(watcher, entered)
        except BaseException:
            self.held[person] -= 1
            raise

    async def _judge(self, knocks: Sequence[Knock]) -> list[Entered | Refused]:
        return await self._read(partial(entering.answers, knocks, now=timezone.now()))

    async def _bring(self, watcher: Watcher, entered: Entered) -> None:
        key, place = watcher.stream, entered.place
        await self._greet(watcher, entered)
        watcher.position = place.head
        while watcher.position < self.positions.get(key, 0):  # the tail went on while we greeted
            after, until = watcher.position, self.positions[key]
            missed = await self._read(partial(reading.missed, key, watcher.ticket, after=after, until=until))
            if missed is None:
                raise Refused("rights_changed")
            await self._say(watcher, rendering.together(missed))
            watcher.position = until
        self.positions.setdefault(key, watcher.position)
        self.epochs.setdefault(key, place.epoch)
        self.watchers.setdefault(key, Audience()).add(watcher)
        self._warden.forget()
        if watcher.case is not None:
            self.presence.opens((watcher.case, watcher.ticket.person_id))

    async def _greet(self, watcher: Watcher, entered: Entered) -> None:
        place = entered.place
        hello: dict[str, Any] = {"type": "hello", "epoch": place.epoch, "head": place.head}
        if entered.case is not None:
            hello["you"] = entered.ticket.person_id
        await self._say(watcher, rendering.encode(hello))
        if place.said_after_hello:
            await self._say(watcher, place.said_after_hello)
        looking = self.presence.greeting(watcher.stream)
        if looking:
            await self._say(watcher, rendering.encode(looking))

    async def _say(self, watcher: Watcher, text: str) -> None:
        """To one socket alone, in order with what all get."""
        if watcher.writer is None:
            await watcher.push(text)
        elif not watcher.writer.write(server.frame(text)):
            raise Refused("slow")

    def leave(self, watcher: Watcher) -> None:
        """Forget a socket, and the tail with its last one."""
        watching = self.watchers.get(watcher.stream)
        if watching is None or watcher not in watching:
            return
        watching.remove(watcher)
        person = watcher.ticket.person_id
        self.held[person] -= 1
        if not self.held[person]:
            del self.held[person]
        if watcher.case is not None:
            self.presence.closes((watcher.case, person))
        if not watching:
            del self.watchers[watcher.stream], self.positions[watcher.stream], self.epochs[watcher.stream]

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
                if self.presence.is_due(at=time.monotonic()):
                    await self._look_around()
            except Exception as error:  # noqa: BLE001 a tail outlives every fault of the database
                if not self.behind:
                    log.warning("tail_cannot_read", error=type(error).__name__)
                self.behind = True
                self._warden.forget()
            unrung = self._loop.call_later(POLL, self._rung.set)
            await self._rung.wait()
            unrung.cancel()
            self._rung.clear()

    async def _pass(self) -> None:
        entries, revocation = await self._read(partial(reading.look, dict(self.positions)))
        for _ in range(CHECKS):
            if not self._warden.doubts(revocation, at=time.monotonic()):
                break
            await self._check_rights(revocation)
        begun = time.monotonic()
        for number, (key, new) in enumerate(entries.items()):
            if number:
                await asyncio.sleep(0)
            await self._deliver(key, new)
        if self._warden.is_due(at=time.monotonic()):
            await self._check_rights(revocation)
        # As long for everything else as this took: a busy night's events leave together instead of piling up.
        await asyncio.sleep(min(time.monotonic() - begun, LONGEST_REST))

    async def _check_rights(self, revocation: int) -> None:
        self._warden.trusts(revocation, at=time.monotonic())
        everybody = [watcher for watching in self.watchers.values() for watcher in watching]
        ended = await self._read(partial(reading.ended, [watcher.ticket for watcher in everybody]))
        gone = [watcher for watcher in everybody if watcher.ticket in ended] if ended else ()
        await self._delivery.dismiss(gone, "rights_changed")

    async def _deliver(self, key: str, found: list[Rendered]) -> None:
        after = self.positions.get(key)
        entries = [entry for entry in found if after is not None and entry.position > after]
        if after is None or not entries:  # its last board has left meanwhile, and perhaps another came
            return
        shared = Frame(rendering.together(entries))
        self.positions[key] = entries[-1].position
        audience = self.watchers[key]
        ahead = list(audience.ahead(after))  # they came while this was being read
        here = grouped(set(audience) - set(ahead)) if ahead else audience.groups()
        await self._delivery.to_all(here, shared)
        for watcher in ahead:
            if new := [entry for entry in entries if entry.position > watcher.position]:
                await self._delivery.to_one(watcher, Frame(rendering.together(new)))

    async def _beat(self) -> None:
        """To every socket; those on a stream that is no longer what it was come again, and take everything anew."""
        epochs, positions, now = dict(self.epochs), dict(self.positions), timezone.now()
        at = await self._read(partial(reading.standing, epochs))
        for key, position in positions.items():
            if at.heads.get(key, -1) >= position:
                frame = Frame(reading.beat(position, now=now, pager=at.pager))
                await self._delivery.to_all(self._groups(key), frame)
            else:
                log.warning("stream_went_back", stream=key, position=position)
                await self._delivery.dismiss(list(self.watchers.get(key, ())), "try_again")

    async def _look_around(self) -> None:
        """Who looks at what: to the sockets here and to the other processes."""
        looks, before = self.presence.begin(at=time.monotonic())
        doorbell.tell(self.presence.message())
        visit = partial(presence.read, looks, before=before, now=timezone.now())
        for key, frames in self.presence.changes(await self._read(visit), looks).items():
            if frames:
                frame = Frame(rendering.encode(frames[0] if len(frames) == 1 else frames))
                await self._delivery.to_all(self._groups(key), frame)

    def _groups(self, key: str) -> Sequence[Group]:
        return self.watchers[key].groups() if key in self.watchers else ()

    def _hear(self, positions: Mapping[str, int]) -> None:
        """The bell: look now, if it says anything that is not known here and that somebody here watches."""
        if any(position > self.positions.get(key, position) for key, position in positions.items()):
            self._rung.set()

    def _told(self, message: str) -> None:
        self.presence.heard(message, at=time.monotonic())

    async def _read[Found](self, visit: Callable[[], Found]) -> Found:
        return await self._reader.visit(visit)

    def farewell(self) -> None:
        """The process ends."""
        delivery.farewell(watcher for watching in self.watchers.values() for watcher in watching)


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


def _farewells() -> None:
    for hub in list(_hubs.values()):
        hub.farewell()


server.at_the_end(_farewells)
