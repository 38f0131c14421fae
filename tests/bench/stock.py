"""The peer: the consumer that Channels' own tutorial builds, one group send to every socket. For `make bench` alone."""

import json
import os
from typing import Any

from channels.generic.websocket import AsyncWebsocketConsumer
from channels.routing import ProtocolTypeRouter, URLRouter
from django.core.asgi import get_asgi_application
from django.urls import path

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
http = get_asgi_application()
GROUP = "stock"


class StockConsumer(AsyncWebsocketConsumer):
    async def connect(self) -> None:
        await self.channel_layer.group_add(GROUP, self.channel_name)
        await self.accept()
        await self.send(text_data=json.dumps({"type": "hello"}))

    async def board_event(self, event: dict[str, Any]) -> None:
        await self.send(text_data=json.dumps(event["frame"]))

    async def disconnect(self, code: int) -> None:
        await self.channel_layer.group_discard(GROUP, self.channel_name)


routes: list[Any] = [path("ws/stock/", StockConsumer.as_asgi())]  # type: ignore[arg-type]
application = ProtocolTypeRouter({"http": http, "websocket": URLRouter(routes)})
