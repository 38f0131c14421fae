"""Daphne, with a writer for each socket: hands a finished frame to the kernel at once, the same bytes for everybody.

The writer reaches a socket through `scope["extensions"]`, ASGI's own seam; under another server there is none, and
frames are sent as usual. Started by `config.web`. Knows nothing of streams.
"""

import errno
import gc
from array import array
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import structlog
from autobahn.websocket.protocol import WebSocketProtocol
from daphne.server import Server as Daphne
from twisted.internet import reactor
from twisted.internet.tcp import Server as PlainTransport

from realtime import bodies, fan
from realtime.pulse import Pulse

log = structlog.get_logger(__name__)

EXTENSION = "dido.writer"
OPEN = WebSocketProtocol.STATE_OPEN
LATER = {errno.EAGAIN, errno.EWOULDBLOCK, errno.ENOBUFS, errno.ENOMEM}  # the kernel takes nothing just now
MOST_WAITING = 256 * 1024  # bytes that one slow reader may leave unread before it is dropped

_moves = 0  # of any socket of this process from one state to another, or to its end


class Writer:
    """One socket's way to the wire, past Twisted's reactor where nothing is waiting before it."""

    __slots__ = ("number", "protocol", "transport")

    def __init__(self, protocol: Any) -> None:
        self.protocol = protocol
        self.transport = protocol.transport
        self.number: Callable[[], int] = self.transport.getHandle().fileno  # -1 once it is closed
        self.transport._closeSocket = partial(_closes, self.transport._closeSocket)

    def write(self, frame: bytes) -> bool:
        """Send a finished frame, after whatever waits already; False where too much is waiting to be read."""
        return not Bundle([self]).write(frame)

    def is_free(self) -> bool:
        """Does nothing wait here, and is nothing about to end?"""
        transport = self.transport
        waits = transport.dataBuffer or transport._tempDataLen
        ends = transport.disconnecting or not transport.connected
        return not (waits or ends) and self.protocol.state == OPEN

    def wait(self, frame: bytes) -> bool:
        """Send it when what is before it has left; False where that is too much."""
        global _moves  # noqa: PLW0603 as in State
        transport = self.transport
        if transport.disconnecting or not transport.connected or self.protocol.state != OPEN:
            return True
        if len(transport.dataBuffer) - transport.offset + transport._tempDataLen > MOST_WAITING:
            return False
        try:
            transport.write(frame)
        except Exception as error:  # noqa: BLE001 nothing may follow a frame that was cut, and the others go on
            log.error("socket_aborted", error=type(error).__name__)
            _moves += 1
            transport.abortConnection()
        return True


class Bundle:
    """Sockets that get the same frames.

    To look at each of a thousand before each frame costs as much as the sending. A socket that is not free is one whose
    state has moved, or among those that Twisted has something to write to: where neither is so, none is looked at, and
    their numbers are still theirs.
    """

    __slots__ = ("_free_as_of", "_numbers", "_transports", "writers")

    def __init__(self, writers: Sequence[Writer]) -> None:
        self.writers = writers
        self._numbers = array("i")
        self._transports = frozenset(writer.transport for writer in writers)
        self._free_as_of = -1  # the count of moves at which all of them were free

    def write(self, frame: bytes) -> list[int]:
        """Send a finished frame to each, after whatever waits there; the places of those with too much waiting."""
        if self._free_as_of == _moves and self._transports.isdisjoint(reactor.getWriters()):  # type: ignore[misc]
            self._out(self.writers, self._numbers, frame)
            return []
        before = _moves
        slow, free = [], []
        for place, writer in enumerate(self.writers):
            if writer.is_free():
                free.append(writer)
            elif not writer.wait(frame):
                slow.append(place)
        numbers = array("i", [writer.number() for writer in free])
        if len(free) == len(self.writers):
            self._numbers, self._free_as_of = numbers, before
        self._out(free, numbers, frame)
        return slow

    def _out(self, free: Sequence[Writer], numbers: "array[int]", frame: bytes) -> None:
        for place, went in fan.out(numbers, frame).items():
            if went >= 0 or -went in LATER:  # of the others Twisted hears by itself
                free[place].wait(frame[max(went, 0) :])


class Frame:
    """What many sockets get: encoded once, and the same bytes for all."""

    __slots__ = ("text", "wire")

    def __init__(self, text: str) -> None:
        self.text = text
        self.wire = frame(text)


def frame(text: str) -> bytes:
    """A whole unmasked text frame (RFC 6455, section 5.2), as a server sends it."""
    payload = text.encode()
    length = len(payload)
    if length < 126:
        return bytes((0x81, length)) + payload
    if length < 1 << 16:
        return b"\x81\x7e" + length.to_bytes(2, "big") + payload
    return b"\x81\x7f" + length.to_bytes(8, "big") + payload


def closing(code: int) -> bytes:
    """A whole unmasked close frame with this code."""
    return b"\x88\x02" + code.to_bytes(2, "big")


_last_deeds: list[Callable[[], None]] = []


def at_the_end(deed: Callable[[], None]) -> None:
    """Do this when a server of this process is asked to end, while its sockets are still open."""
    _last_deeds.append(deed)


def settle() -> None:
    """From now on what stays for ever is not looked through again by the garbage collector.

    A full collection of all that Django loads stops every screen for a tenth of a second or more.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 10, 5)


class Server(Daphne):  # type: ignore[misc]
    """Daphne whose WebSocket scopes carry a writer; not over TLS, where bytes must not pass the encryption by."""

    def run(self) -> None:
        for deed in _last_deeds:
            reactor.addSystemEventTrigger("before", "shutdown", deed)  # type: ignore[arg-type]
        reactor.callWhenRunning(self._settle)
        super().run()

    def _settle(self) -> None:
        """Before the first socket."""
        self._share_options()
        bodies.limit(self.http_factory)
        settle()

    def _share_options(self) -> None:
        """Keep the protocol's options once for all sockets.

        Autobahn copies some thirty into each new one and formats them for a log that nobody reads: a quarter of the
        time of a handshake, and a kilobyte for as long as the socket lives.
        """
        factory = self.ws_factory
        options = {name: _unbound(getattr(factory, name)) for name in factory.protocol.CONFIG_ATTRS}
        own = {**options, "CONFIG_ATTRS": (), "serverClose": _close, "state": State()}
        factory.protocol = type("Socket", (Pulse, factory.protocol), own)

    def log_action(self, protocol: str, action: str, details: Any) -> None:
        if action != "connecting":  # a second later it is "connected", or "rejected"
            super().log_action(protocol, action, details)

    def create_application(self, protocol: Any, scope: dict[str, Any]) -> Any:
        if scope["type"] == "websocket":
            protocol.begin()
            if type(protocol.transport) is PlainTransport:
                protocol.writer = scope.setdefault("extensions", {})[EXTENSION] = Writer(protocol)
        return super().create_application(protocol, scope)


def _closes(close: Callable[..., None], *how: Any) -> None:
    """A socket is closed, whatever its protocol makes of it: its number may be another's a moment later.

    Twisted does it here and nowhere else, and nothing of ours runs between.
    """
    global _moves  # noqa: PLW0603 as in State
    _moves += 1
    close(*how)


class State:
    """A protocol's state, each move of which is counted: Autobahn has it move before a socket ends in any way."""

    def __set__(self, protocol: Any, state: int) -> None:  # it is read from where this puts it
        global _moves  # noqa: PLW0603 one count for all sockets of the process
        _moves += 1
        vars(protocol)["state"] = state


def _close(protocol: Any, code: int | None = None) -> None:
    """Close with any code of RFC 6455 (section 7.4.1): Autobahn's own way refuses a server's 1008, 1009 and 1013."""
    protocol.sendCloseFrame(code=1000 if code is None else code)


def _unbound(option: Any) -> Any:
    """A function among the options is not to become a method of the socket."""
    return staticmethod(option) if callable(option) else option
