"""The bell and what makes up for it: Redis for other processes, a short way for this one, and the poll for all."""

import pytest

from realtime import doorbell, tail
from tests.realtime.sockets import WALTON, does, watches
from tests.world import World

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("feed_runs")]


@pytest.fixture
def rung_elsewhere(redis_is_dead: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Verbs as another process presses them while Redis is dead: no ring comes from anywhere."""
    monkeypatch.setattr(doorbell, "ring", lambda positions: None)


async def test_events_of_another_process_come_though_redis_is_dead(
    open_world: World, rung_elsewhere: None
) -> None:
    board = await watches(open_world)
    await board.next("hello")
    referral = await does(open_world.refers)
    assert (await board.next("event"))["referral"] == referral.code
    await board.close()


async def test_a_tail_without_its_poll_is_deaf_when_redis_is_dead(
    open_world: World, rung_elsewhere: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The negative control: it is the poll that makes up for the bell."""
    monkeypatch.setattr(tail, "POLL", 3600)
    board = await watches(open_world)
    await board.next("hello")
    await does(open_world.refers)
    while not await board.wire.receive_nothing(timeout=20 * tail.BEAT):
        assert (await board.frame())["type"] == "beat"  # of the first look, which was before
    await board.close()


async def test_a_verb_in_this_very_process_needs_neither_redis_nor_the_poll(
    open_world: World, redis_is_dead: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tail, "POLL", 3600)
    board = await watches(open_world)
    await board.next("hello")
    referral = await does(open_world.refers)
    assert (await board.next("event"))["referral"] == referral.code
    await board.close()


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
