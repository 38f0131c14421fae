"""One thread that asks PostgreSQL, with a connection that it keeps: the event loop never waits for the database.

Used by the tail. A connection that raised is given back, because it may be broken; the next visit takes another.
"""

import asyncio
import contextlib
import queue
import threading
from collections.abc import Callable
from typing import Any

from django.db import connection


class Reader:
    """Visits to the database, one after the other.

    An executor does this with two futures and a lock for each visit, and there is a visit for every event.
    """

    def __init__(self, name: str) -> None:
        self._asked: queue.SimpleQueue[tuple[Callable[[], Any], asyncio.Future[Any]] | None] = (
            queue.SimpleQueue()
        )
        self._thread = threading.Thread(target=self._answer, name=name, daemon=True)
        self._thread.start()

    async def visit[Found](self, ask: Callable[[], Found]) -> Found:
        """What this finds, asked on the reader's own thread."""
        found: asyncio.Future[Found] = asyncio.get_running_loop().create_future()
        self._asked.put((ask, found))
        return await found

    async def close(self) -> None:
        """Give the connection back, and end the thread."""
        self._asked.put(None)
        await asyncio.to_thread(self._thread.join)

    def _answer(self) -> None:
        while asked := self._asked.get():
            ask, found = asked
            with contextlib.suppress(RuntimeError):  # the loop has ended
                found.get_loop().call_soon_threadsafe(_tell, found, *_asking(ask))
        connection.close()


def _asking(ask: Callable[[], Any]) -> tuple[Any, Exception | None]:
    try:
        return ask(), None
    except Exception as error:  # noqa: BLE001 who asked hears of it
        connection.close()
        return None, error


def _tell(found: asyncio.Future[Any], answer: Any, error: Exception | None) -> None:
    if found.done():  # whoever asked no longer waits
        return
    if error is None:
        found.set_result(answer)
    else:
        found.set_exception(error)
