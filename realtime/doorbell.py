"""Rings: tells the web processes through Redis that a stream has a new entry, and who looks at what.

The only sender on the channel layer. A ring carries a stream's key and position, a telling ids alone; both may be
lost, and never make anybody wait: a thread of its own sends them, and a full queue drops them. PostgreSQL has rung
by then (`commits`); this bell is for processes that cannot hear that one.
"""

import asyncio
import queue
import threading
import time
from typing import Any

import structlog
from channels.layers import get_channel_layer

log = structlog.get_logger(__name__)

RING, PRESENCE = "feed.ring", "feed.presence"  # the kinds of message, and the group that each goes to
PATIENCE = 2.0  # seconds that one sending may take before it is given up
REST = 0.1  # seconds between two; what a busy night brings meanwhile is one ring, for who rings and for who hears it

_waiting: queue.Queue[dict[str, Any]] = queue.Queue(maxsize=1000)
_starting = threading.Lock()
_ringer: threading.Thread | None = None


def ring(positions: dict[str, int]) -> None:
    """Tell every web process of these positions; returns at once, whatever Redis does."""
    _put({"type": RING, "streams": positions})


def tell(message: str) -> None:
    """Tell every web process who looks at what in this one; returns at once too."""
    _put({"type": PRESENCE, "said": message})


def _put(message: dict[str, Any]) -> None:
    _start()
    try:
        _waiting.put_nowait(message)
    except queue.Full:
        log.warning("ring_dropped", waiting=_waiting.qsize())


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
        try:
            for message in _gathered(_waiting.get()):
                loop.run_until_complete(_send(message))
            failing = False
            time.sleep(REST)
        except Exception as error:  # noqa: BLE001 a lost ring costs a second, a dead ringer costs every ring
            if not failing:
                log.warning("bell_unreachable", error=type(error).__name__)
            failing = True


def _gathered(first: dict[str, Any]) -> list[dict[str, Any]]:
    """What waits, as one ring before one telling: of each stream the furthest, of tellings the last."""
    waiting = [first]
    while not _waiting.empty():
        waiting.append(_waiting.get_nowait())
    positions: dict[str, int] = {}
    for message in waiting:
        for key, position in message.get("streams", {}).items():
            positions[key] = max(
                position, positions.get(key, 0)
            )  # two threads may put theirs in either order
    rings: list[dict[str, Any]] = [{"type": RING, "streams": positions}] if positions else []
    return rings + [message for message in waiting if message["type"] == PRESENCE][-1:]


async def _send(message: dict[str, Any]) -> None:
    layer = get_channel_layer()
    assert layer is not None, "settings name a channel layer"
    async with asyncio.timeout(PATIENCE):
        await layer.group_send(message["type"], message)
