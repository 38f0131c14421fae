"""A WebSocket for thousands of reference clients in one process: what `websockets` does, at a tenth of the cost.

It only reads, answers pings, and can be stopped as a frozen reader is. For proofs alone; a program takes `websockets`.
"""

import asyncio
import os
import socket
import struct
from collections import deque
from collections.abc import Callable, Mapping

WHOSE = "X-Line"  # the header that tells a relay whose line it is
SEGMENT = 1400  # bytes, as on a real network: the kernel keeps so many of these for whoever does not read
TEXT, CLOSE, PING, PONG = 1, 8, 9, 10

Heard = Callable[[str], None]


def _to_nobody(_: str) -> None:
    return None


class Wire(asyncio.Protocol):
    """One connection; also the Connection of the reference client."""

    def __init__(self, heard: Heard = _to_nobody) -> None:
        self.opened: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.transport: asyncio.Transport
        self._heard = heard
        self._unread = bytearray()
        self._texts: deque[str] = deque()
        self._waiting: asyncio.Future[None] | None = None
        self._over = False
        self._frozen = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport

    def connection_lost(self, exc: Exception | None) -> None:
        self._over = True
        if not self.opened.done():
            self.opened.set_exception(ConnectionError("closed before it was open"))
            self.opened.exception()  # whoever waited may have gone
        self._wake()

    def eof_received(self) -> bool:
        return False

    def data_received(self, data: bytes) -> None:
        self._unread += data
        if not self.opened.done():
            self._greet()
        if self.opened.done():
            self._take()

    def _greet(self) -> None:
        head, found, rest = bytes(self._unread).partition(b"\r\n\r\n")
        if not found:
            return
        if b" 101 " not in head.partition(b"\r\n")[0]:
            self.transport.abort()
            return
        self._unread = bytearray(rest)
        self.opened.set_result(None)

    def _take(self) -> None:
        """Every whole frame; the server masks none and divides none (RFC 6455, section 5.2)."""
        unread, at = self._unread, 0
        while len(unread) - at >= 2:
            length, begins = unread[at + 1], at + 2
            if length == 126:
                length, begins = int.from_bytes(unread[at + 2 : at + 4], "big"), at + 4
            elif length == 127:
                length, begins = int.from_bytes(unread[at + 2 : at + 10], "big"), at + 10
            if len(unread) < begins + length or begins > len(unread):
                break
            self._frame(unread[at] & 0x0F, bytes(unread[begins : begins + length]))
            at = begins + length
        del unread[:at]

    def _frame(self, kind: int, payload: bytes) -> None:
        if kind == TEXT:
            text = payload.decode()
            self._heard(text)
            self._texts.append(text)
            self._wake()
        elif kind == PING:
            self.transport.write(_masked(PONG, payload))
        elif kind == CLOSE:
            self.transport.close()

    def _wake(self) -> None:
        if self._waiting and not self._waiting.done():
            self._waiting.set_result(None)

    async def recv(self) -> str:
        """The next text; ConnectionError where there will be none."""
        while self._frozen or not self._texts:
            if self._over and not self._frozen:
                raise ConnectionError("closed")
            self._waiting = asyncio.get_running_loop().create_future()
            await self._waiting
        return self._texts.popleft()

    async def close(self) -> None:
        """Say goodbye and wait for nobody."""
        self.transport.write(_masked(CLOSE, struct.pack(">H", 1000)))
        self.transport.close()

    def cut(self) -> None:
        """Away, without a word."""
        self.transport.abort()

    def freeze(self) -> None:
        """Read nothing more: what comes stays in the machine."""
        self._frozen = True
        if not self.transport.is_closing():
            self.transport.pause_reading()

    def thaw(self) -> None:
        """Go on where it stood."""
        self._frozen = False
        if not self.transport.is_closing():
            self.transport.resume_reading()
        self._wake()


def _masked(kind: int, payload: bytes) -> bytes:
    mask = os.urandom(4)
    return (
        bytes((0x80 | kind, 0x80 | len(payload)))
        + mask
        + bytes(b ^ mask[n % 4] for n, b in enumerate(payload))
    )


async def reached(port: int, *, room: int = 0) -> socket.socket:
    """A connection to this port of the loopback; with `room`, the bytes that the kernel keeps of what nobody reads."""
    made = socket.socket()
    if room:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, room)
        made.setsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG, SEGMENT)
    made.setblocking(False)
    try:
        await asyncio.get_running_loop().sock_connect(made, ("127.0.0.1", port))
    except BaseException:
        made.close()
        raise
    return made


async def opened(
    port: int, query: str, headers: Mapping[str, str], heard: Heard = _to_nobody, *, room: int = 0
) -> Wire:
    """An open socket of the feed at this port of the loopback."""
    loop = asyncio.get_running_loop()
    _, wire = await loop.create_connection(lambda: Wire(heard), sock=await reached(port, room=room))
    said = {
        "Host": f"127.0.0.1:{port}",
        "Upgrade": "websocket",
        "Connection": "Upgrade",
        "Sec-WebSocket-Key": "ZGlkbyBwcm92ZXMgaXRzIQ==",
        "Sec-WebSocket-Version": "13",
        **headers,
    }
    lines = "".join(f"{name}: {value}\r\n" for name, value in said.items())
    wire.transport.write(f"GET /ws/feed/?{query} HTTP/1.1\r\n{lines}\r\n".encode())
    try:
        await wire.opened
    except BaseException:
        wire.cut()
        raise
    return wire
