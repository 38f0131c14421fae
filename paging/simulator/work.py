"""Everything the simulator does after it has answered: tasks that can be waited for, parked and called off.

Used by the exchange for the way of each message and for webhooks. It lets a test ask "is all of it done?"
without sleeping; a message that waits for a phone's signal is parked and does not count as unfinished.
"""

import asyncio
import contextlib
import logging
from collections.abc import Coroutine, Iterator
from typing import Any

logger = logging.getLogger(__name__)


class Work:
    """The unfinished tasks of one exchange."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[Any]] = set()
        self._busy = 0
        self._idle = asyncio.Event()
        self._idle.set()

    def start[T](self, job: Coroutine[object, object, T]) -> asyncio.Task[T]:
        """Begin a job now, and remember it until it has ended."""
        self._count(1)
        task = asyncio.get_running_loop().create_task(job)
        self._tasks.add(task)
        task.add_done_callback(self._ended)
        return task

    @contextlib.contextmanager
    def parked(self) -> Iterator[None]:
        """While inside, the calling job waits for the world and not for us."""
        self._count(-1)
        try:
            yield
        finally:
            self._count(1)

    async def settle(self, seconds: float, *, everything: bool) -> bool:
        """Wait until every job has ended (or is parked, unless `everything`); false after `seconds`."""
        try:
            async with asyncio.timeout(seconds):
                while self._busy:
                    await self._idle.wait()
                while everything and self._tasks:
                    await asyncio.wait(self._tasks)
        except TimeoutError:
            return False
        return True

    async def call_off(self) -> None:
        """Cancel every job, and wait until each has ended."""
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _count(self, change: int) -> None:
        self._busy += change
        if self._busy:
            self._idle.clear()
        else:
            self._idle.set()

    def _ended(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        self._count(-1)
        if not task.cancelled() and (error := task.exception()) is not None:
            logger.error("A simulator job failed", exc_info=error)
