"""A heart beats only while PostgreSQL can be read, and tells when a pager last worked."""

import asyncio
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import pytest
from django.db import OperationalError

from realtime import reading, tail
from tests.realtime.sockets import (
    PATIENCE,
    Socket,
    does,
    watches,
)
from tests.world import NIGHT, World

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("feed_runs")]


async def test_a_beat_carries_the_head_and_the_time(open_world: World) -> None:
    await does(open_world.refers)
    board = await watches(open_world)
    beat = await board.next("beat")
    assert (set(beat), beat["head"]) == ({"type", "head", "now", "pager"}, 1)
    assert beat["now"].endswith("Z")
    await board.close()


async def test_a_beat_tells_when_a_pager_last_worked(open_world: World, settings: Any) -> None:
    board = await watches(open_world)
    assert (await board.next("beat"))["pager"] is None
    settings.FEED_PULSE = "tests.realtime.rendering.last_tick"
    while (told := (await board.next("beat"))["pager"]) is None:
        pass
    assert datetime.fromisoformat(told) == NIGHT
    await board.close()


class Looks:
    """The tail's looks at the database: counted, and refused where it cannot be read."""

    def __init__(self) -> None:
        self.look, self.count, self.fail = reading.look, 0, False

    def __call__(self, positions: Mapping[str, int]) -> Any:
        self.count += 1
        if self.fail:
            raise OperationalError
        return self.look(positions)

    async def some_more(self) -> None:
        """So many further ones have begun; whatever the ones before them had to say was said."""
        enough = self.count + 5
        async with asyncio.timeout(PATIENCE):
            while self.count < enough:  # noqa: ASYNC110 it looks on a thread of its own
                await asyncio.sleep(0.01)


async def check_no_beat(board: Socket, looks: Looks) -> None:
    """A heart that beats with each look is silent for several looks."""
    await looks.some_more()
    while not await board.wire.receive_nothing(timeout=0):
        frame = await board.frame()
        assert frame["type"] != "beat", "a beat"


async def test_no_heart_beats_while_the_database_cannot_be_read(
    open_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tail, "BEAT", 0)
    looks = Looks()
    monkeypatch.setattr(reading, "look", looks)
    board = await watches(open_world)
    await board.next("beat")
    # The negative control: the check hears a heart that beats.
    with pytest.raises(AssertionError, match="a beat"):
        await check_no_beat(board, looks)
    looks.fail = True
    await looks.some_more()
    while not await board.wire.receive_nothing(timeout=0):  # what was said before
        await board.frame()
    await check_no_beat(board, looks)
    looks.fail = False
    await board.next("beat")
    await board.close()
