"""What a web process does beside the feed goes on whatever becomes of it."""

import asyncio
from datetime import UTC, datetime
from typing import Any

import pytest

from realtime import above, chores
from referrals.papers import incoming
from tests.realtime.sockets import PATIENCE

NIGHT = datetime(2026, 11, 21, 3, 10, tzinfo=UTC)


async def test_a_chore_that_fails_is_done_again(monkeypatch: pytest.MonkeyPatch) -> None:
    loop, done, told = asyncio.get_running_loop(), asyncio.Event(), []

    def chore(at: datetime) -> None:
        told.append(at)
        if len(told) == 2:
            loop.call_soon_threadsafe(done.set)
        raise OSError

    monkeypatch.setattr(chores, "EVERY", 0.001)
    monkeypatch.setattr(above, "chore", chore)
    task = asyncio.create_task(chores.follow(lambda: NIGHT))
    await asyncio.wait_for(done.wait(), PATIENCE)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert told[:2] == [NIGHT, NIGHT]


def test_the_chore_of_the_house_sweeps_what_never_came_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    swept: list[Any] = []
    monkeypatch.setattr(incoming, "sweep", swept.append)
    above.chore(NIGHT)
    assert swept == [NIGHT]
