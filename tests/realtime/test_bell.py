"""The bells and what makes up for them: PostgreSQL's own at each commit, Redis, and the poll."""

import asyncio
from collections.abc import AsyncIterator
from functools import partial
from typing import Any

import pytest
import pytest_asyncio
from django.db import connection, transaction
from django.utils import timezone

from realtime import commits, doorbell, feed, tail
from tests.realtime.sockets import WALTON, does, watches
from tests.world import World

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("feed_runs")]

EARS = "select pid from pg_stat_activity where datname = current_database() and query = 'listen dido_feed'"


@pytest.fixture
def never_polls(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tail, "POLL", 3600)


@pytest.fixture
def postgres_is_unheard(settings: Any) -> None:
    settings.FEED_LISTENS = False


@pytest.fixture
def redis_is_silent(redis_is_dead: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doorbell, "ring", lambda positions: None)


async def the_ear(*, other_than: int = 0) -> int:
    """The connection that listens, once there is one."""
    for _ in range(2000):
        if found := [pid for pid in await does(_ears) if pid != other_than]:
            return found[0]
        await asyncio.sleep(0.01)
    raise AssertionError("nobody listens to PostgreSQL")


def _ears() -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(EARS)
        return [pid for (pid,) in cursor.fetchall()]


def _cut(pid: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute("select pg_terminate_backend(%s)", [pid])


async def test_postgresql_alone_brings_an_event(
    open_world: World, redis_is_silent: None, never_polls: None
) -> None:
    board = await watches(open_world)
    await board.next("hello")
    await the_ear()
    referral = await does(open_world.refers)
    assert (await board.next("event"))["referral"] == referral.code
    await board.close()


async def test_redis_alone_brings_an_event(
    open_world: World, postgres_is_unheard: None, never_polls: None
) -> None:
    board = await watches(open_world)
    await board.next("hello")
    referral = await does(open_world.refers)
    assert (await board.next("event"))["referral"] == referral.code
    await board.close()


async def test_the_poll_alone_brings_an_event(
    open_world: World, redis_is_silent: None, postgres_is_unheard: None
) -> None:
    board = await watches(open_world)
    await board.next("hello")
    referral = await does(open_world.refers)
    assert (await board.next("event"))["referral"] == referral.code
    await board.close()


async def test_without_bells_and_poll_a_tail_is_deaf(
    open_world: World, redis_is_silent: None, postgres_is_unheard: None, never_polls: None
) -> None:
    """The negative control of the three before."""
    board = await watches(open_world)
    await board.next("hello")
    await does(open_world.refers)
    while not await board.wire.receive_nothing(timeout=20 * tail.BEAT):
        assert (await board.frame())["type"] == "beat"  # of the first look, which was before
    await board.close()


async def test_an_ear_that_is_cut_off_listens_again(
    open_world: World, redis_is_silent: None, never_polls: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(commits, "RETRY", 0.01)
    board = await watches(open_world)
    await board.next("hello")
    before = await the_ear()
    await does(partial(_cut, before))
    await the_ear(other_than=before)
    referral = await does(open_world.refers)
    assert (await board.next("event"))["referral"] == referral.code
    await board.close()


@pytest_asyncio.fixture
async def heard(transactional_db: None) -> AsyncIterator[asyncio.Queue[dict[str, int]]]:
    """What an ear hears."""
    said: asyncio.Queue[dict[str, int]] = asyncio.Queue()
    listening = asyncio.create_task(commits.listen(lambda positions: said.put_nowait(dict(positions))))
    await the_ear()
    yield said
    listening.cancel()
    await asyncio.gather(listening, return_exceptions=True)


async def test_nothing_is_heard_of_what_was_rolled_back_and_the_furthest_of_what_was_not(
    heard: asyncio.Queue[dict[str, int]],
) -> None:
    await does(partial(_append, ["site:A"], 1, commit=False))
    await does(partial(_append, ["site:A", "network:N"], 3))
    assert await asyncio.wait_for(heard.get(), 20) == {"site:A": 3, "network:N": 3}
    assert heard.empty()


async def test_more_streams_than_postgresql_can_say_are_committed_and_left_to_redis(
    heard: asyncio.Queue[dict[str, int]], monkeypatch: pytest.MonkeyPatch
) -> None:
    rung: list[dict[str, int]] = []
    monkeypatch.setattr(doorbell, "ring", rung.append)
    await does(partial(_append, [f"network:{number:0100}" for number in range(80)], 1))
    await does(partial(_append, ["site:A"], 1))
    assert [await asyncio.wait_for(heard.get(), 20) for _ in range(2)] == [{}, {"site:A": 1}]
    assert len(rung[0]) == 80


def _append(keys: list[str], entries: int, *, commit: bool = True) -> None:
    said = [feed.Said(keys, f"R{number}", number, "referred") for number in range(entries)]
    with transaction.atomic():
        feed.append_many(said, verb="page", at=timezone.now())
        transaction.set_rollback(not commit)


async def test_a_bell_that_says_nothing_new_wakes_nobody(open_world: World) -> None:
    await does(open_world.refers)
    board = await watches(open_world)
    await board.next("hello")
    hub = tail.here()
    hub._rung.clear()
    hub._hear({WALTON: 1, "site:of nobody here": 7})
    assert not hub._rung.is_set()
    hub._hear({WALTON: 2})
    assert hub._rung.is_set()
    await board.close()


async def test_of_rings_that_wait_the_furthest_is_rung_in_whatever_order_they_came(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(doorbell, "_waiting", type(doorbell._waiting)())
    for positions in ({WALTON: 6, "network:a": 1}, {WALTON: 5}):
        doorbell._waiting.put({"type": doorbell.RING, "streams": positions})
    (ring,) = doorbell._gathered({"type": doorbell.RING, "streams": {WALTON: 4}})
    assert ring["streams"] == {WALTON: 6, "network:a": 1}
