"""Who looks at which referral: told to those who may see it, about those who may see it, and forgotten in time."""

import asyncio
from collections.abc import AsyncIterator
from functools import partial
from typing import Any

import pytest
import pytest_asyncio
import time_machine
from django.core import signing

from network import people
from realtime import doorbell, presence, tail
from realtime.presence import FORGOTTEN, GATHERED, SALT, TOLD_EVERY, Presence, Viewer
from referrals import audiences, queries, transitions
from tests.realtime.sockets import Socket, does, session_of, with_cookie
from tests.world import NIGHT, World, loses_role

WALTON, SALFORD, SPOKE = "site:RET20", "site:RM301", "site:RBL14"
NETWORK, OTHER = "network:cheshire-and-merseyside", "network:greater-manchester"
BEN, CLEO = 17, 18
CASE = 5


def told_by(other: Presence, *looks: tuple[int, int]) -> str:
    """What another process says when these are looking there."""
    for look in looks:
        other.opens(look)
    return other.message()


def test_somebody_with_two_screens_is_one_and_leaves_with_the_last() -> None:
    here = Presence()
    here.opens((CASE, BEN))
    here.opens((CASE, BEN))
    here.closes((CASE, BEN))
    assert here.looks(at=0) == {(CASE, BEN)}
    here.closes((CASE, BEN))
    assert here.looks(at=0) == frozenset()


def test_what_another_process_said_is_forgotten_when_it_does_not_say_it_again() -> None:
    here, there = Presence(), Presence()
    here.heard(told_by(there, (CASE, BEN)), at=100)
    assert here.looks(at=100 + FORGOTTEN) == {(CASE, BEN)}
    assert here.looks(at=100 + FORGOTTEN + 0.1) == frozenset()
    assert here.is_due(at=100 + FORGOTTEN + 0.1)
    here.heard(there.message(), at=200)
    there.closes((CASE, BEN))
    here.heard(there.message(), at=201)
    assert here.looks(at=201) == frozenset()


def test_nobody_is_wrongly_shown_for_longer_than_a_screen_takes_to_say_that_it_is_not_live() -> None:
    assert FORGOTTEN + GATHERED + tail.POLL < 15
    assert 2 * TOLD_EVERY < FORGOTTEN, "one lost telling makes nobody disappear"


@pytest.mark.parametrize(
    "message",
    ["", "nonsense", signing.dumps({"from": "x", "looks": [[CASE, BEN]]}, salt="another")],
    ids=["nothing", "nonsense", "sealed for something else"],
)
def test_what_is_not_ours_is_passed_over(message: str) -> None:
    here = Presence()
    here.heard(message, at=0)
    assert here.looks(at=0) == frozenset()


def test_another_house_on_the_same_redis_is_passed_over(settings: Any) -> None:
    here, there = Presence(), Presence()
    settings.SECRET_KEY = "of another house"
    message = told_by(there, (CASE, BEN))
    settings.SECRET_KEY = "of our house"
    here.heard(message, at=0)
    assert here.looks(at=0) == frozenset()


def test_what_a_frozen_redis_hands_on_too_late_is_passed_over() -> None:
    here, there = Presence(), Presence()
    with time_machine.travel(NIGHT, tick=False) as clock:
        message = told_by(there, (CASE, BEN))
        clock.shift(FORGOTTEN + 1)
        here.heard(message, at=0)
    assert here.looks(at=0) == frozenset()


def test_ones_own_voice_is_no_news() -> None:
    here = Presence()
    here.heard(told_by(here, (CASE, BEN)), at=0)
    here.closes((CASE, BEN))
    assert here.looks(at=0) == frozenset()


def test_only_ids_leave_the_process() -> None:
    said = signing.loads(told_by(Presence(), (CASE, BEN), (CASE, CLEO)), salt=SALT)
    assert said.keys() == {"from", "looks"}
    assert said["looks"] == [[CASE, BEN], [CASE, CLEO]]


def test_it_is_looked_after_at_once_after_a_change_and_every_few_seconds_else() -> None:
    here = Presence()
    assert not here.is_due(at=0), "nobody is there"
    here.opens((CASE, BEN))
    assert here.is_due(at=0)
    here.begin(at=0)
    here.opens((CASE, CLEO))
    assert not here.is_due(at=GATHERED / 2), "many that come together are one telling"
    assert here.is_due(at=GATHERED)
    here.begin(at=GATHERED)
    assert not here.is_due(at=GATHERED + TOLD_EVERY / 2)
    assert here.is_due(at=GATHERED + TOLD_EVERY), "the rights are checked again, and the others hear it again"


def test_only_what_changed_is_told_and_the_last_to_leave_is_told_too() -> None:
    here, ben = Presence(), Viewer(BEN, "Ben Hale", "Walton")
    assert here.changes({WALTON: {"R7K2": (ben,)}}) == {WALTON: [presence.frame("R7K2", [ben])]}
    assert here.changes({WALTON: {"R7K2": (ben,)}}) == {WALTON: []}
    assert here.greeting(WALTON) == [presence.frame("R7K2", [ben])]
    assert here.changes({WALTON: {"R7K2": ()}}) == {WALTON: [presence.frame("R7K2", [])]}
    assert here.greeting(WALTON) == []
    assert not here.is_due(at=1e9)


def test_a_change_that_could_not_be_read_is_told_later() -> None:
    here, look = Presence(), (CASE, BEN)
    here.opens(look)
    looks, _ = here.begin(at=0)
    here.changes({WALTON: {"R7K2": (Viewer(BEN, "Ben Hale", "Walton"),)}}, looks)
    here.closes(look)
    assert here.begin(at=GATHERED) == (frozenset(), frozenset({CASE}))  # and then the database fails
    assert here.is_due(at=GATHERED + TOLD_EVERY)
    assert here.begin(at=GATHERED + TOLD_EVERY) == (frozenset(), frozenset({CASE}))


def seen(world: World, code: str, *who: str) -> dict[str, list[str]]:
    """For each stream that is told of this referral, who is said to look at it."""
    referral = queries.of_stream(SPOKE).get(code=code)
    looks = {(referral.pk, world.people[name].pk) for name in who}
    told = presence.read(looks, before=[], now=world.now)
    return {key: [f"{one.name}, {one.site}" for one in cases[code]] for key, cases in told.items()}


def test_those_who_see_the_referral_are_told_of_those_who_see_it(world: World) -> None:
    code = world.refers("RET20", "RM301").code
    looking = ["Ben Hale, Walton", "Nia Bevan, NHS Cheshire"]
    told = seen(world, code, "ben", "nia", "zed", "una")
    assert told.keys() == {WALTON, SALFORD, SPOKE, NETWORK, OTHER}
    for people_there in told.values():
        assert [words.partition(",")[0] for words in people_there] == ["Ben Hale", "Nia Bevan"], looking
    assert told[SPOKE][0] == "Ben Hale, Walton"


def test_whoever_lost_sight_of_it_is_told_nothing_and_told_of_no_more(world: World) -> None:
    code = world.refers("RET20", "RM301").code
    assert "Mo Idris, Salford" in seen(world, code, "ben", "mo")[SPOKE]
    transitions.accept(code, **world.press("ben"))
    told = seen(world, code, "ben", "mo")
    assert told == {key: ["Ben Hale, Walton"] for key in (WALTON, SPOKE, NETWORK)}
    loses_role(world, "ben")
    assert seen(world, code, "ben", "mo")[SPOKE] == []
    people.disable(world.people["cleo"])
    assert seen(world, code, "cleo")[SPOKE] == []


def test_the_streams_of_a_referral_are_those_to_which_its_events_go(world: World) -> None:
    for hubs in (["RET20"], ["RM301"], ["RET20", "RM301"]):
        referral = world.refers(*hubs)
        (by_code,) = audiences.cases(codes=[referral.code], ids=[])
        (by_id,) = audiences.cases(codes=[], ids=[referral.pk])
        assert by_code == by_id
        assert by_code.streams == queries.streams(referral)
        assert (by_code.id, by_code.code) == (referral.pk, referral.code)


@pytest_asyncio.fixture
async def quick(feed_runs: None, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[None]:
    """A feed that looks around as often as it looks for events."""
    monkeypatch.setattr(presence, "GATHERED", 0.05)
    monkeypatch.setattr(presence, "TOLD_EVERY", 0.2)
    yield


async def watches(world: World, who: str, query: str) -> Socket:
    return await Socket(query, with_cookie(await does(lambda: session_of(world.people[who])))).open()


async def people_at(board: Socket) -> list[str]:
    return [one["name"] for one in (await board.next("presence"))["people"]]


@pytest.mark.django_db(transaction=True)
async def test_a_board_and_a_case_are_told_who_has_it_open_and_who_closed_it(
    open_world: World, quick: None
) -> None:
    referral = await does(open_world.refers)
    board = await watches(open_world, "ada", f"stream={SPOKE}")
    stranger = await watches(open_world, "zed", "stream=site:RCB55")
    ben = await watches(open_world, "ben", f"stream={WALTON}&case={referral.code}")
    hello = await ben.next("hello")
    assert hello["you"] == open_world.people["ben"].pk
    told = await board.next("presence")
    assert told["referral"] == referral.code
    assert told["people"] == [{"person": hello["you"], "name": "Ben Hale", "site": "Walton"}]
    cleo = await watches(open_world, "cleo", f"stream={WALTON}&case={referral.code}")
    assert await people_at(cleo) == ["Ben Hale"], "who comes later is told at once"
    assert await people_at(board) == ["Ben Hale", "Cleo Marsh"]
    await ben.close()
    assert await people_at(board) == ["Cleo Marsh"]
    await cleo.close()
    assert await people_at(board) == []
    assert "you" not in await board_hello(open_world)
    await stranger.next("beat")
    while not await stranger.wire.receive_nothing(timeout=0.01):
        assert (await stranger.frame())["type"] == "beat"
    for socket in (board, stranger):
        await socket.close()


async def board_hello(world: World) -> dict[str, Any]:
    board = await watches(world, "ada", f"stream={SPOKE}")
    hello = await board.next("hello")
    await board.close()
    return hello


@pytest.mark.django_db(transaction=True)
async def test_a_referral_of_others_cannot_be_had_open(open_world: World, quick: None) -> None:
    referral = await does(open_world.refers)
    for who, stream in (("zed", "site:RCB55"), ("mo", SALFORD)):
        socket = await watches(open_world, who, f"stream={stream}&case={referral.code}")
        assert await socket.end() == ("not_allowed", 4403)
    socket = await watches(open_world, "mo", f"stream={SALFORD}&case=%00")
    assert await socket.end() == ("not_allowed", 4403)
    assert not tail.here().presence.looks(at=0)


@pytest.mark.django_db(transaction=True)
async def test_whoever_loses_the_right_is_not_seen_looking_any_more(open_world: World, quick: None) -> None:
    referral = await does(open_world.refers)
    board = await watches(open_world, "ada", f"stream={SPOKE}")
    hob = await watches(open_world, "hob", f"stream={WALTON}&case={referral.code}")
    assert await people_at(board) == ["Hob Nunn"]
    await does(partial(loses_role, open_world, "hob"))
    assert await hob.end() == ("rights_changed", 4401)
    assert await people_at(board) == []
    await board.close()


@pytest.mark.django_db(transaction=True)
async def test_another_process_is_heard_and_forgotten(
    open_world: World, quick: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(presence, "FORGOTTEN", 1)
    referral = await does(open_world.refers)
    board = await watches(open_world, "ada", f"stream={SPOKE}")
    await board.next("beat")
    there = Presence()
    there.opens((referral.pk, open_world.people["nia"].pk))
    telling = asyncio.create_task(_keeps_telling(there))
    assert await people_at(board) == ["Nia Bevan"]
    telling.cancel()
    assert await people_at(board) == []
    await board.close()


async def _keeps_telling(there: Presence) -> None:
    while True:  # what is said before anybody listens is lost, as it may be
        doorbell.tell(there.message())
        await asyncio.sleep(0.1)


@pytest.mark.django_db(transaction=True)
async def test_without_redis_the_screens_of_one_process_still_know_of_each_other(
    open_world: World, redis_is_dead: None, quick: None
) -> None:
    referral = await does(open_world.refers)
    board = await watches(open_world, "ada", f"stream={SPOKE}")
    ben = await watches(open_world, "ben", f"stream={WALTON}&case={referral.code}")
    assert await people_at(board) == ["Ben Hale"]
    for socket in (board, ben):
        await socket.close()
