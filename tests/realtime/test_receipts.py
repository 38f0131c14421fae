"""Receipts: whoever has a case open is told to look again when somebody has read there, and nobody else is."""

import asyncio
from typing import Any

import pytest

from network import permissions
from realtime import receipts
from referrals import transitions
from referrals.conversation import marks, sending
from tests.realtime.sockets import PATIENCE, Socket, does, session_of, with_cookie
from tests.world import World

WALTON, SPOKE = "site:RET20", "site:RBL14"


async def watches(world: World, who: str, query: str) -> Socket:
    return await Socket(query, with_cookie(await does(lambda: session_of(world.people[who])))).open()


@pytest.mark.django_db(transaction=True)
async def test_who_has_the_case_open_is_told_that_it_was_read_and_a_board_is_not(
    open_world: World, feed_runs: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(receipts, "EVERY", 0.05)
    referral = await does(open_world.refers)
    await does(lambda: sending.send(referral.code, text="Seen?", **open_world.press("ada")))
    sender = await watches(open_world, "ada", f"stream={SPOKE}&case={referral.code}")
    board = await watches(open_world, "hob", f"stream={WALTON}")
    await sender.next("hello")

    def reads() -> None:
        rights = permissions.rights(open_world.people["ben"], at=open_world.now)
        marks.add(rights, referral.code, delivered=[], read=[(1, 1)], at=open_world.now)

    await does(reads)
    assert await sender.next("receipts") == {"type": "receipts", "referral": referral.code}
    await does(lambda: sending.send(referral.code, text="Good.", **open_world.press("ada")))
    frame, passed = await board.frame(), []
    while frame["type"] != "event":
        passed.append(frame["type"])
        frame = await board.frame()
    assert frame["verb"] == "message"
    assert "receipts" not in passed
    for socket in (sender, board):
        await socket.close()


@pytest.mark.django_db(transaction=True)
async def test_who_has_it_open_and_stopped_being_party_is_told_nothing(
    open_world: World, feed_runs: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(receipts, "EVERY", 0.05)
    referral = await does(lambda: open_world.refers("RET20", "RM301"))
    await does(lambda: sending.send(referral.code, text="Who takes her?", **open_world.press("ada")))
    party = await watches(open_world, "ada", f"stream={SPOKE}&case={referral.code}")
    passed_over = await watches(open_world, "mo", f"stream=site:RM301&case={referral.code}")
    await party.next("hello")
    await passed_over.next("hello")
    await does(lambda: transitions.accept(referral.code, **open_world.press("ben")))

    def reads() -> None:
        rights = permissions.rights(open_world.people["ben"], at=open_world.now)
        marks.add(rights, referral.code, delivered=[], read=[(1, 1)], at=open_world.now)

    await does(reads)
    await party.next("receipts")
    await does(lambda: open_world.refers("RM301"))
    frame, passed = await passed_over.frame(), []
    while frame["type"] != "event" or frame["verb"] != "refer":
        passed.append(frame["type"])
        frame = await passed_over.frame()
    assert "receipts" not in passed
    for socket in (party, passed_over):
        await socket.close()


async def test_a_database_that_cannot_be_read_does_not_end_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(receipts, "EVERY", 0.001)
    visits, enough = 0, asyncio.Event()

    class Watcher:
        case = 5

    async def read(visit: Any) -> Any:
        nonlocal visits
        visits += 1
        if visits == 3:
            enough.set()
        raise OSError("no database")

    async def push(watcher: Any, frame: Any) -> None:
        raise AssertionError("nothing was read, so nothing is told")

    watchers: dict[str, Any] = {WALTON: {Watcher()}}
    following = asyncio.create_task(receipts.Receipts(watchers, read, push).follow())
    async with asyncio.timeout(PATIENCE):
        await enough.wait()
    following.cancel()
