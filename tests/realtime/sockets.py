"""Sockets on the feed as a browser or a program opens them, and people who do things meanwhile."""

import asyncio
import json
from collections.abc import Callable
from typing import Any

from channels.routing import URLRouter
from channels.testing import WebsocketCommunicator
from django.conf import settings
from django.db import connection
from django.test import Client

from network.models import Person
from realtime import routing
from tests.world import World

PATIENCE = 120  # seconds; a frame that is not there by then never comes
HOST = "testserver"
WALTON = "site:RET20"
application = URLRouter(routing.urlpatterns)


async def does[Done](deed: Callable[[], Done]) -> Done:
    """Do something over a connection of its own, beside the event loop."""

    def over_its_own_connection() -> Done:
        try:
            return deed()
        finally:
            connection.close()

    return await asyncio.to_thread(over_its_own_connection)


def session_of(person: Person) -> str:
    """The cookie of a new session."""
    client = Client()
    client.force_login(person)
    return client.cookies[settings.SESSION_COOKIE_NAME].value


def with_cookie(session: str, origin: str | None = f"http://{HOST}") -> dict[str, str]:
    headers = {"host": HOST, "cookie": f"{settings.SESSION_COOKIE_NAME}={session}"}
    return headers | ({"origin": origin} if origin else {})


def with_token(token: str) -> dict[str, str]:
    return {"host": HOST, "authorization": f"Bearer {token}"}


class Socket:
    """One open socket: what it was told, in order."""

    def __init__(self, query: str, headers: dict[str, str]) -> None:
        pairs = [(name.encode(), value.encode()) for name, value in headers.items()]
        self.wire = WebsocketCommunicator(application, f"/ws/feed/?{query}", headers=pairs)
        self.waiting: list[dict[str, Any]] = []

    async def open(self) -> "Socket":
        connected, _ = await self.wire.connect(timeout=PATIENCE)
        assert connected
        return self

    async def text(self) -> str:
        """The next text over the wire."""
        return str(await self.wire.receive_from(timeout=PATIENCE))

    async def frame(self) -> dict[str, Any]:
        """The next frame, also out of a list."""
        if not self.waiting:
            read = json.loads(await self.text())
            self.waiting = read if isinstance(read, list) else [read]
        return self.waiting.pop(0)

    async def next(self, kind: str) -> dict[str, Any]:
        """The next frame of this type; others before it are passed over."""
        while (frame := await self.frame())["type"] != kind:
            assert frame["type"] != "bye", frame
        return frame

    async def positions(self, until: int) -> list[int]:
        """The positions of the events that come, up to this one."""
        found: list[int] = []
        while not found or found[-1] < until:
            found.append((await self.next("event"))["position"])
        return found

    async def end(self) -> tuple[str, int]:
        """Why it was ended, and with which code."""
        frame = await self.frame()
        while frame["type"] != "bye":
            frame = await self.frame()
        closed = await self.wire.receive_output(timeout=PATIENCE)
        assert closed["type"] == "websocket.close"
        return frame["reason"], closed["code"]

    async def close(self) -> None:
        await self.wire.disconnect(timeout=PATIENCE)


async def watches(world: World, who: str = "ben", stream: str = WALTON, **query: Any) -> Socket:
    """This person's board, open, by a session of its own."""
    asked = "&".join(f"{name}={value}" for name, value in {"stream": stream, **query}.items())
    return await Socket(asked, with_cookie(await does(lambda: session_of(world.people[who])))).open()
