"""The socket of one board: hello, what was missed, what comes, with no gap and no double; and a heartbeat."""

import asyncio
import json
import uuid
from functools import partial
from typing import Any

import pytest
from django.db import OperationalError

from network import people
from realtime import feed, reading, tail
from realtime.models import Stream
from referrals import remarks, transitions
from tests.realtime.sockets import (
    WALTON,
    Socket,
    does,
    session_of,
    watches,
    with_cookie,
    with_token,
)
from tests.world import World

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("feed_runs")]


def asks(world: World, code: str, times: int) -> None:
    for number in range(times):
        remarks.ask(code, text=f"{number}?", **world.press("ben"))


async def test_a_board_is_greeted_and_then_told_what_happens(open_world: World) -> None:
    referral = await does(open_world.refers)
    board = await watches(open_world)
    stream = await does(partial(Stream.objects.get, key=WALTON))
    assert await board.frame() == {"type": "hello", "epoch": str(stream.epoch), "head": 1}
    await does(partial(transitions.accept, referral.code, **open_world.press("ben")))
    event = await board.next("event")
    assert (event["position"], event["referral"], event["verb"]) == (2, referral.code, "accept")
    await board.close()


async def test_boards_that_come_while_events_are_written_miss_nothing_and_see_nothing_twice(
    open_world: World,
) -> None:
    referral = await does(open_world.refers)
    await does(partial(asks, open_world, referral.code, 4))
    first = await watches(open_world, since=0)
    writing = [asyncio.create_task(does(partial(asks, open_world, referral.code, 10))) for _ in range(3)]
    boards = [(0, first), *[(since, await watches(open_world, since=since)) for since in (0, 2, 5, 1, 3)]]
    late = await watches(open_world)  # without `since`: only what comes
    began = (await late.next("hello"))["head"]
    await asyncio.gather(*writing)
    await does(partial(asks, open_world, referral.code, 1))
    head = (await does(partial(feed.heads, [WALTON])))[WALTON]
    assert head == 5 + 30 + 1
    for since, board in boards:
        assert await board.positions(until=head) == list(range(since + 1, head + 1))
    assert await late.positions(until=head) == list(range(began + 1, head + 1))
    for _, board in [*boards, (began, late)]:
        await board.close()


async def test_all_sockets_of_a_stream_get_the_same_bytes(open_world: World) -> None:
    referral = await does(open_world.refers)
    boards = [await watches(open_world, who) for who in ("ben", "cleo", "hob")]
    for board in boards:
        await board.next("hello")
    await does(partial(asks, open_world, referral.code, 3))
    told: list[list[str]] = []
    for board in boards:
        texts: list[str] = []
        while not texts or '"position":4' not in texts[-1]:
            text = await board.text()
            texts += [text] if '"event"' in text else []
        told.append(texts)
        await board.close()
    assert told[0] == told[1] == told[2]


async def test_what_was_missed_comes_as_one_list(open_world: World) -> None:
    referral = await does(open_world.refers)
    await does(partial(asks, open_world, referral.code, 4))
    board = await watches(open_world, since=1)
    assert json.loads(await board.text())["type"] == "hello"
    backlog = json.loads(await board.text())
    assert [frame["position"] for frame in backlog] == [2, 3, 4, 5]
    await board.close()
    board = await watches(open_world, since=4)
    assert (await board.next("event"))["position"] == 5
    await board.close()


async def test_a_page_whose_position_means_nothing_here_is_told_to_begin_anew(
    open_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "FAR_BEHIND", 5)
    referral = await does(open_world.refers)
    await does(partial(asks, open_world, referral.code, 6))
    epoch = str((await does(partial(Stream.objects.get, key=WALTON))).epoch)
    lost: list[dict[str, Any]] = [
        {"since": 8},
        {"since": 7, "epoch": "another"},
        {"since": 1},
        {"since": 10**15 - 1},
    ]
    for query in lost:
        board = await watches(open_world, **query)
        assert (await board.frame())["type"] == "hello"
        assert await board.frame() == {"type": "reset", "head": 7}
        await board.close()
    board = await watches(open_world, since=2, epoch=epoch)
    assert await board.positions(until=7) == [3, 4, 5, 6, 7]
    await does(partial(asks, open_world, referral.code, 1))
    assert (await board.next("event"))["position"] == 8
    await board.close()


@pytest.mark.parametrize("since", ["-1", "1.5", "x", "1e3", "9" * 16, "٣"])
async def test_a_position_that_is_no_number_is_refused(open_world: World, since: str) -> None:
    board = await watches(open_world, since=since)
    assert await board.end() == ("bad_position", 4400)


@pytest.mark.parametrize(
    "stream", ["site:RM301", "network:cheshire-and-merseyside", "site:", "", "site:%00", "x" * 500]
)
async def test_a_stream_of_somebody_else_or_of_nobody_is_refused(open_world: World, stream: str) -> None:
    board = await watches(open_world, "ben", stream)
    assert await board.end() == ("not_allowed", 4403)


async def test_nobody_is_signed_out_and_so_is_a_page_of_somebody_elses(open_world: World) -> None:
    session = await does(lambda: session_of(open_world.people["ben"]))
    for headers in (
        {"host": "testserver", "origin": "http://testserver"},
        with_cookie(session, origin=None),
        with_cookie(session, origin="https://evil.example"),
        with_cookie(session, origin="null"),
        with_cookie(session) | {"host": "evil.example", "origin": "http://evil.example"},
        with_cookie("not-a-session"),
        with_token("dido_of_nobody"),
        with_token(""),
    ):
        board = await Socket(f"stream={WALTON}", headers).open()
        assert await board.end() == ("signed_out", 4401), headers


async def test_a_program_watches_with_its_token(open_world: World) -> None:
    token = await does(partial(people.issue_token, open_world.people["nia"], at=open_world.now))
    board = await Socket("stream=network:cheshire-and-merseyside", with_token(token)).open()
    assert (await board.frame())["type"] == "hello"
    referral = await does(open_world.refers)
    assert (await board.next("event"))["referral"] == referral.code
    await board.close()


async def test_an_event_is_told_to_those_who_lose_sight_of_it_and_to_no_stranger(open_world: World) -> None:
    referral = await does(partial(open_world.refers, "RET20", "RM301"))
    salford = await watches(open_world, "mo", "site:RM301")
    york = await watches(open_world, "zed", "site:RCB55")
    await does(partial(transitions.accept, referral.code, **open_world.press("ben")))
    assert (await salford.next("event"))["verb"] == "accept"
    await does(partial(asks, open_world, referral.code, 1))
    assert (await york.next("beat"))["head"] == 0
    assert (await york.frame())["type"] == "beat"
    assert (await salford.next("beat"))["head"] == 2
    await salford.close()
    await york.close()


@pytest.mark.parametrize("what", ["another epoch", "a lower head"])
async def test_a_board_on_a_database_that_went_back_takes_everything_anew(
    open_world: World, what: str
) -> None:
    referral = await does(open_world.refers)
    await does(partial(asks, open_world, referral.code, 2))
    board = await watches(open_world)
    epoch = (await board.next("hello"))["epoch"]
    change = (
        {"epoch": uuid.uuid4()} if what == "another epoch" else {"head": 1}
    )  # as an older copy of it would have
    await does(partial(Stream.objects.filter(key=WALTON).update, **change))
    assert await board.end() == ("try_again", 1013)
    board = await watches(open_world, since=3, epoch=epoch)
    await board.next("reset")
    await board.close()


async def test_a_client_that_says_too_much_is_closed(open_world: World) -> None:
    board = await watches(open_world)
    await board.next("hello")
    await board.wire.send_to(text_data="hello")
    await board.wire.send_to(text_data="x" * 5000)
    assert await board.end() == ("frame_too_long", 1009)


async def test_a_client_that_says_too_often_is_closed(open_world: World) -> None:
    board = await watches(open_world)
    await board.next("hello")
    for _ in range(21):
        await board.wire.send_to(text_data="hello")
    assert await board.end() == ("too_many_frames", 1008)


async def test_nobody_holds_more_sockets_than_they_may_and_who_closes_one_may_open_another(
    open_world: World, settings: Any
) -> None:
    settings.FEED_SOCKETS_PER_PERSON = 2
    first, second = [await watches(open_world) for _ in range(2)]
    assert [(await board.frame())["type"] for board in (first, second)] == ["hello"] * 2
    assert await (await watches(open_world)).end() == ("too_many", 1008)
    other = await watches(open_world, "cleo")
    assert (await other.frame())["type"] == "hello"
    await first.close()
    third = await watches(open_world)
    assert (await third.frame())["type"] == "hello"
    for board in (second, other, third):
        await board.close()
    assert not tail.here().held


async def test_a_socket_that_cannot_be_begun_is_asked_to_come_again(
    open_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: object, **__: object) -> None:
        raise OperationalError

    monkeypatch.setattr(reading, "places", fails)
    board = await watches(open_world)
    assert await board.end() == ("try_again", 1013)
