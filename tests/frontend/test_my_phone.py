"""Everybody's own phone: is it known to work, another number and its proof, a test that one can watch."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from pytest_django import Settings

from frontend import my_phone, telephone
from frontend.telephone import NotMobile
from network import people
from network.models import Person, PhoneTrouble
from paging import reaching, settling
from paging.models import Escalation, Page, Reason
from paging.reaching import CODES_AN_HOUR
from tests.frontend.browser import Door, Phones, text, tick
from tests.world import NIGHT, World
from workforce import rota
from workforce.models import Duty

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
    assert 'Asked for at 03:10: <b class="ok">answered after 12 s</b>' in page
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
    shown = re.findall(r"Asked for (on \w+ \d+ \w+(?: \d+)? at 03:10):", page)
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
