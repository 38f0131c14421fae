"""The peer: the least that a WebSocket application can do, a greeting without asking who it is. For `make bench` alone.

Served by Uvicorn on uvloop, with its fastest WebSocket implementation.
"""

from collections.abc import Awaitable, Callable
from typing import Any

Message = dict[str, Any]


async def application(
    scope: Message, receive: Callable[[], Awaitable[Message]], send: Callable[[Message], Awaitable[None]]
) -> None:
    """Accept, greet, and wait for the end."""
    if scope["type"] != "websocket":
        return
    while True:
        message = await receive()
        if message["type"] == "websocket.connect":
            await send({"type": "websocket.accept"})
            await send({"type": "websocket.send", "text": '{"type":"hello"}'})
        elif message["type"] == "websocket.disconnect":
            return
