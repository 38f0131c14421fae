"""Receipts: whoever has a referral open is told that somebody else has read in its conversation, within a second or so.

Run by the tail as a task of its own. It asks PostgreSQL once a second how many marks there are on the referrals that
are open here, and says only "look again": no receipt is an entry of a stream, and nothing of it goes through Redis.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping
from functools import partial
from typing import Any

import structlog

from realtime import above, rendering
from realtime.server import Frame
from realtime.watcher import Watcher

log = structlog.get_logger(__name__)

EVERY = 1.0  # seconds

type Read = Callable[[Callable[[], Any]], Awaitable[Any]]
type Push = Callable[[Watcher, Frame], Awaitable[None]]


class Receipts:
    """What one process has told its sockets of the marks on the referrals that are open before them."""

    def __init__(self, watchers: Mapping[str, Iterable[Watcher]], read: Read, push: Push) -> None:
        self._watchers = watchers
        self._read = read
        self._push = push
        self._told: dict[int, int] = {}  # how many marks, by referral

    async def follow(self) -> None:
        """Look again and again, whatever the database does."""
        failing = False
        while True:
            try:
                await self.look()
                failing = False
            except Exception as error:  # noqa: BLE001 it outlives every fault of the database, like the tail
                if not failing:
                    log.warning("receipts_cannot_be_read", error=type(error).__name__)
                failing = True
            await asyncio.sleep(EVERY)

    async def look(self) -> None:
        """Tell the sockets that show a referral whose marks are more than they were."""
        showing = self._showing()
        found = await self._read(partial(above.receipts, showing.keys())) if showing else {}
        before, self._told = self._told, {case: many for case, (_, many) in found.items()}
        # A referral that has just been opened was drawn a moment ago: it may lack what came since, so it is told.
        news = {case for case, (_, many) in found.items() if before.get(case) != many}
        for seen in await self._read(partial(above.cases, ids=news)) if news else ():
            frame = Frame(rendering.encode({"type": "receipts", "referral": seen.code}))
            for watcher in showing[seen.id]:
                if watcher.stream in seen.streams:  # its people are party still
                    await self._push(watcher, frame)

    def _showing(self) -> dict[int, list[Watcher]]:
        found: dict[int, list[Watcher]] = {}
        for watching in self._watchers.values():
            for watcher in watching:
                if watcher.case is not None:
                    found.setdefault(watcher.case, []).append(watcher)
        return found
