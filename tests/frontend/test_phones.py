"""The page of phones against the real simulator: what is shown, what can be answered, and where it does not exist."""

import re

import pytest
from django.test import Client
from pytest_django import Settings

from paging import phones as handsets
from paging.simulator.running import Simulator
from tests.frontend.handsets import FETCH, arrives, card, number, phones, text, versions
from tests.world import World
from workforce.models import Shift

pytestmark = pytest.mark.usefixtures("real_night")


def test_anybody_sees_the_phones_of_the_cast_and_of_those_on_call_at_their_hub(
    client: Client, world: World, simulator: Simulator
) -> None:
    response = client.get("/phones/")
    cast = ["ada", "ben", "nia", "cleo", "dev", "sam", "lea", "zed"]
    assert response.status_code == 200
    assert phones(response) == [number(world, who).lstrip("+") for who in cast]
    assert "First on call, Walton" in card(response, number(world, "ben"))
    assert "Spoke stroke team, Arrowe Park" in card(response, number(world, "ada"))


def test_whoever_is_on_call_at_the_cast_s_hub_is_in_play(
    client: Client, world: World, simulator: Simulator
) -> None:
    Shift.objects.filter(person=world.people["ben"]).update(person=world.people["ivy"])
    assert number(world, "ivy").lstrip("+") in phones(client.get("/phones/"))


def test_the_other_phones_are_behind_all_phones(client: Client, world: World, simulator: Simulator) -> None:
    arrives(simulator, number(world, "mo"), "Hello")
    mo = number(world, "mo").lstrip("+")
    assert mo not in phones(client.get("/phones/"))
    assert phones(client.get("/phones/", {"all": "1"}))[-1] == mo
    assert phones(client.get("/phones/live/", {"all": "1"}))[-1] == mo


def test_a_page_is_shown_with_its_answers_and_its_link(
    client: Client, world: World, simulator: Simulator
) -> None:
    body = "STROKE R7K2 from Arrowe Park for Walton 03:10. Reply 4F7KP accept, X4F7KP decline. https://dido.example/r/R7K2/"
    arrives(simulator, number(world, "ben"), body)
    shown = card(client.get("/phones/live/"), number(world, "ben"))
    assert "STROKE R7K2 from Arrowe Park" in shown
    assert '<a href="/r/R7K2/">https://dido.example/r/R7K2/</a>' in shown
    assert re.findall(r'name="body" value="(\w+)"[^>]*>(\w+)', shown) == [
        ("4F7KP", "Accept"),
        ("X4F7KP", "Decline"),
    ]
    assert "1 new" in shown
    assert 'name="username" value="ben"' in shown
    assert 'name="next" value="/r/R7K2/"' in shown


@pytest.mark.parametrize(
    ("body", "chips"),
    [
        ("STROKE R7K2 Walton: Dev accepted. Reply XWX97 confirm, XXWX97 decline.", ["XWX97", "XXWX97"]),
        ("STROKE R7K2 has NO HUB. Reply 4F7KP if you deal with it.", ["4F7KP"]),
        ("DIDO TEST Walton: no patient. Reply 2MRDR to show that pages reach you.", ["2MRDR"]),
        ("DRILL Walton 05:03: NO PATIENT. Reply 7F7NZ to answer the drill.", ["7F7NZ"]),
        ("DIDO: 2MRDR is the code to type on your page. Nobody else needs it.", []),
        ("You have accepted R7K2 for Walton.", []),
        ("See https://dido.example/r/4F7KP accept this", []),
    ],
)
def test_only_what_the_last_text_asks_for_can_be_answered_with_one_press(
    client: Client, world: World, simulator: Simulator, body: str, chips: list[str]
) -> None:
    arrives(simulator, number(world, "ben"), "Reply 9N9N9 accept, X9N9N9 decline.")
    arrives(simulator, number(world, "ben"), body)
    shown = card(client.get("/phones/live/"), number(world, "ben"))
    assert re.findall(r'name="body" value="(\w+)"', shown) == chips


def test_a_text_is_shown_as_words_and_never_as_markup(
    client: Client, world: World, simulator: Simulator
) -> None:
    arrives(
        simulator, number(world, "ben"), '<script>alert(1)</script> https://evil.example/r/R7K2/ <a href="x">'
    )
    shown = card(client.get("/phones/live/"), number(world, "ben"))
    assert "&lt;script&gt;" in shown
    assert "<a href" not in shown


def test_phones_with_new_texts_come_first(client: Client, world: World, simulator: Simulator) -> None:
    arrives(simulator, number(world, "sam"), "Hello")
    assert phones(client.get("/phones/"))[0] == number(world, "sam").lstrip("+")


def test_a_phone_s_version_changes_only_when_it_shows_something_else(
    client: Client, world: World, simulator: Simulator
) -> None:
    before = versions(client.get("/phones/live/"))
    assert versions(client.get("/phones/live/")) == before
    arrives(simulator, number(world, "ben"), "Hello")
    after = versions(client.get("/phones/live/"))
    assert {phone for phone in after if after[phone] != before[phone]} == {number(world, "ben").lstrip("+")}


def test_a_reply_goes_out_from_the_phone(client: Client, world: World, simulator: Simulator) -> None:
    arrives(simulator, number(world, "ben"), "Reply 4F7KP accept, X4F7KP decline.")
    response = client.post(f"/phones/{number(world, 'ben')}/reply/", {"body": "4F7KP"}, headers=FETCH)
    assert (response.status_code, text(response)) == (204, "")
    simulator.settle()
    written = simulator.phone(number(world, "ben"))["messages"]
    assert [message["body"] for message in written if message["direction"] == "from"] == ["4F7KP"]
    assert "is-mine" in card(client.get("/phones/live/"), number(world, "ben"))


def test_without_a_script_the_reply_leads_back_to_the_phone(
    client: Client, world: World, simulator: Simulator
) -> None:
    ben = number(world, "ben")
    response = client.post(f"/phones/{ben}/reply/", {"body": "Hello", "all": "1"})
    assert (response.status_code, response["Location"]) == (303, f"/phones/?all=1#phone-{ben.lstrip('+')}")


@pytest.mark.parametrize("body", ["", "   ", "x" * 321])
def test_a_reply_has_words_and_not_too_many(
    client: Client, world: World, simulator: Simulator, body: str
) -> None:
    response = client.post(f"/phones/{number(world, 'ben')}/reply/", {"body": body}, headers=FETCH)
    assert (response.status_code, text(response)) == (422, "A text has 1 to 320 characters.")
    assert simulator.ledger("inbound") == []


def test_a_phone_without_signal_says_so_and_cannot_write(
    client: Client, world: World, simulator: Simulator
) -> None:
    ben = number(world, "ben")
    assert client.post(f"/phones/{ben}/signal/", {"signal": "off"}, headers=FETCH).status_code == 204
    arrives(simulator, ben, "Hello")
    shown = card(client.get("/phones/live/"), ben)
    assert 'aria-checked="true"' in shown
    assert "1 text waits for signal." in re.sub(r"\s+", " ", shown)
    refused = client.post(f"/phones/{ben}/reply/", {"body": "Hello"}, headers=FETCH)
    assert refused.status_code == 409
    assert text(refused)
    client.post(f"/phones/{ben}/signal/", {"signal": "on"}, headers=FETCH)
    simulator.settle()
    assert "Hello" in card(client.get("/phones/live/"), ben)


def test_a_simulator_that_is_down_is_said_on_the_page_and_comes_back_by_itself(
    client: Client, world: World, simulator: Simulator, settings: Settings
) -> None:
    settings.TWILIO_API_URL = "http://127.0.0.1:9"
    page = client.get("/phones/")
    assert page.status_code == 200
    assert "The phones do not answer just now." in text(page)
    assert client.get("/phones/live/").status_code == 503
    sent = client.post(f"/phones/{number(world, 'ben')}/reply/", {"body": "Hello"}, headers=FETCH)
    assert (sent.status_code, text(sent)) == (503, "The phones do not answer just now. Nothing was sent.")
    settings.TWILIO_API_URL = simulator.url
    assert client.get("/phones/live/").status_code == 200


def test_a_wrong_account_reads_as_a_simulator_that_is_away(
    world: World, simulator: Simulator, settings: Settings
) -> None:
    settings.TWILIO_AUTH_TOKEN = "another"
    with pytest.raises(handsets.PhonesAway):
        handsets.phones()


@pytest.mark.parametrize(
    "change",
    [{"DEMO": False}, {"TWILIO_API_URL": ""}, {"SIMULATOR_PORT": 0}],
    ids=lambda change: next(iter(change)),
)
def test_there_is_no_such_page_outside_a_demonstration_with_a_simulator(
    client: Client, world: World, simulator: Simulator, settings: Settings, change: dict[str, object]
) -> None:
    for name, value in change.items():
        setattr(settings, name, value)
    ben = number(world, "ben")
    assert client.get("/phones/").status_code == 404
    assert client.get("/phones/live/").status_code == 404
    assert client.post(f"/phones/{ben}/reply/", {"body": "Hello"}).status_code == 404
    assert client.post(f"/phones/{ben}/signal/", {"signal": "off"}).status_code == 404
    assert simulator.ledger("inbound") == []


@pytest.mark.parametrize("odd", ["nonsense", "+1202555012", "+44", "..", "+447700900102x"])
def test_only_a_telephone_number_has_a_phone(
    client: Client, world: World, simulator: Simulator, odd: str
) -> None:
    assert client.post(f"/phones/{odd}/reply/", {"body": "Hello"}).status_code == 404
    assert simulator.phones() == []


def test_writing_from_a_phone_needs_the_page_s_own_token_and_a_press(
    world: World, simulator: Simulator
) -> None:
    strict = Client(enforce_csrf_checks=True)
    ben = number(world, "ben")
    assert strict.post(f"/phones/{ben}/reply/", {"body": "Hello"}).status_code == 403
    assert strict.get(f"/phones/{ben}/reply/", {"body": "Hello"}).status_code == 405
    assert strict.get(f"/phones/{ben}/signal/", {"signal": "off"}).status_code == 405
    assert simulator.phones() == []


def test_without_a_script_a_refused_reply_is_said_on_the_page(
    client: Client, world: World, simulator: Simulator
) -> None:
    client.post(f"/phones/{number(world, 'ben')}/reply/", {"body": ""})
    assert "A text has 1 to 320 characters." in text(client.get("/phones/"))
