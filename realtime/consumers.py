"""The socket of one screen: what it asks, who it says it is, and the end of it. The tail does the sending.

A plain ASGI application, because a screen that only listens needs no consumer's queues and tasks. Nothing that a client
sends over the socket changes anything.
"""

from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

from django.conf import settings
from django.db import DatabaseError
from django.http import parse_cookie
from django.http.request import split_domain_port, validate_host

from network import digits, people
from realtime import rendering, tail
from realtime.byes import BYES
from realtime.entering import Knock, Refused
from realtime.reading import Ticket
from realtime.server import EXTENSION, Writer

MAX_FRAME = 4096  # characters that a client may send in one frame; it has nothing to say
MAX_FRAMES = 20  # that a client may send at all

Message = dict[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]


async def feed(scope: dict[str, Any], receive: Receive, send: Send) -> None:
    """One socket on one stream, from its handshake to its end."""
    extensions = scope.get("extensions") or {}
    socket = Socket(send, extensions.get(EXTENSION))
    await receive()  # its connect
    await send({"type": "websocket.accept"})
    try:
        await socket.begin(scope)
        await socket.listen(receive)
    finally:
        tail.here().leave(socket)


class Socket:
    """One screen's end, as the tail sees it."""

    __slots__ = ("_send", "case", "ended", "position", "stream", "ticket", "writer")

    def __init__(self, send: Send, writer: Writer | None) -> None:
        self._send = send
        self.writer = writer
        self.stream = ""
        self.position = 0
        self.case: int | None = None
        self.ticket: Ticket
        self.ended = False

    async def begin(self, scope: dict[str, Any]) -> None:
        """Let the socket in, or say why not."""
        try:
            knock = _knock(scope)
            self.stream = knock.stream
            await tail.here().join(self, knock)
        except Refused as refused:
            await self.dismiss(str(refused))
        except DatabaseError:
            await self.dismiss("try_again")

    async def listen(self, receive: Receive) -> None:
        """Until it closes; whoever talks too much is closed."""
        heard = 0
        while (message := await receive())["type"] != "websocket.disconnect":
            heard += 1
            if self.ended:
                continue  # it was told so
            if len(message.get("text") or message.get("bytes") or "") > MAX_FRAME:
                await self.dismiss("frame_too_long")
            elif heard > MAX_FRAMES:
                await self.dismiss("too_many_frames")

    async def push(self, text: str) -> None:
        """Write one frame, the server's own way."""
        await self._send({"type": "websocket.send", "text": text})

    async def dismiss(self, reason: str) -> None:
        """Say why, and close."""
        self.ended = True
        await self.push(rendering.encode({"type": "bye", "reason": reason}))
        await self._send({"type": "websocket.close", "code": BYES[reason]})


def _knock(scope: dict[str, Any]) -> Knock:
    """What a handshake asks for. A token counts before a cookie; a cookie only on a socket that our own page opened."""
    asked = {name: values[0] for name, values in parse_qs(scope["query_string"].decode("latin-1")).items()}
    since = digits.whole(asked.get("since", ""), longest=15)
    if since is None and asked.get("since"):
        raise Refused("bad_position")
    headers = {name.lower(): value.decode("latin-1") for name, value in scope["headers"]}
    scheme, _, text = headers.get(b"authorization", "").partition(" ")
    token, session = "", ""
    if scheme.lower() == "bearer":
        token = people.digest(text.strip())
    elif _same_origin(headers):
        session = parse_cookie(headers.get(b"cookie", "")).get(settings.SESSION_COOKIE_NAME, "")
    return Knock(
        stream=asked.get("stream", ""),
        since=since,
        epoch=asked.get("epoch"),
        session_key=session,
        token=token,
        case=asked.get("case", ""),
    )


def _same_origin(headers: dict[bytes, str]) -> bool:
    origin, host = urlsplit(headers.get(b"origin", "")), headers.get(b"host", "")
    domain, _ = split_domain_port(host)
    return bool(origin.netloc) and origin.netloc == host and validate_host(domain, settings.ALLOWED_HOSTS)
