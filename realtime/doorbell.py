"""Rings: tells the web processes that a stream has a new entry, through Redis.

The only sender on the channel layer. A ring carries a stream's key and position and nothing else, may be lost, and
never makes anybody wait: a thread of its own sends it, and a full queue drops it.
"""

import asyncio
import queue
import threading

import structlog
from channels.layers import get_channel_layer

log = structlog.get_logger(__name__)

GROUP = "feed"
PATIENCE = 2.0  # seconds that one ring may take before it is given up

_rings: queue.Queue[dict[str, int]] = queue.Queue(maxsize=1000)
_starting = threading.Lock()
_ringer: threading.Thread | None = None


def ring(positions: dict[str, int]) -> None:
    """Tell every web process; returns at once, whatever Redis does."""
    _start()
    try:
        _rings.put_nowait(positions)
    except queue.Full:
        log.warning("ring_dropped", waiting=_rings.qsize())


def _start() -> None:
    global _ringer  # noqa: PLW0603 one thread a process
    with _starting:
        if _ringer is None or not _ringer.is_alive():
            _ringer = threading.Thread(
                target=lambda: asyncio.run(_keep_ringing()), name="doorbell", daemon=True
            )
            _ringer.start()


async def _keep_ringing() -> None:
    layer = get_channel_layer()
    assert layer is not None, "settings name a channel layer"
    failing = False
    while True:
        positions = await asyncio.to_thread(_rings.get)
        while not _rings.empty():
            positions |= _rings.get_nowait()
        try:
            async with asyncio.timeout(PATIENCE):
                await layer.group_send(GROUP, {"type": "feed.ring", "streams": positions})
            failing = False
        except Exception as error:  # noqa: BLE001 a lost ring costs a second, a dead ringer costs every ring
            if not failing:
                log.warning("bell_unreachable", error=type(error).__name__)
            failing = True
