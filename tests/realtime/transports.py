"""Twisted's own transports over pairs of sockets, with a reactor that does not run, and the frames that come out."""

import contextlib
import shutil
import socket
from collections.abc import Iterable
from typing import Any, cast

import pytest
from twisted.internet import reactor, tcp
from twisted.internet.error import ConnectionDone
from twisted.python.failure import Failure
from websockets.frames import Frame
from websockets.streams import StreamReader

from realtime import fan, server
from realtime.server import Bundle, Writer

WAYS = ["one by one", *(["by a few lines of C"] if shutil.which("cc") else [])]


def parse(wire: bytes) -> Frame:
    """The frame that another library reads from these bytes."""
    stream = StreamReader()
    stream.feed_data(wire)
    reading = Frame.parse(stream.read_exact, mask=False)
    try:
        next(reading)
    except StopIteration as done:
        assert not stream.buffer, "bytes are left over"
        return done.value
    raise AssertionError("the frame is not whole")


class Protocol:
    """What Autobahn's protocol shows of itself."""

    state = server.State()

    def __init__(self) -> None:
        self.transport: Any = None
        self.state = server.OPEN

    def connectionLost(self, _reason: object) -> None:  # noqa: N802 Twisted's name
        self.state = 0


class Transport(tcp.Server):
    """Twisted's own, over a pair of sockets, with a reactor that does not run: what waits stays until we let it go."""

    def __init__(self) -> None:
        ours, self.theirs = socket.socketpair()
        ours.setblocking(False)
        protocol: Any = Protocol()
        nobody, loop = cast("Any", None), cast("Any", reactor)
        super().__init__(ours, protocol, ("127.0.0.1", 0), nobody, 0, loop)
        protocol.transport = self
        self.writer = Writer(protocol)

    @property
    def waiting(self) -> bytes:
        return bytes(self.dataBuffer[self.offset :]) + b"".join(self._tempDataBuffer)

    def fill(self) -> None:
        """Until the kernel takes nothing more."""
        with contextlib.suppress(BlockingIOError):
            while True:
                self.socket.send(b"x" * 100_000)

    def put(self, data: bytes) -> None:
        """As Autobahn writes: it waits for the reactor."""
        self.write(data)  # type: ignore[no-untyped-call]

    def flush(self) -> None:
        """What the reactor does when the socket takes more."""
        self.doWrite()  # type: ignore[no-untyped-call]

    def lose(self) -> None:
        """Closed as soon as nothing waits."""
        self.loseConnection()  # type: ignore[no-untyped-call]

    def die(self) -> None:
        """Closed now."""
        self.connectionLost(Failure(ConnectionDone()))  # type: ignore[no-untyped-call]

    def die_unheard(self) -> None:
        """The same by a way that was known before the writer was made; and its protocol's state stays what it was."""
        cast("Any", self.protocol).connectionLost = lambda _reason: None
        tcp.Server.connectionLost(self, Failure(ConnectionDone()))  # type: ignore[no-untyped-call]

    def end(self) -> None:
        """Both ends."""
        self.die()
        self.theirs.close()


@pytest.fixture(params=WAYS)
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """How frames leave: both must do the same."""
    if request.param == "one by one":
        monkeypatch.setattr(fan, "FAN", None)
    else:
        assert fan.FAN is not None, "make has used the C compiler of this machine"


@pytest.fixture
def transports(way: None) -> Any:
    made = [Transport(), Transport()]
    yield made
    for transport in made:
        transport.end()


def bundle(transports: Iterable[Transport]) -> Bundle:
    return Bundle([transport.writer for transport in transports])
