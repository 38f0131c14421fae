"""Everybody's own phone: is it known to work, another number and its proof, a test that one can watch."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from pytest_django import Settings

from frontend import my_phone, telephone
from network import people
from network.models import Person, PhoneTrouble
from paging import reaching
from paging.models import Escalation, Page
from tests.frontend.browser import Door, Phones, text, tick
from tests.world import NIGHT, World
from workforce import rota
from workforce.models import Duty

MINE = "/me/phone/"


@pytest.mark.parametrize("username", ["ada", "ben", "hob", "nia", "lea", "zed"])
def test_everybody_has_a_page_of_their_own_that_the_header_leads_to(
    world: World, door: Door, username: str
) -> None:
    client = door(username)
    assert f'<a href="{MINE}">My phone</a>' in text(client.get("/board/"))
    page = text(client.get(MINE))
    assert telephone.shown(world.people[username].phone) in page
    assert "Pages reach you here. You last showed it on Mon 1 Jan 2024 at 00:00." in page


def test_somebody_signed_out_has_none(world: World) -> None:
    for address in (MINE, f"{MINE}live/"):
        assert Client().get(address).headers["Location"].startswith("/sign-in/")
    for address in ("number/", "code/", "test/"):
        assert Client().post(f"{MINE}{address}").headers["Location"].startswith("/sign-in/")
    assert not Escalation.objects.exists()


@pytest.mark.parametrize("address", ["number/", "code/", "test/"])
def test_opening_an_address_changes_nothing(world: World, door: Door, address: str) -> None:
    assert door("ben").get(f"{MINE}{address}").status_code == 405


TROUBLES = {
    PhoneTrouble.OPTED_OUT: ("You replied STOP", "Text START to 07700 900999 from this phone."),
    PhoneTrouble.UNKNOWN: ("this number is not in use", "Type the number that you have now."),
    PhoneTrouble.NOT_MOBILE: ("not a mobile phone", "Type the number of your mobile phone."),
}


@pytest.mark.parametrize("trouble", PhoneTrouble)
def test_a_trouble_says_what_it_is_and_how_it_is_mended(
    world: World, door: Door, settings: Settings, trouble: PhoneTrouble
) -> None:
    settings.TWILIO_FROM = "+447700900999"
    ben = world.people["ben"]
    people.phone_troubled(ben, ben.phone, trouble)
    page = text(door("ben").get(MINE))
    for words in TROUBLES[trouble]:
        assert words in page
    assert "Pages reach you here" not in page
    assert "Your phone cannot be reached." in text(door("ben").get("/board/"))


def test_without_a_number_of_ours_the_way_back_is_said_all_the_same(world: World, settings: Settings) -> None:
    settings.TWILIO_FROM = ""
    ben = world.people["ben"]
    people.phone_troubled(ben, ben.phone, PhoneTrouble.OPTED_OUT)
    ben.refresh_from_db()
    assert my_phone.state(ben, NIGHT).mend == "Text START to the number our texts come from from this phone."


def test_a_number_that_was_never_proved_says_so(world: World, door: Door) -> None:
    new = Person.objects.create_user("new", name="New Body", phone="+447700900501")
    client = Client()
    client.force_login(new)
    assert "Not yet proved" in text(client.get(MINE))


def test_somebody_without_a_number_is_told_that_nobody_can_page_them(world: World, door: Door) -> None:
    client = Client()
    client.force_login(Person.objects.create_user("new", name="New Body"))
    page = text(client.get(MINE))
    assert "Nobody can page you." in page
    assert "Page myself now" not in page
    refused = client.post(f"{MINE}test/")
    assert refused.status_code == 422
    assert "Type your mobile number first." in text(refused)


def test_a_test_of_one_s_own_can_be_watched_until_it_is_answered(
    world: World, door: Door, phones: Phones
) -> None:
    client, ben = door("ben"), world.people["ben"]
    assert client.post(f"{MINE}test/").status_code == 303
    tick(world, phones)
    live = text(client.get(f"{MINE}live/"))
    assert "<html" not in live
    assert "data-moving" in live
    assert '<span class="word">Text</span> <span><span class="">sent</span>' in live
    assert "Page myself now" not in live
    again = client.post(f"{MINE}test/")
    assert again.status_code == 422
    world.wind(seconds=12)
    reaching.answered(Page.objects.get(), by=ben, now=world.now)
    page = text(client.get(MINE))
    assert 'Your test at 03:10: <b class="ok">answered after 12 s</b>' in page
    assert "data-moving" not in page
    assert "Page myself now" in page


def test_a_test_that_nobody_answered_stays_on_the_page(world: World, door: Door, phones: Phones) -> None:
    client = door("ben")
    client.post(f"{MINE}test/")
    for seconds in (0, 120, 300):
        tick(world, phones, after=seconds)
    page = text(client.get(MINE))
    assert '<b class="late">not answered</b>' in page
    assert '<span class="word">Call</span>' in page


def test_the_test_at_the_start_of_a_shift_is_told_apart(world: World, door: Door, phones: Phones) -> None:
    start = world.wind(days=2)
    rota.put(
        world.sites["RET20"], Duty.FIRST, world.people["ben"], start=start, end=start + timedelta(hours=12)
    )
    tick(world, phones)  # opens it
    tick(world, phones)
    assert 'At the start of a shift <span class="quiet">since 03:10:00</span>' in text(door("ben").get(MINE))


def test_only_the_last_few_tests_are_shown_each_with_its_day(
    world: World, door: Door, phones: Phones
) -> None:
    ben = world.people["ben"]
    for _ in range(my_phone.TESTS_SHOWN + 1):
        reaching.page_myself(ben, now=world.now)
        tick(world, phones)
        reaching.answered(Page.objects.latest("pk"), by=ben, now=world.now)
        world.wind(days=10)
    page = text(door("ben").get(MINE))
    shown = re.findall(r"Your test (on \w+ \d+ \w+(?: \d+)? at 03:10):", page)
    assert shown[0] == "on Sun 10 Jan at 03:10"
    assert shown[-1] == "on Tue 1 Dec 2026 at 03:10"
    assert len(shown) == my_phone.TESTS_SHOWN


@pytest.mark.parametrize("times", [1, 5])
def test_the_page_costs_the_same_however_many_tests_there_were(
    world: World, door: Door, phones: Phones, times: int, *, django_assert_num_queries: Any
) -> None:
    client, ben = door("ben"), world.people["ben"]
    for _ in range(times):
        client.post(f"{MINE}test/")
        tick(world, phones)
        reaching.answered(Page.objects.latest("pk"), by=ben, now=world.now)
    with django_assert_num_queries(8):
        assert client.get(f"{MINE}live/").status_code == 200


def test_the_header_warns_whoever_may_be_paged_and_nobody_else(world: World, door: Door) -> None:
    Person.objects.filter(username__in=["ben", "nia", "ada"]).update(phone_verified_at=None)
    Person.objects.filter(username="lea").update(phone="")
    for username, words in (
        ("ben", "Your number is not proved yet."),
        ("nia", "Your number is not proved yet."),
        ("lea", "No number: nobody can page you."),
    ):
        assert words in text(door(username).get("/board/"))
    assert "pages may not reach you" not in text(door("ada").get("/board/"))
    assert "pages may not reach you" not in text(door("cleo").get("/board/"))
