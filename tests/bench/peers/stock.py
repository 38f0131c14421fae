"""The peer: the consumer that Channels' own tutorial builds, one group send to every socket. For `make bench` alone.

Its HTTP side is Dido's; where BENCH names `group_send`, a verb's frame goes to the group after each POST.
"""

import json
import os
from typing import Any

from channels.generic.websocket import AsyncWebsocketConsumer
from channels.routing import ProtocolTypeRouter, URLRouter
from django.core.asgi import get_asgi_application
from django.urls import path

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
GROUP = "stock"
http = get_asgi_application()


class StockConsumer(AsyncWebsocketConsumer):
    async def connect(self) -> None:
        await self.channel_layer.group_add(GROUP, self.channel_name)
        await self.accept()
        await self.send(text_data=json.dumps({"type": "hello"}))

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None, **_: Any) -> None:
        event = {"type": "board.event", "frame": json.loads(text_data or "null")}
        await self.channel_layer.group_send(GROUP, event)

    async def board_event(self, event: dict[str, Any]) -> None:
        await self.send(text_data=json.dumps(event["frame"], separators=(",", ":")))

    async def disconnect(self, code: int) -> None:
        await self.channel_layer.group_discard(GROUP, self.channel_name)


routes: list[Any] = [path("ws/stock/", StockConsumer.as_asgi())]  # type: ignore[arg-type]
application = ProtocolTypeRouter({"http": http, "websocket": URLRouter(routes)})
