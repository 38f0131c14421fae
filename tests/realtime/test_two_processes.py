"""Two web processes behind one address: what is done at one is seen at the other, without Redis too."""

import asyncio
import os
import signal
from collections.abc import Iterator
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from websockets.exceptions import WebSocketException

from config.machine.valkey import Valkey
from network import people
from realtime.client import Board, Card, Connection, websocket
from referrals.models import Referral
from tests.realtime import webs
from tests.realtime.sockets import does
from tests.realtime.webs import Web
from tests.world import World

NETWORK, SPOKE, WALTON = "network:cheshire-and-merseyside", "site:RBL14", "site:RET20"

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("quiet_connections")]


@pytest.fixture
def bell(tmp_path: Path) -> Iterator[Valkey]:
    """A Redis of these two alone."""
    own = Valkey(tmp_path, tmp_path / "valkey.log")
    own.start()
    try:
        yield own
    finally:
        os.kill(own.child.pid, signal.SIGCONT)
        own.stop()


@pytest.fixture
def pair(open_world: World, bell: Valkey, tmp_path: Path) -> Iterator[list[Web]]:
    with ExitStack() as stack:
        yield [stack.enter_context(webs.running(tmp_path, redis_url=bell.url)) for _ in range(2)]


def follows(stream: str, ways: list[Web], token: str, case: str = "") -> tuple[Board, "asyncio.Task[str]"]:
    """A board that comes in by the first of these that answers, as through a proxy."""

    async def connect(query: str) -> Connection:
        for web in ways:
            try:
                opens = websocket(f"ws://{web.address}/ws/feed/", token=token)
                return await opens(query + (f"&case={case}" if case else ""))
            except (OSError, WebSocketException):
                continue
        raise OSError("nobody answers")

    def snapshot() -> dict[str, Card] | None:
        for web in ways:
            try:
                return {row["code"]: row for row in web.ask("/referrals", token)}
            except OSError:
                continue
        return None

    board = Board(stream, connect, partial(asyncio.to_thread, snapshot), chance=lambda: 0.05)
    return board, asyncio.create_task(board.follow())


async def until(true: Any) -> None:
    async with asyncio.timeout(webs.PATIENCE):
        while not true():  # noqa: ASYNC110 other processes keep their own time
            await asyncio.sleep(0.02)


async def tokens(world: World, *who: str) -> list[str]:
    return [await does(partial(people.issue_token, world.people[name], at=world.now)) for name in who]


def says(web: Web, token: str, code: str, text: str) -> Any:
    return web.ask(f"/referrals/{code}/answer", token, {"text": text})


def all_have(boards: list[Board], code: str, version: int) -> bool:
    return all(board.cards.get(code, {"version": 0})["version"] == version for board in boards)


async def a_verb_at_each_is_seen_at_both(pair: list[Web], boards: list[Board], token: str, code: str) -> None:
    for web in pair:
        done = await asyncio.to_thread(says, web, token, code, "BP 168/90")
        await until(lambda done=done: all_have(boards, code, done["version"]))


async def test_a_verb_at_one_is_seen_at_both_also_while_redis_is_frozen(
    open_world: World, pair: list[Web], bell: Valkey
) -> None:
    code = (await does(open_world.refers)).code
    nia, ada = await tokens(open_world, "nia", "ada")
    following = [follows(NETWORK, [web], nia) for web in pair] + [follows(SPOKE, [web], ada) for web in pair]
    boards = [board for board, _ in following]
    await until(lambda: all(code in board.cards for board in boards))
    await a_verb_at_each_is_seen_at_both(pair, boards, ada, code)
    os.kill(bell.child.pid, signal.SIGSTOP)
    await a_verb_at_each_is_seen_at_both(pair, boards, ada, code)
    assert all(board.is_live(board.clock()) for board in boards)
    os.kill(bell.child.pid, signal.SIGCONT)
    await a_verb_at_each_is_seen_at_both(pair, boards, ada, code)
    version = (await does(partial(Referral.objects.get, code=code))).version
    assert all_have(boards, code, version)
    for _, task in following:
        task.cancel()


async def test_whoever_looks_at_one_is_known_at_the_other_and_forgotten_with_it(
    open_world: World, pair: list[Web]
) -> None:
    code = (await does(open_world.refers)).code
    ben, ada = await tokens(open_world, "ben", "ada")
    board, watching = follows(SPOKE, [pair[1]], ada)
    _, looking = follows(WALTON, [pair[0]], ben, case=code)
    seen = {"person": open_world.people["ben"].pk, "name": "Ben Hale", "site": "Walton"}
    await until(lambda: board.looking.get(code) == [seen])
    pair[0].process.kill()  # it cannot say goodbye
    await until(lambda: board.looking.get(code) == [])
    for task in (watching, looking):
        task.cancel()


async def test_a_process_that_ends_sends_its_boards_to_the_other_and_they_miss_nothing(
    open_world: World, pair: list[Web]
) -> None:
    code = (await does(open_world.refers)).code
    nia, ada = await tokens(open_world, "nia", "ada")
    following = [follows(NETWORK, pair, nia) for _ in range(5)]
    boards = [board for board, _ in following]
    await until(lambda: all(code in board.cards for board in boards))
    pair[0].process.send_signal(signal.SIGTERM)
    done = await asyncio.to_thread(says, pair[1], ada, code, "BP 168/90")
    await until(lambda: all_have(boards, code, done["version"]))
    assert {board.bye for board in boards} == {"restart"}
    assert await asyncio.to_thread(pair[0].process.wait, webs.PATIENCE) == 0
    for _, task in following:
        task.cancel()
