"""The ear of one process to Redis: hears who looks at what in the other processes, and the bell.

Used by the tail. The bell is heard where PostgreSQL's own is not (`commits`). What it does not hear costs a second: the
tail looks by itself. It reads no rows and sends nothing.
"""

import asyncio
from collections.abc import Callable, Mapping

import structlog
from channels.layers import get_channel_layer
from django.conf import settings

from realtime import doorbell

log = structlog.get_logger(__name__)

RETRY = 1.0  # seconds between two tries to hear


async def listen(*, ring: Callable[[Mapping[str, int]], None], told: Callable[[str], None]) -> None:
    """For ever: `ring` for each new position, `told` for each telling of who looks."""
    layer, deaf = get_channel_layer(), False
    assert layer is not None, "settings name a channel layer"
    while True:
        try:
            channel = await layer.new_channel()
            await layer.group_add(doorbell.PRESENCE, channel)
            if not settings.FEED_LISTENS:
                await layer.group_add(doorbell.RING, channel)
            deaf = False
            while True:
                message = await layer.receive(channel)
                if message["type"] == doorbell.PRESENCE:
                    told(message["said"])
                else:
                    ring(message["streams"])
        except asyncio.CancelledError:
            raise
        except Exception as error:  # noqa: BLE001 without a bell the tail reads once a second
            if not deaf:
                log.warning("bell_unheard", error=type(error).__name__)
            deaf = True
            await asyncio.sleep(RETRY)
