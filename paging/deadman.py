"""The outside dead-man's switch: an HTTP ping after a clean tick, so that somebody else notices when none comes.

Called by the pager's process alone. The ping leaves on a thread of its own and is never waited for; what is watched
at the other end is its absence.
"""

import threading
from datetime import datetime, timedelta

import requests
import structlog

log = structlog.get_logger(__name__)

EVERY = timedelta(seconds=20)
TIMEOUT = 5.0  # seconds


class Deadman:
    """Pings one address, at most every 20 s, and never two at a time."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._last: datetime | None = None
        self._pinging: threading.Thread | None = None

    def clean_tick(self, *, now: datetime) -> None:
        """A whole tick has just ended without a fault."""
        if not self.url or (self._last is not None and now - self._last < EVERY):
            return
        if self._pinging is not None and self._pinging.is_alive():
            return
        self._last = now
        self._pinging = threading.Thread(target=self._ping, name="deadman", daemon=True)
        self._pinging.start()

    def _ping(self) -> None:
        try:
            requests.get(self.url, timeout=TIMEOUT).raise_for_status()
        except requests.RequestException as error:
            log.warning("deadman_unreachable", error=type(error).__name__)
