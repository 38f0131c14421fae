"""The socket of one board: who may watch, from where, and the end of it. The tail does the sending.

The stream's events come from realtime.tail; nothing that a client sends over the socket changes anything.
"""

from dataclasses import replace
from datetime import datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

from channels.db import database_sync_to_async
from channels.generic.websocket import AsyncWebsocketConsumer
from django.conf import settings
from django.db import DatabaseError
from django.http.request import split_domain_port, validate_host
from django.utils import timezone

from network import people, permissions
from network.models import Person, Token
from realtime import feed, reading, tail
from realtime.reading import Ticket
from realtime.server import EXTENSION, Writer

SIGNED_OUT = 4401
NOT_ALLOWED = 4403
BAD_REQUEST = 4400
POLICY = 1008
MAX_FRAME = 4096  # bytes that a client may send in one frame; it has nothing to say
MAX_FRAMES = 20  # that a client may send at all


class FeedConsumer(AsyncWebsocketConsumer):
    """One socket on one stream."""

    channel_layer_alias = "none"  # the tail hears the bell for all; a socket must open with Redis dead too
    stream = ""
    position = 0
    ticket: Ticket
    writer: Writer | None = None
    joined = False
    heard = 0

    async def connect(self) -> None:
        extensions: Any = self.scope.get("extensions") or {}
        self.writer = extensions.get(EXTENSION)
        await self.accept()
        try:
            await self._begin()
        except DatabaseError:
            await self.dismiss("try_again", code=tail.TRY_AGAIN)

    async def _begin(self) -> None:
        asked = parse_qs(self.scope["query_string"].decode("latin-1"))
        self.stream = asked.get("stream", [""])[0]
        since, epoch = asked.get("since", [""])[0], asked.get("epoch", [None])[0]
        if since and not (since.isascii() and since.isdigit() and len(since) < 16):
            return await self.dismiss("bad_position", code=BAD_REQUEST)
        entered = await self._who()
        if entered is None:
            return await self.dismiss("signed_out", code=SIGNED_OUT)
        person, ticket = entered
        allowed, ends = await database_sync_to_async(_rights)(person, self.stream)
        self.ticket = replace(ticket, until=ends)
        if not allowed:
            return await self.dismiss("not_allowed", code=NOT_ALLOWED)
        hub = tail.here()
        if hub.held_by(person.pk) >= settings.FEED_SOCKETS_PER_PERSON:
            return await self.dismiss("too_many", code=POLICY)
        self.joined = True
        await hub.join(self, since=int(since) if since else None, epoch=epoch)
        return None

    async def _who(self) -> tuple[Person, Ticket] | None:
        headers = {name.lower(): value.decode("latin-1") for name, value in self.scope["headers"]}
        scheme, _, text = headers.get(b"authorization", "").partition(" ")
        if scheme.lower() == "bearer":
            return await database_sync_to_async(_by_token)(text.strip())
        user: Any = self.scope.get("user")
        session: Any = self.scope.get("session")
        if user is None or not user.is_authenticated or not _same_origin(headers):
            return None
        return user, Ticket(user.pk, user.access_epoch, session_key=session.session_key)

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None, **_: Any) -> None:
        self.heard += 1
        if len(text_data or bytes_data or "") > MAX_FRAME:
            await self.dismiss("frame_too_long", code=1009)
        elif self.heard > MAX_FRAMES:
            await self.dismiss("too_many_frames", code=POLICY)

    async def disconnect(self, code: int) -> None:  # noqa: ARG002 the name is Channels'
        if self.joined:
            tail.here().leave(self)

    async def push(self, text: str) -> None:
        """Write one frame."""
        await self.send(text_data=text)

    async def dismiss(self, reason: str, *, code: int = SIGNED_OUT) -> None:
        """Say why, and close."""
        await self.push(reading.encode({"type": "bye", "reason": reason}))
        await self.close(code=code)


def _rights(person: Person, key: str) -> tuple[bool, datetime | None]:
    """May this person watch the stream, and until when at the longest."""
    now = timezone.now()
    return key in feed.watchable(permissions.rights(person, at=now)), permissions.first_end(person, at=now)


def _by_token(text: str) -> tuple[Person, Ticket] | None:
    person = people.bearer(text)
    if person is None:
        return None
    token = Token.objects.get(digest=people.digest(text))
    return person, Ticket(person.pk, person.access_epoch, token_id=token.pk)


def _same_origin(headers: dict[bytes, str]) -> bool:
    """A browser's cookie counts only on a socket that our own page opened."""
    origin, host = urlsplit(headers.get(b"origin", "")), headers.get(b"host", "")
    domain, _ = split_domain_port(host)
    return bool(origin.netloc) and origin.netloc == host and validate_host(domain, settings.ALLOWED_HOSTS)
