"""The session and its person are found as Django finds them, by two questions, and only while they hold."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth import get_user
from django.contrib.sessions.backends import db
from django.http import HttpRequest
from django.test import Client, RequestFactory
from django.utils import timezone
from time_machine import travel

from network import people
from network.signed_in import SessionStore
from tests.world import World

pytestmark = pytest.mark.django_db


@pytest.fixture
def key(world: World, client: Client) -> str:
    """Of a session in which Ben is signed in."""
    client.force_login(world.people["ben"])
    return str(client.session.session_key)


def request_with(key: str | None) -> HttpRequest:
    request = RequestFactory().get("/")
    request.session = SessionStore(key)
    return request


def test_a_session_and_its_person_take_two_questions(
    world: World, key: str, django_assert_num_queries: Any
) -> None:
    with django_assert_num_queries(2):
        found = get_user(request_with(key))
    assert found == world.people["ben"]
    assert vars(found) | {"_state": None} == vars(type(world.people["ben"]).objects.get(pk=found.pk)) | {
        "_state": None
    }


def test_each_of_the_two_stores_reads_what_the_other_wrote(key: str) -> None:
    ours, djangos = SessionStore(key), db.SessionStore(key)
    assert dict(ours.items()) == dict(djangos.items()) != {}
    ours["said"] = "é"
    ours.save()
    assert db.SessionStore(key)["said"] == "é"


def test_a_session_that_ended_is_empty_and_its_key_is_not_used_again(key: str) -> None:
    with travel(timezone.now() + timedelta(hours=13), tick=False):
        ended = SessionStore(key)
        assert not dict(ended.items())
        assert ended.session_key is None


@pytest.mark.parametrize(
    "key", ["no-such-session", "x" * 32, "x' or true; --", "nul\0nul\0", "é" * 10, "%s" * 8]
)
def test_a_key_that_is_none_of_ours_is_nobodys_session(world: World, key: str) -> None:
    nobody = request_with(key)
    assert not dict(nobody.session.items())
    assert nobody.session.session_key is None
    assert not get_user(nobody).is_authenticated


def test_whoever_is_disabled_is_signed_in_no_longer(world: World, key: str) -> None:
    assert get_user(request_with(key)).is_authenticated
    people.disable(world.people["ben"])
    assert not get_user(request_with(key)).is_authenticated


def test_whoever_has_a_new_password_signs_in_again(world: World, key: str) -> None:
    ben = world.people["ben"]
    ben.set_password("a new and quite long one 7")
    ben.save(update_fields=["password"])
    assert not get_user(request_with(key)).is_authenticated
