"""Another number: typed in any way, refused in words, theirs once its code is typed; the old one works until then."""

import re
from typing import Any

import pytest
from django.test import Client

from frontend import telephone
from frontend.telephone import NotMobile
from network import people
from network.models import Person, PhoneTrouble
from paging import settling
from paging.models import Escalation, Page, Reason
from paging.reaching import CODES_AN_HOUR
from tests.frontend.browser import Door, Phones, text, tick
from tests.world import World

MINE = "/me/phone/"
NEW, TYPED = "+447700900500", "07700 900500"


def asks(client: Client, number: str) -> Any:
    return client.post(f"{MINE}number/", {"number": number})


def types(client: Client, code: str) -> Any:
    return client.post(f"{MINE}code/", {"code": code}, follow=True)


def the_code() -> str:
    return Page.objects.filter(escalation__reason=Reason.VERIFY).latest("pk").reply_code


def phone_of(world: World, username: str) -> str:
    return Person.objects.get(pk=world.people[username].pk).phone


def test_another_number_is_theirs_once_its_code_is_typed_and_the_old_one_works_until_then(
    world: World, door: Door, phones: Phones
) -> None:
    client, old = door("ben"), world.people["ben"].phone
    assert asks(client, TYPED).status_code == 303
    tick(world, phones)
    page = text(client.get(MINE))
    assert f"Show that {TYPED} is yours" in page
    assert f"It works until 03:20. Until then you are paged at {telephone.shown(old)} as before." in page
    assert phone_of(world, "ben") == old
    done = text(types(client, f" {the_code().lower()} "))
    assert f"From now on you are paged at {TYPED}." in done
    assert "You last showed it at 03:10." in done
    assert phone_of(world, "ben") == NEW


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("07700 900123", "+447700900123"),
        ("(07700) 900-123", "+447700900123"),
        ("+44 7700 900123", "+447700900123"),
        ("0044 7911 123456", "+447911123456"),
        ("07624 123456", "+447624123456"),
        ("+353 87 123 4567", "+353871234567"),
    ],
)
def test_a_mobile_number_may_be_typed_in_any_way(typed: str, kept: str) -> None:
    assert telephone.mobile(typed) == kept


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("", "Type your mobile number"),
        ("hello", "not a telephone number"),
        ("0" * 4000, "not a telephone number"),
        ("0151 496 0100", "0151 496 0100 is not a mobile number"),
        ("07012 345678", "is not a mobile number"),
        ("07700 90012", "no telephone number in use"),
        ("07700 9001234", "no telephone number in use"),
        ("999", "no telephone number in use"),
        ("07911 123456 ext. 4", "no extension"),
    ],
)
def test_what_is_no_mobile_number_is_refused_in_words_and_stays_typed(
    world: World, door: Door, typed: str, words: str
) -> None:
    with pytest.raises(NotMobile, match=re.escape(words)):
        telephone.mobile(typed)
    response = asks(door("ben"), typed)
    assert response.status_code == 422
    assert words in text(response)
    assert not Escalation.objects.exists()


@pytest.mark.parametrize(
    ("number", "said"),
    [
        ("+441514960100", "0151 496 0100"),
        ("+447700900002", "07700 900002"),
        ("+447911123456", "07911 123456"),
        ("+353871234567", "+353 87 123 4567"),
        ("switchboard", "switchboard"),
        ("", ""),
    ],
)
def test_a_number_is_shown_as_it_is_read_out(number: str, said: str) -> None:
    assert telephone.shown(number) == said


def test_a_number_of_somebody_else_is_refused(world: World, door: Door) -> None:
    response = asks(door("ben"), world.people["cleo"].phone)
    assert response.status_code == 422
    assert "is the number of somebody else here." in text(response)
    assert not Escalation.objects.exists()


def test_a_number_that_somebody_else_proves_first_is_refused_at_the_code(
    world: World, door: Door, phones: Phones
) -> None:
    client = door("ben")
    asks(client, TYPED)
    tick(world, phones)
    people.set_phone(world.people["cleo"], NEW, at=world.now)
    response = types(client, the_code())
    assert response.status_code == 422
    assert f"{TYPED} is the number of somebody else here." in text(response)
    assert phone_of(world, "ben") != NEW


def test_one_s_own_number_needs_no_proof_unless_something_is_wrong_with_it(world: World, door: Door) -> None:
    ben = world.people["ben"]
    assert "has for you already" in text(asks(door("ben"), ben.phone))
    people.phone_troubled(ben, ben.phone, PhoneTrouble.UNKNOWN)
    assert asks(door("ben"), ben.phone).status_code == 303


def test_a_wrong_code_is_refused_and_after_five_no_code_helps(
    world: World, door: Door, phones: Phones
) -> None:
    client = door("ben")
    asks(client, TYPED)
    tick(world, phones)
    assert "Look at the text again: 4 more tries." in text(types(client, "WRONG"))
    for _ in range(2):
        types(client, "WRONG")
    assert "Look at the text again: 1 more try." in text(types(client, "WRONG"))
    assert "one wrong code too many. Ask for a new one." in text(types(client, "WRONG"))
    assert types(client, the_code()).status_code == 422
    assert phone_of(world, "ben") != NEW
    assert 'name="code"' not in text(client.get(MINE))


def test_a_code_ends_after_ten_minutes(world: World, door: Door, phones: Phones) -> None:
    client = door("ben")
    asks(client, TYPED)
    tick(world, phones)
    world.wind(minutes=10, seconds=1)
    response = types(client, the_code())
    assert response.status_code == 422
    assert "The code is too old. Ask for a new one." in text(response)
    assert phone_of(world, "ben") != NEW


def test_nobody_types_another_person_s_code(world: World, door: Door, phones: Phones) -> None:
    asks(door("ben"), TYPED)
    tick(world, phones)
    response = types(door("cleo"), the_code())
    assert response.status_code == 422
    assert phone_of(world, "cleo") != NEW


def test_at_most_five_codes_are_sent_an_hour_and_the_page_says_when_the_next(
    world: World, door: Door
) -> None:
    client = door("ben")
    for _ in range(CODES_AN_HOUR):
        assert asks(client, TYPED).status_code == 303
        world.wind(minutes=2)
    assert "You can ask for another one at 04:11." in text(client.get(MINE))
    refused = asks(client, TYPED)
    assert refused.status_code == 422
    assert "5 codes were sent within an hour. You can ask for another one at 04:11." in text(refused)
    assert Escalation.objects.filter(reason=Reason.VERIFY).count() == CODES_AN_HOUR
    assert asks(door("cleo"), "07700 900501").status_code == 303
    world.wind(minutes=51)
    assert asks(client, TYPED).status_code == 303


def test_the_page_says_what_became_of_the_code_s_text(world: World, door: Door, phones: Phones) -> None:
    client = door("ben")
    asks(client, TYPED)
    assert "Its text is about to go." in text(client.get(MINE))
    tick(world, phones)
    assert "The text went out at 03:10:00." in text(client.get(MINE))
    page = Page.objects.get()
    world.wind(seconds=2)
    reported: dict[str, Any] = {"page_id": page.pk, "provider_id": page.provider_id, "now": world.now}
    settling.report(status="delivered", error="", **reported)
    assert "The text arrived at 03:10:02." in text(client.get(f"{MINE}live/"))
    settling.report(status="failed", error="30006", **reported)
    assert "The text did not arrive: a landline: cannot receive texts." in text(client.get(MINE))
