"""What a pager knows of time and of others: PostgreSQL's clock, and the bell that PostgreSQL rings at each commit.

Used by the pager's process. The bell only shortens its sleep: whatever it missed is found within a second.
"""

import time
from datetime import datetime, timedelta
from typing import Any

import psycopg
import structlog

from realtime import commits

log = structlog.get_logger(__name__)

# What pagers tell each other; anything else is a verb, and may have opened or ended a wait.
OUR_OWN = {"", "page"}
PAUSE = 1.0  # seconds at most before it tries to listen again


class Clock:
    """PostgreSQL's clock, which decides what is due, carried on between two looks at it by one that cannot be set."""

    def __init__(self) -> None:
        self._read: tuple[datetime, float] | None = None

    def set(self, now: datetime) -> None:
        """What time it is by PostgreSQL."""
        self._read = now, time.monotonic()

    def __call__(self) -> datetime:
        """What time it is by now."""
        assert self._read, "the clock was never set"
        read, at = self._read
        return read + timedelta(seconds=time.monotonic() - at)


class Bell:
    """Waits for PostgreSQL's NOTIFY, which only shortens the sleep."""

    def __init__(self) -> None:
        self.listener: psycopg.Connection[Any] | None = None

    def wait(self, seconds: float) -> bool:
        """Until something is said, or so long; did a verb say anything?"""
        try:
            if self.listener is None or self.listener.closed:
                self.listener = self._connect()
            heard = {
                commits.verb(note.payload) for note in self.listener.notifies(timeout=seconds, stop_after=1)
            }
            return bool(heard - OUR_OWN)
        except psycopg.Error as error:
            log.warning("pager_cannot_listen", error=type(error).__name__)
            self.close()
            time.sleep(min(seconds, PAUSE))
            return True

    def _connect(self) -> "psycopg.Connection[Any]":
        listener = psycopg.connect(**commits.address(), autocommit=True)
        listener.execute(f"listen {commits.CHANNEL}")
        return listener

    def close(self) -> None:
        if self.listener is not None:
            self.listener.close()
            self.listener = None
