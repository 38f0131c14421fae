"""PostgreSQL's own bell: at each commit it says which streams grew, to whoever listens, whatever Redis does.

Written by `feed` in the transaction itself; heard by the tail here, and by the pager. A hint like the other bell, and
the quicker one: where PostgreSQL is reached through a pooler that keeps no sessions, FEED_LISTENS turns this ear off.
"""

import asyncio
from collections.abc import Callable, Mapping
from typing import Any

import psycopg
import structlog
from django.conf import settings
from django.db import connection
from psycopg.pq.abc import PGconn

log = structlog.get_logger(__name__)

CHANNEL = "dido_feed"
RETRY = 1.0  # seconds between two tries to hear
# Seconds until a machine that vanished without a word is asked, and then how often: with TCP's own means.
WATCHED = {"keepalives_idle": 10, "keepalives_interval": 5, "keepalives_count": 3}
KNOWN = ("dbname", "user", "password", "host", "port", "sslmode", "sslrootcert", "sslcert", "sslkey")


def address() -> dict[str, Any]:
    """How a connection of one's own is made, beside the pool's."""
    found = connection.get_connection_params()
    return {key: found[key] for key in KNOWN if found.get(key)} | {"connect_timeout": 5, **WATCHED}


def verb(said: str) -> str:
    """What was done, in the words of one ring; nothing, where a pager wakes the others."""
    return said.partition(" ")[0]


def positions(said: str) -> dict[str, int]:
    """Each stream that grew, and how far; empty where there were too many to say."""
    words = said.split(" ")[1:]
    return {key: int(position) for key, position in zip(words[::2], words[1::2], strict=True)}


async def listen(ring: Callable[[Mapping[str, int]], None]) -> None:
    """For ever: `ring` for what each commit says."""
    deaf = False
    while settings.FEED_LISTENS:
        try:
            async with await psycopg.AsyncConnection.connect(**address(), autocommit=True) as ear:
                await ear.execute(f"listen {CHANNEL}")
                deaf = False
                await _until_it_breaks(ear.pgconn, ring)
        except Exception as error:  # noqa: BLE001 without this ear Redis rings, and the tail looks by itself
            if not deaf:
                log.warning("commits_unheard", error=type(error).__name__)
            deaf = True
            await asyncio.sleep(RETRY)


async def _until_it_breaks(line: PGconn, ring: Callable[[Mapping[str, int]], None]) -> None:
    """Straight from the socket: psycopg's own generator would make a lock, an event and two timers for each commit."""
    loop, socket = asyncio.get_running_loop(), line.socket
    broken: asyncio.Future[None] = loop.create_future()

    def hear() -> None:
        try:
            line.consume_input()
            while said := line.notifies():
                ring(positions(said.extra.decode()))
        except Exception as error:  # noqa: BLE001 whoever waits hears of it
            loop.remove_reader(socket)
            if not broken.done():
                broken.set_exception(error)

    loop.add_reader(socket, hear)
    try:
        await broken
    finally:
        loop.remove_reader(socket)
