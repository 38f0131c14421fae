"""Whoever falls silent is asked, and ended where no answer comes; any word is an answer, and none is lost."""

import asyncio
import contextlib
from collections import Counter
from typing import Any

import pytest
from daphne.server import Server as Daphne
from daphne.server import WebSocketFactory
from twisted.internet.address import IPv4Address
from websockets.client import ClientProtocol
from websockets.frames import Frame
from websockets.uri import parse_uri

from realtime import pulse, server
from tests.realtime.transports import Transport


class Wire(Transport):
    """Says of itself what Daphne asks, which a pair of sockets does not know."""

    def getHost(self) -> IPv4Address:  # noqa: N802 Twisted's name
        return IPv4Address("TCP", "127.0.0.1", 8000)

    getPeer = getHost  # noqa: N815

    def setTcpNoDelay(self, enabled: bool) -> None:  # noqa: N802
        pass


class Line:
    """One socket of Daphne's own protocol, over a pair of sockets, and another library's client at its other end."""

    def __init__(self, served: server.Server) -> None:
        self.transport = Wire()
        self.client = ClientProtocol(parse_uri("ws://127.0.0.1/"))
        self.protocol = served.ws_factory.buildProtocol(None)
        self.protocol._raw_query_string = b""
        self.transport.protocol = self.protocol
        self.protocol.makeConnection(self.transport)
        self.client.send_request(self.client.connect())
        self.speak()

    def speak(self) -> None:
        """What the client has to say reaches the server."""
        for data in self.client.data_to_send():
            self.protocol.dataReceived(data)

    def listen(self) -> list[Frame]:
        """What the server has said since: whole frames."""
        if self.transport.waiting:
            self.transport.flush()
        self.transport.theirs.setblocking(False)
        with contextlib.suppress(BlockingIOError):
            self.client.receive_data(self.transport.theirs.recv(10_000))
        return [event for event in self.client.events_received() if isinstance(event, Frame)]

    def looks(self) -> list[str]:
        """Daphne looks after it; the kinds of frames that come of it."""
        self.protocol.check_timeouts()
        return [frame.opcode.name for frame in self.listen()]

    @property
    def is_open(self) -> bool:
        """Neither ended nor about to."""
        return bool(self.protocol.state == server.OPEN and not self.transport._aborting)


class Application:
    """Lets everybody in, and keeps what they say."""

    def __init__(self) -> None:
        self.let_in = asyncio.Event()
        self.said: asyncio.Queue[str | bytes] = asyncio.Queue()

    async def __call__(self, scope: object, receive: Any, send: Any) -> None:
        while (event := await receive())["type"] != "websocket.disconnect":
            if event["type"] == "websocket.connect":
                await send({"type": "websocket.accept"})
                self.let_in.set()
            else:
                self.said.put_nowait(event.get("text") or event["bytes"])

    async def has_heard(self, *words: str | bytes) -> None:
        """These, in this order, and nothing else."""
        async with asyncio.timeout(10):
            assert tuple([await self.said.get() for _ in words]) == words
        assert self.said.empty()


class Clock:
    """Wound by hand."""

    now = 1000.0

    def __call__(self) -> float:
        return self.now

    def wind(self, seconds: float) -> None:
        self.now += seconds


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()
    monkeypatch.setattr(pulse, "monotonic", made)
    return made


@pytest.fixture
async def served() -> Any:
    made = server.Server(application=Application(), endpoints=["tcp:port=0"])
    made.connections = {}
    made.ws_factory = WebSocketFactory(made, server="Dido")
    made.ws_factory.setProtocolOptions(autoPingTimeout=made.ping_timeout, allowNullOrigin=True)
    made._share_options()
    yield made
    for known in made.connections.values():
        if ours := known.get("application_instance"):
            ours.cancel()


@pytest.fixture
async def line(served: Any) -> Any:
    made = Line(served)
    async with asyncio.timeout(10):
        await served.application.let_in.wait()
    made.listen()
    yield made
    made.transport.end()


async def test_whoever_answers_is_asked_again_after_another_silence(line: Line, clock: Clock) -> None:
    clock.wind(pulse.SILENCE)
    line.looks()  # for the first time any time until now: they are spread
    for _ in range(3):
        line.speak()  # the other library answers by itself
        clock.wind(pulse.SILENCE - 1)
        assert line.looks() == []
        clock.wind(1)
        assert line.looks() == ["PING"]
        clock.wind(pulse.PATIENCE - 1)
        assert line.looks() == []
    assert line.is_open


async def test_whoever_does_not_answer_is_asked_once_and_then_ended(line: Line, clock: Clock) -> None:
    clock.wind(pulse.SILENCE)
    assert line.looks() == ["PING"]
    clock.wind(pulse.PATIENCE - 1)
    assert line.looks() == [] and line.is_open
    clock.wind(1)
    line.looks()
    assert not line.is_open


async def test_any_word_is_an_answer_and_reaches_the_application(
    line: Line, clock: Clock, served: Any
) -> None:
    clock.wind(pulse.SILENCE)
    assert line.looks() == ["PING"]
    line.client.data_to_send()  # its answer is lost
    line.client.send_text(b"a word")
    line.speak()
    clock.wind(pulse.PATIENCE)
    assert line.looks() == [] and line.is_open
    await served.application.has_heard("a word")


async def test_an_answer_amid_a_message_leaves_the_message_whole(line: Line, served: Any) -> None:
    line.client.send_text(b"one ", fin=False)
    line.speak()
    line.client.send_pong(b"")
    line.speak()
    line.client.send_continuation(b"message", fin=True)
    halves = b"".join(line.client.data_to_send())
    line.protocol.dataReceived(halves[:3])
    line.client.send_pong(b"")
    (answer,) = line.client.data_to_send()
    line.protocol.dataReceived(halves[3:] + answer)
    line.client.send_text(b"x" * 6)
    six = b"".join(line.client.data_to_send())
    line.protocol.dataReceived(six[:6])
    line.protocol.dataReceived(six[6:])
    await served.application.has_heard("one message", "x" * 6)


async def test_what_looks_like_an_answer_inside_a_message_stays_in_it(line: Line, served: Any) -> None:
    looks_like_one = pulse.PONG + bytes(4)
    line.protocol.dataReceived(b"\x82\x86" + bytes(4))  # a binary message of six bytes begins
    line.protocol.dataReceived(looks_like_one)
    line.protocol.dataReceived(
        b"\x82"
    )  # another; its length, ten, and its mask, which begins with 80, follow
    line.protocol.dataReceived(looks_like_one)
    line.protocol.dataReceived(b"x" * 9)
    await served.application.has_heard(looks_like_one, b"\x80" + b"xxx" + b"\xf8" + b"xxx" + b"\xf8x")


def test_those_who_came_together_are_not_asked_together(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Daphne, "create_application", lambda *_: None)
    served = server.Server(application=None, endpoints=["tcp:port=0"])
    came = [_somebody() for _ in range(1000)]
    for protocol in came:
        served.create_application(protocol, {"type": "websocket"})
    due = [protocol.heard + pulse.SILENCE for protocol in came]
    assert all(1000 <= moment <= 1000 + pulse.SILENCE for moment in due)
    looks = Counter(int(moment) // 2 for moment in due)  # Daphne looks every two seconds
    assert max(looks.values()) < 120


def _somebody() -> Any:
    made = pulse.Pulse()
    made.transport = None
    return made
