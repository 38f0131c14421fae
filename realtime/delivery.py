"""How a frame gets to sockets: to one, to many, to all as the process ends. Whoever cannot take it resumes later.

Used by the tail, which says to whom; `leave` is how a socket is forgotten there.
"""

import asyncio
import contextlib
from collections.abc import Callable, Iterable, Sequence

import structlog

from realtime import rendering, server
from realtime.audience import Group
from realtime.byes import BYES
from realtime.server import Bundle, Frame
from realtime.watcher import Watcher

log = structlog.get_logger(__name__)

RETURNING = 200  # sockets a second that are asked to come back after a restart
LONGEST_RETURN = 8.0  # seconds; before a screen says NOT LIVE


class Delivery:
    """The way to the sockets of one process."""

    def __init__(self, leave: Callable[[Watcher], None]) -> None:
        self._leave = leave

    async def to_all(self, groups: Iterable[Group], frame: Frame) -> None:
        """The same frame to many, a group at a time."""
        for number, group in enumerate(groups):
            if number:
                await asyncio.sleep(0)
            if group.bundle is None:
                for watcher in group.watchers:
                    await self.to_one(watcher, frame)
            else:
                await self.dismiss([group.watchers[place] for place in _slow(group.bundle, frame)], "slow")

    async def to_one(self, watcher: Watcher, frame: Frame) -> None:
        """One socket; a broken one never holds up the others."""
        try:
            if watcher.writer is None:
                await watcher.push(frame.text)
            elif not watcher.writer.write(frame.wire):
                await self.dismiss([watcher], "slow")
        except Exception as error:  # noqa: BLE001
            log.info("socket_dropped", error=type(error).__name__)
            self._leave(watcher)

    async def dismiss(self, watchers: Iterable[Watcher], reason: str) -> None:
        """Forget them, tell them why, and close."""
        for watcher in watchers:
            self._leave(watcher)
            with contextlib.suppress(Exception):  # gone already; the others go on
                await watcher.dismiss(reason)


def _slow(bundle: Bundle, frame: Frame) -> Sequence[int]:
    """Write to all of them; the places of those who did not get it."""
    try:
        return bundle.write(frame.wire)
    except Exception as error:  # noqa: BLE001 who had it is not known: each of these resumes where it was
        log.error("frame_not_sent", error=type(error).__name__)
        return range(len(bundle.writers))


def farewell(watchers: Iterable[Watcher]) -> None:
    """The process ends: every socket is told to come back, each at a moment of its own."""
    everybody = Bundle([watcher.writer for watcher in watchers if watcher.writer])
    after = min(LONGEST_RETURN, 1 + len(everybody.writers) / RETURNING)
    bye = server.frame(rendering.encode({"type": "bye", "reason": "restart", "after": after}))
    for frame in (bye, server.closing(BYES["restart"])):
        everybody.write(frame)
