"""Who comes in: a thousand at once cost what one costs, and each is judged as if they had come alone."""

import asyncio
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth import BACKEND_SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.db import OperationalError, connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from network import people, permissions
from network.models import Membership, Token
from realtime import door, entering, feed
from realtime.door import Door
from realtime.entering import Entered, Knock, Refused
from realtime.models import Stream
from realtime.reading import Place, Ticket
from referrals import remarks
from tests.realtime.sockets import session_of
from tests.world import World, loses_role

WALTON, NETWORK = "site:RET20", "network:cheshire-and-merseyside"


def answer(knock: Knock) -> Entered | Refused:
    (given,) = entering.answers([knock], now=timezone.now())
    return given


def refusal(knock: Knock) -> str:
    given = answer(knock)
    return str(given) if isinstance(given, Refused) else "let in"


def a_session(world: World, who: str, **changes: Any) -> str:
    """A session as signing in makes it, but for these changes."""
    key = session_of(world.people[who])
    store = SessionStore(key)
    for name, value in changes.items():
        store[name] = value
    store.save()
    return key


def asks(world: World, times: int) -> str:
    code = world.refers().code
    for number in range(times):
        remarks.ask(code, text=f"{number}?", **world.press("ben"))
    return code


def queries(knocks: Sequence[Knock]) -> int:
    with CaptureQueriesContext(connection) as seen:
        assert all(isinstance(one, Entered) for one in entering.answers(knocks, now=timezone.now()))
    return len(seen)


@pytest.fixture
def plain(settings: Any) -> None:
    settings.FEED_RENDERER = "tests.realtime.rendering.frames"


def test_many_cost_as_many_queries_as_one(world: World, plain: None) -> None:
    code = asks(world, 5)
    who = ["ben", "cleo", "dev", "sam", "hob", "nia"]
    token = people.issue_token(world.people["ivy"], at=world.now)
    keys = {name: session_of(world.people[name]) for name in who}
    one = [
        Knock(WALTON, 3, session_key=keys["ben"], case=code),
        Knock(NETWORK, 4, session_key=keys["nia"]),
        Knock(WALTON, token=people.digest(token)),
    ]
    many = [Knock(WALTON, n % 6, session_key=keys[name]) for name in who[:5] for n in range(8)]
    assert queries(one + many) == queries(one) <= 9


def test_what_many_missed_is_rendered_once_and_each_gets_what_they_lack(world: World, plain: None) -> None:
    asks(world, 5)
    key = session_of(world.people["ben"])
    found = entering.answers(
        [Knock(WALTON, since, session_key=key) for since in (2, 5, 6, 2, None)], now=timezone.now()
    )
    places = [one.place for one in found if isinstance(one, Entered)]
    assert [[entry.position for entry in place.missed] for place in places] == [
        [3, 4, 5, 6],
        [6],
        [],
        [3, 4, 5, 6],
        [],
    ]
    assert places[0] is places[3]


def test_everybody_may_watch_what_their_own_page_offers_and_nothing_else(world: World) -> None:
    loses_role(world, "mo")
    people.disable(world.people["sam"])
    Membership.objects.filter(person=world.people["hob"]).update(since=timezone.now() + timedelta(days=1))
    everything = {feed.site_stream(site) for site in world.sites.values()} | {
        feed.network_stream(network) for network in world.networks.values()
    }
    for name, person in world.people.items():
        person.refresh_from_db()
        offered = set(feed.watchable(permissions.rights(person, at=timezone.now())))
        key = session_of(person)
        let_in = {stream for stream in everything if refusal(Knock(stream, session_key=key)) == "let in"}
        assert let_in == offered, name
    assert not feed.posts([world.people["sam"].pk], at=timezone.now())


FAULTS: dict[str, Callable[[World], Knock]] = {
    "no session": lambda world: Knock(WALTON),
    "an unknown session": lambda world: Knock(WALTON, session_key="x" * 32),
    "a session of nobody": lambda world: Knock(
        WALTON, session_key=a_session(world, "ben", _auth_user_id="987654")
    ),
    "a session of no number": lambda world: Knock(
        WALTON, session_key=a_session(world, "ben", _auth_user_id="x")
    ),
    "an older password": lambda world: Knock(
        WALTON, session_key=a_session(world, "ben", _auth_user_hash="x")
    ),
    "a way in that is shut": lambda world: Knock(
        WALTON, session_key=a_session(world, "ben", **{BACKEND_SESSION_KEY: "gone.Backend"})
    ),
    "an unknown token": lambda world: Knock(WALTON, token=people.digest("dido_x")),
    "an unknown token beside a good cookie": lambda world: Knock(
        WALTON, token=people.digest("dido_x"), session_key=session_of(world.people["ben"])
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_whoever_shows_nothing_valid_is_signed_out(world: World, fault: str) -> None:
    assert refusal(FAULTS[fault](world)) == "signed_out"
    assert refusal(Knock(WALTON, session_key=session_of(world.people["ben"]))) == "let in"


def test_an_ended_token_and_an_old_session_open_nothing(world: World) -> None:
    text = people.issue_token(world.people["ben"], at=world.now)
    assert refusal(Knock(WALTON, token=people.digest(text))) == "let in"
    people.end_token(Token.objects.get(digest=people.digest(text)), at=world.now)
    assert refusal(Knock(WALTON, token=people.digest(text))) == "signed_out"
    old = SessionStore(session_of(world.people["ben"]))
    old.set_expiry(timedelta(seconds=-1))
    old.save()
    assert refusal(Knock(WALTON, session_key=old.session_key or "")) == "signed_out"


def test_a_session_outlives_a_change_of_the_secret_key_while_the_old_one_is_kept(
    world: World, settings: Any
) -> None:
    key = session_of(world.people["ben"])
    settings.SECRET_KEY_FALLBACKS, settings.SECRET_KEY = [settings.SECRET_KEY], "another"
    assert refusal(Knock(WALTON, session_key=key)) == "let in"
    settings.SECRET_KEY_FALLBACKS = []
    assert refusal(Knock(WALTON, session_key=key)) == "signed_out"


def test_a_screen_may_show_a_referral_that_its_reader_sees_and_no_other(world: World) -> None:
    code = world.refers().code
    ben, zed = (session_of(world.people[name]) for name in ("ben", "zed"))
    given = answer(Knock(WALTON, session_key=ben, case=code.lower()))
    assert isinstance(given, Entered) and given.case is not None
    assert refusal(Knock("site:RCB55", session_key=zed)) == "let in"
    assert refusal(Knock("site:RCB55", session_key=zed, case=code)) == "not_allowed"
    assert refusal(Knock(WALTON, session_key=ben, case="ZZZZ")) == "not_allowed"


@pytest.mark.parametrize("nonsense", ["\0", "x" * 5000, "é", "' or 1=1", "{}"])
def test_nonsense_is_refused_and_spoils_nothing_for_whoever_comes_with_it(
    world: World, nonsense: str
) -> None:
    key = session_of(world.people["ben"])
    knocks = [
        Knock(WALTON, session_key=key),
        Knock(WALTON, session_key=nonsense),
        Knock(nonsense, session_key=key),
        Knock(WALTON, session_key=key, case=nonsense),
        Knock(WALTON, 0, nonsense, session_key=key),
    ]
    told = [type(one).__name__ for one in entering.answers(knocks, now=timezone.now())]
    assert told == ["Entered", "Refused", "Refused", "Refused", "Entered"]


def test_a_stream_that_nobody_wrote_to_is_made_once(world: World) -> None:
    key = session_of(world.people["una"])
    stream = "network:west-yorkshire-and-harrogate"
    found = entering.answers([Knock(stream, session_key=key)] * 2, now=timezone.now())
    assert {one.place.epoch for one in found if isinstance(one, Entered)} == {
        str(Stream.objects.get(key=stream).epoch)
    }


ENTERED = Entered(Ticket(1, 1), Place("e", 0), None)


async def test_whoever_knocks_while_others_are_judged_waits_for_the_next_visit(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(door, "AT_ONCE", 10)
    visits: list[int] = []
    first = asyncio.Event()

    async def judge(knocks: Sequence[Knock]) -> list[Entered | Refused]:
        visits.append(len(knocks))
        await first.wait()
        return [Refused("not_allowed") if knock.stream == "no" else ENTERED for knock in knocks]

    ours = Door(judge)
    knocking = [asyncio.create_task(ours.knock(Knock("no" if n == 7 else "yes"))) for n in range(25)]
    knocking.append(leaving := asyncio.create_task(ours.knock(Knock("yes"))))
    await asyncio.sleep(0)
    leaving.cancel()
    first.set()
    told = await asyncio.gather(*knocking, return_exceptions=True)
    assert visits == [10, 10, 6]
    assert [n for n, one in enumerate(told) if isinstance(one, Refused)] == [7]
    assert sum(one is ENTERED for one in told) == 24
    assert await ours.knock(Knock("yes")) is ENTERED


async def test_a_fault_of_the_database_reaches_all_who_wait_and_the_door_opens_again() -> None:
    answers: list[Any] = [OperationalError("gone"), [ENTERED]]

    async def judge(knocks: Sequence[Knock]) -> list[Entered | Refused]:
        given = answers.pop(0)
        if isinstance(given, Exception):
            raise given
        return list(given)

    ours = Door(judge)
    told = await asyncio.gather(*(ours.knock(Knock("x")) for _ in range(3)), return_exceptions=True)
    assert [type(one) for one in told] == [OperationalError] * 3
    assert await ours.knock(Knock("x")) is ENTERED
