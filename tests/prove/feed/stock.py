"""The control: the consumer that Channels' own tutorial builds, one group for a stream, on Channels' own Redis layer.

Its frames and its HTTP side are Dido's; what a verb changed goes to the group by one group send after the commit.
Started by the zygote in the place of Dido's application.
"""

import json
import logging
import os
from typing import Any
from urllib.parse import parse_qs

os.environ["DJANGO_SETTINGS_MODULE"] = "tests.prove.feed.stock_settings"

from asgiref.sync import async_to_sync
from channels.db import database_sync_to_async
from channels.generic.websocket import AsyncWebsocketConsumer
from channels.layers import get_channel_layer
from channels.routing import ProtocolTypeRouter, URLRouter
from django.core.asgi import get_asgi_application
from django.urls import path

http = get_asgi_application()

from frontend import cards  # noqa: E402 the apps must be loaded first
from realtime import doorbell, reading  # noqa: E402
from realtime.models import Entry  # noqa: E402


def _group(stream: str) -> str:
    return "stock." + stream.replace(":", ".")


class StockConsumer(AsyncWebsocketConsumer):
    async def connect(self) -> None:
        asked = parse_qs(self.scope["query_string"].decode())
        self.group = _group(asked["stream"][0])
        await self.channel_layer.group_add(self.group, self.channel_name)
        await self.accept()
        place = await database_sync_to_async(reading.place)(asked["stream"][0], since=None, epoch=None)
        await self.send(json.dumps({"type": "hello", "epoch": place.epoch, "head": place.head}))

    async def board_event(self, event: dict[str, Any]) -> None:
        await self.send(event["text"])

    async def disconnect(self, code: int) -> None:
        await self.channel_layer.group_discard(self.group, self.channel_name)


def _send(positions: dict[str, int]) -> None:
    """In the place of the bell: what happened itself, to everybody, after the commit."""
    layer = get_channel_layer()
    assert layer is not None
    for stream, position in positions.items():
        for frame in cards.frames(stream, list(Entry.objects.filter(stream_id=stream, position=position))):
            async_to_sync(layer.group_send)(
                _group(stream), {"type": "board.event", "text": json.dumps(frame)}
            )


doorbell.ring = _send
logging.disable(logging.CRITICAL)  # it dies of Redis again and again
routes: list[Any] = [path("ws/feed/", StockConsumer.as_asgi())]  # type: ignore[arg-type]
application = ProtocolTypeRouter({"http": http, "websocket": URLRouter(routes)})
