"""One thread that asks PostgreSQL, with a connection that it keeps: the event loop never waits for the database.

Used by the tail. A connection that raised is given back, because it may be broken; the next visit takes another.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from django.db import connection


class Reader:
    """Visits to the database, one after the other."""

    def __init__(self, name: str) -> None:
        self._thread = ThreadPoolExecutor(1, thread_name_prefix=name)

    async def visit[Found](self, ask: Callable[[], Found]) -> Found:
        """What this finds, asked on the reader's own thread."""

        def asking() -> Found:
            try:
                return ask()
            except Exception:
                connection.close()
                raise

        return await asyncio.get_running_loop().run_in_executor(self._thread, asking)

    async def close(self) -> None:
        """Give the connection back, and end the thread."""
        await self.visit(lambda: connection.close())  # noqa: PLW0108 that of the reader's thread, not of this one
        self._thread.shutdown(wait=True)
