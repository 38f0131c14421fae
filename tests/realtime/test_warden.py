"""Rights are read again when one may have ended, not for every frame; whatever takes one away changes the number."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from network import people
from network.models import Person, Token
from realtime import reading, warden
from realtime.warden import Warden
from tests.realtime.sockets import Socket, does, session_of, with_cookie
from tests.world import World, loses_role

WALTON = "site:RET20"
HOUR = timedelta(hours=1)


def number() -> int:
    return reading.look({})[1]


def changes_password(world: World) -> None:
    person = Person.objects.get(pk=world.people["ben"].pk)
    person.set_password("correct horse battery staple")
    person.save()


def signs_out(_: World) -> None:
    Session.objects.get().delete()


def cuts_a_session_short(_: World) -> None:
    Session.objects.update(expire_date=timezone.now() + HOUR)


def ends_a_token(world: World) -> None:
    people.end_token(Token.objects.get(), at=world.now)


TAKES: dict[str, Callable[[World], Any]] = {
    "a password is changed": changes_password,
    "a person is disabled": lambda world: people.disable(world.people["ben"]),
    "a role is taken away": lambda world: loses_role(world, "ben"),
    "somebody signs out": signs_out,
    "a session is cut short": cuts_a_session_short,
    "a token ends": ends_a_token,
    "a token is deleted": lambda _: Token.objects.get().delete(),
}


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("name", TAKES)
def test_whatever_takes_a_right_away_changes_the_number_at_its_commit(open_world: World, name: str) -> None:
    session_of(open_world.people["ben"])
    people.issue_token(open_world.people["ben"], at=open_world.now)
    before = number()
    with transaction.atomic():
        TAKES[name](open_world)
        assert number() == before
    assert number() != before


@pytest.mark.django_db(transaction=True)
def test_a_right_that_is_given_and_a_new_session_leave_the_number_alone(open_world: World) -> None:
    before = number()
    SessionStore().create()
    people.issue_token(open_world.people["ben"], at=open_world.now)
    Person.objects.filter(pk=open_world.people["ben"].pk).update(last_login=open_world.now, name="Ben H")
    Session.objects.update(expire_date=timezone.now() + 400 * HOUR)
    open_world.refers()
    assert number() == before


def test_a_look_without_news_asks_for_one_thing_however_many_watch(world: World) -> None:
    with CaptureQueriesContext(connection) as asked:
        reading.look({WALTON: 0})
    assert len(asked) == 1


def test_it_doubts_a_new_number_a_new_face_and_a_failure_and_looks_again_at_what_is_old() -> None:
    guard = Warden()
    assert guard.doubts(7, at=0.0)
    guard.trusts(7, at=0.0)
    assert not guard.doubts(7, at=0.1)
    assert guard.doubts(8, at=0.1)
    assert not guard.is_due(at=warden.AGAIN - 0.1)
    assert guard.is_due(at=warden.AGAIN)
    assert not guard.doubts(7, at=warden.TOO_OLD - 0.1)
    assert guard.doubts(7, at=warden.TOO_OLD)
    guard.forget()
    assert guard.doubts(7, at=0.1)


@pytest.mark.django_db(transaction=True)
async def test_a_session_that_runs_out_by_itself_closes_its_socket(
    open_world: World, feed_runs: None
) -> None:
    session = await does(partial(session_of, open_world.people["ben"]))
    board = await Socket(f"stream={WALTON}", with_cookie(session)).open()
    await board.next("beat")

    def runs_out() -> None:
        with connection.cursor() as cursor:  # as if its time had come: no trigger hears of that
            cursor.execute("set session_replication_role = replica")
            Session.objects.update(expire_date=timezone.now())
            cursor.execute("reset session_replication_role")

    await does(runs_out)
    assert await board.end() == ("rights_changed", 4401)
