"""Signing in by password and as one of the cast, and never in any other way."""

import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from pytest_django import Settings

from network import people
from network.models import Person
from tests.world import NIGHT, World

PASSWORD = "correct horse battery staple"


@pytest.fixture(autouse=True)
def night() -> Iterator[None]:
    with time_machine.travel(NIGHT, tick=False):
        yield


@pytest.fixture(autouse=True)
def quick_hashes(settings: Settings) -> None:
    """Hashing that is slow on purpose is Django's promise; here it would be nine tenths of the time."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def ada(world: World) -> Person:
    person = world.people["ada"]
    person.set_password(PASSWORD)
    person.save()
    return person


def signed_in(client: Client) -> str | None:
    return client.session.get("_auth_user_id")


def test_a_person_signs_in_with_the_password_and_goes_to_the_first_page(client: Client, ada: Person) -> None:
    response = client.post("/sign-in/", {"username": "ada", "password": PASSWORD})
    assert (response.status_code, response["Location"]) == (302, "/")
    assert signed_in(client) == str(ada.pk)


def test_a_person_goes_on_to_the_page_that_was_asked_for(client: Client, ada: Person) -> None:
    page = client.get("/refer/")
    assert page["Location"] == "/sign-in/?next=/refer/"
    response = client.post("/sign-in/", {"username": "ada", "password": PASSWORD, "next": "/refer/"})
    assert response["Location"] == "/refer/"


@pytest.mark.parametrize("elsewhere", ["https://evil.example/", "//evil.example/", "javascript:alert(1)"])
def test_nobody_is_sent_to_another_site_after_signing_in(client: Client, ada: Person, elsewhere: str) -> None:
    response = client.post("/sign-in/", {"username": "ada", "password": PASSWORD, "next": elsewhere})
    assert response["Location"] == "/"
    assert elsewhere not in client.get("/sign-in/", {"next": elsewhere}).content.decode()


@pytest.mark.parametrize("username", ["ada", "nobody-of-that-name", "", "ada\x00"])
def test_a_wrong_password_and_an_unknown_name_get_the_same_answer(
    client: Client, ada: Person, username: str
) -> None:
    response = client.post("/sign-in/", {"username": username, "password": "wrong"})
    page = response.content.decode()
    assert response.status_code == 422
    assert "The user name and the password do not belong together." in page
    assert page.count('role="alert"') == 2  # the sentence, and the empty place of the live banner
    assert signed_in(client) is None


def test_somebody_who_was_disabled_does_not_get_in(client: Client, ada: Person) -> None:
    people.disable(ada)
    response = client.post("/sign-in/", {"username": "ada", "password": PASSWORD})
    assert (response.status_code, signed_in(client)) == (422, None)


def test_signing_in_without_the_form_s_token_is_refused(ada: Person) -> None:
    strict = Client(enforce_csrf_checks=True)
    assert strict.post("/sign-in/", {"username": "ada", "password": PASSWORD}).status_code == 403


def test_the_first_page_says_what_dido_is_and_offers_the_cast_by_name(
    client: Client, world: World, settings: Settings
) -> None:
    settings.DEMO = True
    page = client.get("/sign-in/").content.decode()
    assert "Door in, door out." in page
    assert "thrombectomy" in page
    for username in ("ada", "ben", "cleo", "dev", "sam", "nia", "zed"):
        assert f'name="username" value="{username}"' in page
        assert world.people[username].name in page
    assert 'value="mo"' not in page


def test_one_press_signs_in_as_one_of_the_cast_and_another_switches(
    client: Client, world: World, settings: Settings
) -> None:
    settings.DEMO = True
    client.post("/sign-in/demo/", {"username": "ada"})
    assert signed_in(client) == str(world.people["ada"].pk)
    assert "Become somebody else" in client.get("/sign-in/").content.decode()
    response = client.post("/sign-in/demo/", {"username": "ben", "next": "/r/R7K2/"})
    assert response["Location"] == "/r/R7K2/"
    assert signed_in(client) == str(world.people["ben"].pk)


def test_without_the_demonstration_nobody_gets_in_without_a_password(
    client: Client, world: World, settings: Settings
) -> None:
    settings.DEMO = False
    assert client.post("/sign-in/demo/", {"username": "ada"}).status_code == 404
    assert signed_in(client) is None
    page = client.get("/sign-in/").content.decode()
    assert world.people["ada"].name not in page
    assert "/phones/" not in page


@pytest.mark.parametrize("username", ["mo", "meg", "nobody", ""])
def test_only_the_cast_is_signed_in_with_one_press(
    client: Client, world: World, settings: Settings, username: str
) -> None:
    settings.DEMO = True
    assert client.post("/sign-in/demo/", {"username": username}).status_code == 404
    assert signed_in(client) is None


def test_one_of_the_cast_who_was_disabled_is_not_signed_in(
    client: Client, world: World, settings: Settings
) -> None:
    settings.DEMO = True
    people.disable(world.people["ada"])
    assert client.post("/sign-in/demo/", {"username": "ada"}).status_code == 404
    assert 'value="ada"' not in client.get("/sign-in/").content.decode()


def test_looking_at_an_address_signs_nobody_in_or_out(
    client: Client, world: World, settings: Settings
) -> None:
    settings.DEMO = True
    assert client.get("/sign-in/demo/", {"username": "ada"}).status_code == 405
    client.force_login(world.people["ada"])
    assert client.get("/sign-out/").status_code == 405
    assert signed_in(client) == str(world.people["ada"].pk)


def test_signing_out_ends_the_session(client: Client, world: World) -> None:
    client.force_login(world.people["ada"])
    response = client.post("/sign-out/")
    assert response["Location"] == "/sign-in/"
    assert signed_in(client) is None


def test_somebody_who_is_signed_in_without_the_demonstration_is_shown_the_way_on(
    client: Client, world: World, settings: Settings
) -> None:
    settings.DEMO = False
    client.force_login(world.people["ada"])
    page = client.get("/sign-in/").content.decode()
    assert "You are signed in as Ada Okoro" in page
    assert 'name="password"' not in page


def test_a_demonstration_without_its_people_says_that_it_is_being_set_up(
    client: Client, db: None, settings: Settings
) -> None:
    settings.DEMO = True
    assert "still being set up" in client.get("/sign-in/").content.decode()


@pytest.mark.parametrize("address", ["/sign-in/", "/refer/", "/on-call/"])
def test_a_page_needs_nothing_that_the_content_policy_forbids(
    client: Client, world: World, settings: Settings, address: str
) -> None:
    settings.DEMO = True
    client.force_login(world.people["ada"])
    page = client.get(address).content.decode()
    assert not re.search(r"\sstyle=|\son[a-z]+=|<style|javascript:", page)
    assert re.findall(r"<script(?![^>]* src=)", page) == []


def test_guessing_is_slowed_down_here_and_nowhere_else(client: Client, ada: Person) -> None:
    wrong, right = ({"username": "ada", "password": text} for text in ("guess", PASSWORD))
    for _ in range(5):
        assert client.post("/sign-in/", wrong).status_code == 422
    refused = client.post("/sign-in/", right)
    assert (refused.status_code, signed_in(client)) == (429, None)
    assert "Wait ten minutes" in refused.content.decode()
    elsewhere = Client(REMOTE_ADDR="127.0.0.9")
    assert elsewhere.post("/sign-in/", right).status_code == 302
    assert client.post("/sign-in/", {**wrong, "username": "ben"}).status_code == 422
    with time_machine.travel(NIGHT + timedelta(minutes=11), tick=False):
        assert client.post("/sign-in/", right).status_code == 302
