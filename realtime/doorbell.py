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
            _ringer = threading.Thread(target=_keep_ringing, name="doorbell", daemon=True)
            _ringer.start()


def _keep_ringing() -> None:
    """The thread itself waits for rings: a worker of the event loop would hold up the end of the process."""
    loop = asyncio.new_event_loop()
    failing = False
    while True:
        positions = _rings.get()
        while not _rings.empty():
            positions |= _rings.get_nowait()
        try:
            loop.run_until_complete(_send(positions))
            failing = False
        except Exception as error:  # noqa: BLE001 a lost ring costs a second, a dead ringer costs every ring
            if not failing:
                log.warning("bell_unreachable", error=type(error).__name__)
            failing = True


async def _send(positions: dict[str, int]) -> None:
    layer = get_channel_layer()
    assert layer is not None, "settings name a channel layer"
    async with asyncio.timeout(PATIENCE):
        await layer.group_send(GROUP, {"type": "feed.ring", "streams": positions})
