"""Daphne, with a writer for each socket: hands a finished frame to the kernel at once, the same bytes for everybody.

The writer reaches a consumer through `scope["extensions"]`, ASGI's own seam; under another server there is none, and
the consumer sends as usual. Started by `config.web`. Knows nothing of streams.
"""

from typing import Any

from daphne.server import Server as Daphne
from twisted.internet.tcp import Server as PlainTransport

EXTENSION = "dido.writer"
MOST_WAITING = 256 * 1024  # bytes that one slow reader may leave unread before it is dropped


class Writer:
    """One socket's way to the wire, past Twisted's reactor where nothing is waiting before it."""

    __slots__ = ("_protocol", "_socket", "_transport")

    def __init__(self, protocol: Any) -> None:
        self._protocol = protocol
        self._transport = protocol.transport
        self._socket = self._transport.getHandle()

    def write(self, frame: bytes) -> bool:
        """Send a finished frame, after whatever waits already; False where too much is waiting to be read."""
        transport = self._transport
        if self._protocol.state != self._protocol.STATE_OPEN or transport.disconnecting:
            return True  # it is going already
        waiting = len(transport.dataBuffer) - transport.offset + transport._tempDataLen
        if waiting > MOST_WAITING:
            return False
        if not waiting:
            try:
                sent = self._socket.send(frame)
            except (BlockingIOError, InterruptedError):
                sent = 0
            except OSError:
                return True  # Twisted notices by itself
            if sent == len(frame):
                return True
            frame = frame[sent:]
        transport.write(frame)
        return True


def frame(text: str) -> bytes:
    """A whole unmasked text frame (RFC 6455, section 5.2), as a server sends it."""
    payload = text.encode()
    length = len(payload)
    if length < 126:
        return bytes((0x81, length)) + payload
    if length < 1 << 16:
        return b"\x81\x7e" + length.to_bytes(2, "big") + payload
    return b"\x81\x7f" + length.to_bytes(8, "big") + payload


class Server(Daphne):  # type: ignore[misc]
    """Daphne whose WebSocket scopes carry a writer; not over TLS, where bytes must not pass the encryption by."""

    def create_application(self, protocol: Any, scope: dict[str, Any]) -> Any:
        if scope["type"] == "websocket" and type(protocol.transport) is PlainTransport:
            scope.setdefault("extensions", {})[EXTENSION] = Writer(protocol)
        return super().create_application(protocol, scope)
