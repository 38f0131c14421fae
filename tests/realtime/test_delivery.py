"""Who gets a frame: everybody at the tail's place, the newcomer what is new, and the slow one leave to come again."""

import json
from typing import Any

import pytest

from realtime import client, delivery, fan, reading, server, tail
from realtime.audience import SLICE, Audience
from realtime.reading import Ticket
from realtime.rendering import Rendered
from realtime.server import Writer
from tests.realtime.transports import Transport, parse

STREAM = "site:RET20"


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


async def test_a_fault_of_the_sending_loses_no_event(
    transports: list[Transport], monkeypatch: pytest.MonkeyPatch
) -> None:
    boards = {Board(transport.writer) for transport in transports}
    hub = tail.Hub()
    hub.positions[STREAM], hub.epochs[STREAM], hub.watchers[STREAM] = 0, "", Audience(boards)
    monkeypatch.setattr(fan, "out", lambda *_: 1 / 0)
    await hub._deliver(STREAM, [Rendered(1, "1")])
    assert [board.ended for board in boards] == [["slow"], ["slow"]], (
        "each comes back and resumes where it was"
    )
    assert STREAM not in hub.watchers


async def test_who_came_while_the_last_board_left_hears_nothing_old(transports: list[Transport]) -> None:
    newcomer = Board(transports[0].writer)
    newcomer.position = 20
    hub = tail.Hub()
    hub.positions[STREAM], hub.watchers[STREAM] = 20, Audience({newcomer})
    await hub._deliver(STREAM, [Rendered(number, str(number)) for number in range(11, 16)])
    assert hub.positions[STREAM] == 20
    await hub._deliver(STREAM, [Rendered(number, str(number)) for number in range(19, 22)])
    assert parse(transports[0].theirs.recv(100)).data == b"21"


async def test_a_slow_reader_is_dropped_to_resume_and_holds_up_nobody(transports: list[Transport]) -> None:
    slow, quick = (Board(transport.writer) for transport in transports)
    transports[0].put(b"x" * (server.MOST_WAITING + 1))
    hub = tail.Hub()
    hub.positions[STREAM] = 0
    hub.watchers[STREAM] = Audience([slow, quick])
    await hub._deliver(STREAM, [Rendered(1, '{"position":1}')])
    assert slow.ended == ["slow"]
    assert len(transports[0].waiting) == server.MOST_WAITING + 1
    assert list(hub.watchers[STREAM]) == [quick]
    assert parse(transports[1].theirs.recv(1000)).data == b'{"position":1}'


async def test_who_is_ahead_of_the_tail_gets_only_what_is_new_to_them(transports: list[Transport]) -> None:
    behind, ahead = (Board(transport.writer) for transport in transports)
    ahead.position = 1
    hub = tail.Hub()
    hub.positions[STREAM] = 0
    hub.watchers[STREAM] = Audience([behind, ahead])
    await hub._deliver(STREAM, [Rendered(1, "1"), Rendered(2, "2")])
    assert parse(transports[0].theirs.recv(100)).data == b"[1,2]"
    assert parse(transports[1].theirs.recv(100)).data == b"2"


async def test_a_server_that_ends_asks_everybody_to_come_back_at_a_moment_of_their_own(
    transports: list[Transport],
) -> None:
    hub = tail.Hub()
    hub.watchers[STREAM] = Audience(Board(transport.writer) for transport in transports)
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


async def test_a_crowd_goes_in_groups_that_are_kept_until_somebody_comes_or_goes(
    transports: list[Transport],
) -> None:
    first, second, third = (Board(transports[0].writer) for _ in range(3))
    crowd = [Board(transports[1].writer) for _ in range(SLICE - 1)]
    audience = Audience([first, *crowd, second])
    large, small = audience.groups()
    assert (len(large.watchers), small.watchers) == (SLICE, (second,))
    assert audience.groups()[0] is large
    audience.add(third)
    assert audience.groups()[1].watchers == (second, third)
    audience.remove(first)
    assert [len(group.watchers) for group in audience.groups()] == [SLICE, 1]
    assert first not in audience and third in audience


async def test_only_newcomers_are_asked_how_far_they_are(transports: list[Transport]) -> None:
    early, late = (Board(transport.writer) for transport in transports)
    early.position, late.position = 4, 9
    audience = Audience([early, late])
    assert audience.ahead(3) == {early, late}
    assert audience.ahead(4) == {late}
    audience.remove(late)
    assert not audience.ahead(5)


async def test_who_comes_in_while_rights_are_checked_hears_nothing_before_theirs_were(
    transports: list[Transport], monkeypatch: pytest.MonkeyPatch
) -> None:
    early, late = (Board(transport.writer) for transport in transports)
    late.ticket = Ticket(2, 1)
    hub = tail.Hub()
    hub.held.update({1: 1, 2: 1})
    hub.positions[STREAM], hub.epochs[STREAM], hub.watchers[STREAM] = 0, "", Audience([early])
    looked: list[list[Ticket]] = []

    async def read(visit: Any) -> Any:
        if visit.func is reading.look:
            return {STREAM: [Rendered(1, "1")]}, 7
        looked.append(*visit.args)
        if len(looked) == 1:
            hub.watchers[STREAM].add(late)
            hub._warden.forget()
        return {late.ticket}

    monkeypatch.setattr(hub, "_read", read)
    await hub._pass()
    assert looked == [[early.ticket], [early.ticket, late.ticket]]
    assert late.ended == ["rights_changed"]
    assert parse(transports[0].theirs.recv(100)).data == b"1"
    transports[1].theirs.setblocking(False)
    with pytest.raises(BlockingIOError):
        transports[1].theirs.recv(100)
