"""The prepared frame: right at every length, sent at once where nothing waits, and never piled up for a slow reader."""

import contextlib
import json
import shutil
import socket
from typing import Any

import pytest
from websockets.frames import Frame
from websockets.streams import StreamReader

from realtime import client, delivery, fan, server, tail
from realtime.reading import Ticket
from realtime.rendering import Rendered
from realtime.server import Writer

STREAM = "site:RET20"
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


@pytest.mark.parametrize("length", [0, 1, 125, 126, 127, 65_535, 65_536, 200_000])
def test_a_frame_of_any_length_is_read_by_another_library(length: int) -> None:
    read = parse(server.frame("x" * length))
    assert (read.opcode.name, read.fin, len(read.data)) == ("TEXT", True, length)


def test_a_frame_counts_bytes_and_not_letters() -> None:
    assert bytes(parse(server.frame("é→" * 60)).data) == ("é→" * 60).encode()


class Transport:
    """What Twisted's transport shows of itself, over a real socket."""

    def __init__(self) -> None:
        self.ours, self.theirs = socket.socketpair()
        self.ours.setblocking(False)
        self.dataBuffer, self.offset, self._tempDataLen = b"", 0, 0
        self.disconnecting = False
        self.written: list[bytes] = []

    def getHandle(self) -> socket.socket:  # noqa: N802 Twisted's name
        return self.ours

    def write(self, data: bytes) -> None:
        self.written.append(data)
        self._tempDataLen += len(data)

    def close(self) -> None:
        self.ours.close()
        self.theirs.close()


class Protocol:
    STATE_OPEN = 3

    def __init__(self, transport: Transport) -> None:
        self.transport = transport
        self.state = self.STATE_OPEN


class Board:
    """A socket with a writer."""

    stream = STREAM
    ticket = Ticket(1, 1)
    case: int | None = None

    def __init__(self, writer: Writer) -> None:
        self.position = 0
        self.writer: Writer | None = writer
        self.ended: list[str] = []

    async def push(self, text: str) -> None:
        raise AssertionError("a socket with a writer is not sent to in the slow way")

    async def dismiss(self, reason: str) -> None:
        self.ended.append(reason)


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
        transport.close()


async def test_a_frame_goes_to_the_kernel_at_once_where_nothing_waits(transports: list[Transport]) -> None:
    wire = server.frame("hello")
    assert Writer(Protocol(transports[0])).write(wire)
    assert transports[0].theirs.recv(100) == wire
    assert not transports[0].written


async def test_a_frame_waits_behind_what_waits_already(transports: list[Transport]) -> None:
    transports[0]._tempDataLen = 10
    assert Writer(Protocol(transports[0])).write(server.frame("later"))
    assert transports[0].written == [server.frame("later")]


async def test_a_frame_that_the_kernel_takes_in_part_is_finished_by_the_transport(
    transports: list[Transport],
) -> None:
    wire = server.frame("x" * 10_000_000)
    assert Writer(Protocol(transports[0])).write(wire)
    (rest,) = transports[0].written
    assert 0 < len(rest) < len(wire)
    assert wire.endswith(rest)


async def test_one_frame_goes_to_all_and_those_with_too_much_waiting_are_named(
    transports: list[Transport],
) -> None:
    third, gone = Transport(), Transport()
    transports[0]._tempDataLen = server.MOST_WAITING + 1
    gone.theirs.close()
    writers = [Writer(Protocol(one)) for one in (*transports, third, gone)]
    third.ours.close()  # its number is -1 now, and nobody's who comes after it
    newcomer = socket.socket()
    wire = server.frame("to all")
    assert server.write_to_all(writers, wire) == [0]
    assert transports[1].theirs.recv(100) == wire
    assert not third.written and not gone.written, "Twisted hears of it by itself"
    for one in (newcomer, third.theirs, gone.ours):
        one.close()


async def test_whom_the_kernel_takes_nothing_from_gets_the_whole_frame_later(
    transports: list[Transport],
) -> None:
    with contextlib.suppress(BlockingIOError):
        while True:
            transports[0].ours.send(b"x" * 100_000)
    wire = server.frame("late")
    assert server.write_to_all([Writer(Protocol(one)) for one in transports], wire) == []
    assert transports[0].written == [wire]
    assert transports[1].theirs.recv(100) == wire


async def test_a_fault_of_the_sending_loses_no_event(
    transports: list[Transport], monkeypatch: pytest.MonkeyPatch
) -> None:
    boards = {Board(Writer(Protocol(transport))) for transport in transports}
    hub = tail.Hub()
    hub.positions[STREAM], hub.epochs[STREAM], hub.watchers[STREAM] = 0, "", set(boards)
    monkeypatch.setattr(fan, "out", lambda *_: 1 / 0)
    await hub._deliver(STREAM, [Rendered(1, "1")])
    assert [board.ended for board in boards] == [["slow"], ["slow"]], (
        "each comes back and resumes where it was"
    )
    assert STREAM not in hub.watchers


async def test_a_transport_that_fails_in_the_middle_of_a_frame_is_cut_and_holds_up_nobody(
    transports: list[Transport], monkeypatch: pytest.MonkeyPatch
) -> None:
    aborted: list[bool] = []

    def broken(_data: bytes) -> None:
        raise OSError("no more watches")

    monkeypatch.setattr(transports[0], "write", broken)
    monkeypatch.setattr(transports[0], "abortConnection", lambda: aborted.append(True), raising=False)
    wire = server.frame("x" * 10_000_000)
    assert server.write_to_all([Writer(Protocol(one)) for one in transports], wire) == []
    assert aborted == [True]
    (rest,) = transports[1].written
    assert wire.endswith(rest)


async def test_who_came_while_the_last_board_left_hears_nothing_old(transports: list[Transport]) -> None:
    newcomer = Board(Writer(Protocol(transports[0])))
    newcomer.position = 20
    hub = tail.Hub()
    hub.positions[STREAM], hub.watchers[STREAM] = 20, {newcomer}
    await hub._deliver(STREAM, [Rendered(number, str(number)) for number in range(11, 16)])
    assert hub.positions[STREAM] == 20
    await hub._deliver(STREAM, [Rendered(number, str(number)) for number in range(19, 22)])
    assert parse(transports[0].theirs.recv(100)).data == b"21"


async def test_a_slow_reader_is_dropped_to_resume_and_holds_up_nobody(transports: list[Transport]) -> None:
    slow, quick = (Board(Writer(Protocol(transport))) for transport in transports)
    transports[0]._tempDataLen = server.MOST_WAITING + 1
    hub = tail.Hub()
    hub.positions[STREAM] = 0
    hub.watchers[STREAM] = {slow, quick}
    await hub._deliver(STREAM, [Rendered(1, '{"position":1}')])
    assert slow.ended == ["slow"]
    assert not transports[0].written
    assert hub.watchers[STREAM] == {quick}
    assert parse(transports[1].theirs.recv(1000)).data == b'{"position":1}'


async def test_who_is_ahead_of_the_tail_gets_only_what_is_new_to_them(transports: list[Transport]) -> None:
    behind, ahead = (Board(Writer(Protocol(transport))) for transport in transports)
    ahead.position = 1
    hub = tail.Hub()
    hub.positions[STREAM] = 0
    hub.watchers[STREAM] = {behind, ahead}
    await hub._deliver(STREAM, [Rendered(1, "1"), Rendered(2, "2")])
    assert parse(transports[0].theirs.recv(100)).data == b"[1,2]"
    assert parse(transports[1].theirs.recv(100)).data == b"2"


async def test_a_server_that_ends_asks_everybody_to_come_back_at_a_moment_of_their_own(
    transports: list[Transport],
) -> None:
    hub = tail.Hub()
    hub.watchers[STREAM] = {Board(Writer(Protocol(transport))) for transport in transports}
    hub.farewell()
    for transport in transports:
        said = transport.theirs.recv(1000)
        bye, close = said[:-4], said[-4:]
        told = json.loads(bytes(parse(bye).data))
        assert told == {"type": "bye", "reason": "restart", "after": 1 + 2 / delivery.RETURNING}
        assert parse(close).opcode.name == "CLOSE"
        assert int.from_bytes(parse(close).data, "big") == 1012


def test_nobody_is_asked_to_come_back_so_late_that_their_screen_says_not_live() -> None:
    assert client.LONGEST_WAIT <= delivery.LONGEST_RETURN < client.SILENCE / 1.5
