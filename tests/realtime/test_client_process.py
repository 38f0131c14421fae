"""The reference client against the web process itself: cut again and again, it ends with what the database says."""

import asyncio
import contextlib
import json
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from network import people
from network.models import Token
from realtime import consumers, feed
from realtime.byes import BYES
from realtime.client import Board, Card, Connection, websocket
from referrals import queries, remarks, transitions
from tests.realtime import webs
from tests.realtime.sockets import does
from tests.world import World

NETWORK, SALFORD = "network:cheshire-and-merseyside", "site:RM301"
CUT_EVERY = 5  # events

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("quiet_connections")]


@pytest.fixture
def web(open_world: World, tmp_path: Path) -> Iterator[str]:
    """The web process on this test's database; its address without the scheme."""
    with webs.running(tmp_path) as process:
        yield process.address


class Watched(Board):
    """Notes each event, and is cut after every few, also in the middle of a list."""

    told: list[int]
    wires: list[ClientConnection]

    def apply(self, frame: Any) -> None:
        super().apply(frame)
        self.told.append(frame["position"])
        if len(self.told) % CUT_EVERY == 0:
            self.wires[-1].transport.abort()
            raise OSError("cut")


def watches(stream: str, web: str, token: str) -> Watched:
    """A board on the real socket, with snapshots from the real API."""
    opens = websocket(f"ws://{web}/ws/feed/", token=token)
    url = f"http://{web}/api/v1/referrals"

    def read() -> dict[str, Card]:
        asked = urllib.request.Request(url, headers={"Authorization": f"Bearer {token}"})
        with urllib.request.urlopen(asked, timeout=webs.PATIENCE) as answer:
            return {row["code"]: row for row in json.load(answer)}

    async def connect(query: str) -> Connection:
        wire = await opens(query)
        assert isinstance(wire, ClientConnection)
        board.wires.append(wire)
        return wire

    board = Watched(stream, connect, partial(asyncio.to_thread, read), chance=lambda: 0.01)
    board.told, board.wires = [], []
    return board


def a_night(world: World) -> None:
    """Patients are referred, asked about, accepted and declined, one after the other."""
    for number in range(6):
        referral = world.refers("RET20", "RM301")
        for question in range(3):
            remarks.ask(referral.code, text=f"{question}?", **world.press("ben"))
        if number % 2:
            transitions.accept(referral.code, **world.press("ben"))
        elif number:
            transitions.decline(referral.code, reason="no_operator", **world.press("mo"))


def truth(stream: str) -> dict[str, tuple[int, str]]:
    """Each referral of this stream's board, as the database has it."""
    rows = queries.on_board(queries.of_stream(stream), now=timezone.now())
    return {row.code: (row.version, row.state) for row in rows}


async def _until(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(webs.PATIENCE):
        while not true():  # noqa: ASYNC110 another process keeps its own time
            await asyncio.sleep(0.02)


async def test_boards_that_are_cut_again_and_again_end_with_what_the_database_says(
    open_world: World, web: str
) -> None:
    await does(open_world.refers)
    boards: list[Watched] = []
    for stream, who in ((NETWORK, "nia"), (SALFORD, "mo")):
        token = await does(partial(people.issue_token, open_world.people[who], at=open_world.now))
        boards.append(watches(stream, web, token))
    following = [asyncio.create_task(board.follow()) for board in boards]
    await _until(lambda: all(board.position is not None for board in boards))
    began = {board.stream: board.position or 0 for board in boards}
    nights = [replace(open_world, spare=spare) for spare in (100, 200)]  # each with patients of its own
    await asyncio.gather(*(does(partial(a_night, night)) for night in nights))
    heads = await does(partial(feed.heads, [NETWORK, SALFORD]))
    await _until(lambda: all(board.position == heads[board.stream] for board in boards))
    for board, follow in zip(boards, following, strict=True):
        assert board.told == list(range(began[board.stream] + 1, heads[board.stream] + 1))
        assert len(board.wires) >= len(board.told) // CUT_EVERY > 4
        shown = {code: (card["version"], card["state"]) for code, card in board.cards.items()}
        assert shown == await does(partial(truth, board.stream))
        assert board.is_live(board.clock())
        follow.cancel()
    await asyncio.gather(*following, return_exceptions=True)
    assert began[SALFORD] == 0 < len(boards[1].cards) < len(boards[0].cards)


async def test_a_board_whose_token_ends_is_told_so_and_shows_nothing_more(
    open_world: World, web: str
) -> None:
    await does(open_world.refers)
    token = await does(partial(people.issue_token, open_world.people["nia"], at=open_world.now))
    board = watches(NETWORK, web, token)
    following = asyncio.create_task(board.follow())
    await _until(lambda: bool(board.cards))
    kept = await does(partial(Token.objects.get, digest=people.digest(token)))
    await does(partial(people.end_token, kept, at=open_world.now))
    async with asyncio.timeout(webs.PATIENCE):
        assert await following == "signed_out"
    assert board.cards == {}


async def test_a_socket_that_is_ended_hears_the_code_that_the_protocol_names(
    web: str, open_world: World
) -> None:
    token = await does(partial(people.issue_token, open_world.people["nia"], at=open_world.now))
    url, said = f"ws://{web}/ws/feed/?stream={NETWORK}", list[Any]()
    async with connect(url, additional_headers={"Authorization": f"Bearer {token}"}) as socket:
        await socket.send("x" * (consumers.MAX_FRAME + 1))
        with contextlib.suppress(ConnectionClosed):
            while True:
                said.append(json.loads(await socket.recv()))
    assert said[-1] == {"type": "bye", "reason": "frame_too_long"}
    assert socket.close_code == BYES["frame_too_long"] == 1009
