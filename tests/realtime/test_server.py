"""The prepared frame: right at every length, sent at once where nothing waits, and never piled up for a slow reader."""

import contextlib
import socket
from collections.abc import Callable

import pytest

from realtime import server
from realtime.server import Bundle, Writer
from tests.realtime.transports import Transport, bundle, parse


@pytest.mark.parametrize("length", [0, 1, 125, 126, 127, 65_535, 65_536, 200_000])
def test_a_frame_of_any_length_is_read_by_another_library(length: int) -> None:
    read = parse(server.frame("x" * length))
    assert (read.opcode.name, read.fin, len(read.data)) == ("TEXT", True, length)


def test_a_frame_counts_bytes_and_not_letters() -> None:
    assert bytes(parse(server.frame("é→" * 60)).data) == ("é→" * 60).encode()


async def test_a_frame_goes_to_the_kernel_at_once_where_nothing_waits(transports: list[Transport]) -> None:
    wire = server.frame("hello")
    assert transports[0].writer.write(wire)
    assert transports[0].theirs.recv(100) == wire
    assert not transports[0].waiting


async def test_a_frame_waits_behind_what_waits_already(transports: list[Transport]) -> None:
    transports[0].put(b"first")
    assert transports[0].writer.write(server.frame("later"))
    assert transports[0].waiting == b"first" + server.frame("later")


async def test_a_frame_that_the_kernel_takes_in_part_is_finished_by_the_transport(
    transports: list[Transport],
) -> None:
    wire = server.frame("x" * 10_000_000)
    assert transports[0].writer.write(wire)
    assert 0 < len(transports[0].waiting) < len(wire)
    assert wire.endswith(transports[0].waiting)


async def test_one_frame_goes_to_all_and_those_with_too_much_waiting_are_named(
    transports: list[Transport],
) -> None:
    third, gone = Transport(), Transport()
    transports[0].put(b"x" * (server.MOST_WAITING + 1))
    gone.theirs.close()
    writers = bundle((*transports, third, gone))
    third.socket.close()  # its number is -1 now, and nobody's who comes after it
    newcomer = socket.socket()
    wire = server.frame("to all")
    assert writers.write(wire) == [0]
    assert transports[1].theirs.recv(100) == wire
    assert not third.waiting and not gone.waiting, "Twisted hears of it by itself"
    for one in (newcomer, third, gone):
        one.close() if isinstance(one, socket.socket) else one.end()


async def test_whom_the_kernel_takes_nothing_from_gets_the_whole_frame_later(
    transports: list[Transport],
) -> None:
    transports[0].fill()
    wire = server.frame("late")
    assert bundle(transports).write(wire) == []
    assert transports[0].waiting == wire
    assert transports[1].theirs.recv(100) == wire


@pytest.fixture
def known(transports: list[Transport]) -> Bundle:
    """Both of them, found free once."""
    both = bundle(transports)
    assert both.write(server.frame("first")) == []
    for transport in transports:
        transport.theirs.recv(100)
    return both


@pytest.fixture
def looked(monkeypatch: pytest.MonkeyPatch) -> list[Writer]:
    at: list[Writer] = []
    is_free = Writer.is_free

    def counted(writer: Writer) -> bool:
        at.append(writer)
        return is_free(writer)

    monkeypatch.setattr(Writer, "is_free", counted)
    return at


async def test_sockets_that_were_free_are_not_looked_at_again_while_nobody_moves(
    transports: list[Transport], known: Bundle, looked: list[Writer]
) -> None:
    wire = server.frame("second")
    assert known.write(wire) == []
    assert [transport.theirs.recv(100) for transport in transports] == [wire, wire]
    assert not looked


async def test_what_comes_to_wait_later_is_noticed_and_stays_before_the_frame(
    transports: list[Transport], known: Bundle
) -> None:
    transports[0].put(b"a ping")
    wire = server.frame("second")
    assert known.write(wire) == []
    assert transports[0].waiting == b"a ping" + wire
    assert transports[1].theirs.recv(100) == wire
    transports[0].flush()
    assert transports[0].theirs.recv(100) == b"a ping" + wire
    assert known.write(wire) == []
    assert [transport.theirs.recv(100) for transport in transports] == [wire, wire]


async def test_nothing_follows_a_frame_that_was_cut_until_its_rest_has_left(
    transports: list[Transport], known: Bundle
) -> None:
    long, short = server.frame("x" * 10_000_000), server.frame("short")
    assert known.write(long) == []
    cut = len(transports[0].waiting)
    assert 0 < cut < len(long)
    assert known.write(short) == [0, 1], "too much waits there"
    assert len(transports[0].waiting) == cut


ENDS: dict[str, Callable[[Transport], object]] = {
    "closing": lambda transport: setattr(transport.protocol, "state", server.OPEN - 1),
    "about to be dropped": lambda transport: transport.lose(),
    "gone": lambda transport: transport.die(),
    "gone, and its protocol does not say so": lambda transport: transport.die_unheard(),
}


@pytest.mark.parametrize("end", ENDS)
async def test_a_socket_that_ends_after_it_was_free_gets_nothing_more_and_nobody_in_its_place(
    transports: list[Transport], known: Bundle, looked: list[Writer], end: str
) -> None:
    number = transports[0].fileno()
    ENDS[end](transports[0])
    heir, theirs = socket.socketpair()  # the system gives it the number of the socket that is gone
    assert (heir.fileno() == number) == end.startswith("gone")
    wire = server.frame("second")
    assert known.write(wire) == []
    assert transports[1].theirs.recv(100) == wire
    for one in (transports[0].theirs, theirs):
        one.setblocking(False)
        with contextlib.suppress(BlockingIOError):
            assert one.recv(100) == b"", "only an end"
    assert len(looked) == 2
    heir.close()
    theirs.close()


async def test_a_transport_that_fails_in_the_middle_of_a_frame_is_cut_and_holds_up_nobody(
    transports: list[Transport], monkeypatch: pytest.MonkeyPatch
) -> None:
    aborted: list[bool] = []

    def broken(_data: bytes) -> None:
        raise OSError("no more watches")

    monkeypatch.setattr(transports[0], "write", broken)
    monkeypatch.setattr(transports[0], "abortConnection", lambda: aborted.append(True))
    wire = server.frame("x" * 10_000_000)
    assert bundle(transports).write(wire) == []
    assert aborted == [True]
    assert 0 < len(transports[1].waiting) < len(wire)
    assert wire.endswith(transports[1].waiting)
