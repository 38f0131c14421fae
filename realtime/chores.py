"""What a web process does every few minutes beside the feed, on a thread and a connection of its own.

Run by the tail as a task of its own. It may take as long as it likes: nobody waits for it, and no fault of it ends
anything.
"""

import asyncio
from collections.abc import Callable
from datetime import datetime

import structlog
from django.db import connection

from realtime import above

log = structlog.get_logger(__name__)

EVERY = 300.0  # seconds


async def follow(clock: Callable[[], datetime]) -> None:
    """Again and again, whatever becomes of it."""
    while True:
        await asyncio.sleep(EVERY)
        try:
            await asyncio.to_thread(_do, clock())
        except Exception as error:  # noqa: BLE001 it outlives every fault of the database and the disk
            log.warning("chore_failed", error=type(error).__name__)


def _do(at: datetime) -> None:
    try:
        above.chore(at)
    finally:
        connection.close()
