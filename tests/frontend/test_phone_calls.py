"""Calls on the page of phones, against the real simulator: which phone rings, what is heard, and what keys do."""

import re

import pytest
from django.test import Client
from pytest_django import Settings

from paging import speech
from paging.simulator.running import Simulator
from tests.frontend.handsets import FETCH, NOBODY_LISTENS, card, number, phones, rings, text, versions
from tests.world import World

pytestmark = pytest.mark.usefixtures("real_night")

WORDS = speech.call("Referral R, 7.", keys=[("7", "accept"), ("4", "decline")], action=NOBODY_LISTENS)
ASKED = [
    "This is Dido, stroke thrombectomy.",
    "Referral R, 7.",
    "To accept, press 7.",
    "To decline, press 4.",
]


def heard(shown: str) -> list[str]:
    """The lines that a call on the phone has said so far."""
    said = re.search(r'data-part="said".*?</div>', shown, re.DOTALL)
    assert said
    return re.findall(r"<p>(.*?)</p>", said[0])


def does(client: Client, phone: str, **wishes: str) -> int:
    """The phone's owner does something with a call, as the page's script asks for it."""
    return client.post(f"/phones/{phone}/call/", wishes, headers=FETCH).status_code


def test_a_phone_that_rings_comes_first_and_can_be_answered_or_rejected(
    client: Client, world: World, simulator: Simulator
) -> None:
    rings(simulator, number(world, "sam"), WORDS)
    page = client.get("/phones/")
    assert phones(page)[0] == number(world, "sam").lstrip("+")
    shown = card(page, number(world, "sam"))
    assert "is-ringing" in shown
    assert "Dido is calling" in shown
    assert re.findall(r'name="deed" value="(\w+)"[^>]*>(\w+)', shown) == [
        ("hang_up", "Reject"),
        ("answer", "Answer"),
    ]
    assert 'name="key"' not in shown
    assert text(page).count("is-ringing") == 1


def test_a_call_that_is_answered_shows_its_words_and_twelve_keys(
    client: Client, world: World, simulator: Simulator
) -> None:
    ben = number(world, "ben")
    rings(simulator, ben, WORDS)
    assert does(client, ben, deed="answer") == 204
    simulator.settle()
    shown = card(client.get("/phones/live/"), ben)
    assert "is-called" in shown
    assert "is-ringing" not in shown
    assert heard(shown)[:4] == ASKED
    assert re.findall(r'name="key" value="(.)"', shown) == list("123456789*0#")
    assert "Press a key" in shown
    assert 'role="log"' in shown


def test_a_key_goes_out_from_the_phone(client: Client, world: World, simulator: Simulator) -> None:
    ben = number(world, "ben")
    rings(simulator, ben, WORDS)
    does(client, ben, deed="answer")
    simulator.settle()
    assert does(client, ben, key="7") == 204
    simulator.settle()
    [call] = simulator.calls(ben)
    assert call["pressed"] == "7"
    assert [line["url"] for line in simulator.ledger("voice")] == [NOBODY_LISTENS]
    shown = card(client.get("/phones/live/"), ben)
    assert "is-called" not in shown
    assert "pressed 7" in shown


@pytest.mark.parametrize(
    ("deeds", "head"), [([], "Missed call"), (["hang_up"], "Rejected call"), (["answer", "hang_up"], "Call")]
)
def test_a_call_that_is_over_stays_on_the_screen_among_the_texts(
    client: Client, world: World, simulator: Simulator, deeds: list[str], head: str
) -> None:
    ben = number(world, "ben")
    rings(simulator, ben, WORDS)
    for deed in deeds:
        assert does(client, ben, deed=deed) == 204
        simulator.settle()
    if not deeds:
        simulator.let_time_pass(ben)
    shown = card(client.get("/phones/live/"), ben)
    assert f"<b>{head}</b>" in shown
    assert ("This is Dido, stroke thrombectomy." in shown) == ("answer" in deeds)
    assert ("no key pressed" in shown) == ("answer" in deeds)
    assert "is-called" not in shown


def test_a_voicemail_is_switched_on_and_keeps_what_was_said_once(
    client: Client, world: World, simulator: Simulator
) -> None:
    ben = number(world, "ben")
    assert client.post(f"/phones/{ben}/voicemail/", {"voicemail": "on"}, headers=FETCH).status_code == 204
    rings(simulator, ben, WORDS)
    shown = card(client.get("/phones/live/"), ben)
    assert 'name="voicemail" value="off" role="switch" aria-checked="true"' in shown
    assert "<b>Voicemail</b>" in shown
    assert shown.count("To accept, press 7.") == 1
    assert "is-called" not in shown
    client.post(f"/phones/{ben}/voicemail/", {"voicemail": "off"}, headers=FETCH)
    assert simulator.phone(ben)["voice"] == "human"


def test_a_call_s_words_are_words_and_never_markup(
    client: Client, world: World, simulator: Simulator
) -> None:
    ben = number(world, "ben")
    rings(simulator, ben, "<Response><Say>&lt;script&gt;alert(1)&lt;/script&gt;</Say><Gather/></Response>")
    does(client, ben, deed="answer")
    simulator.settle()
    assert heard(card(client.get("/phones/live/"), ben)) == ["&lt;script&gt;alert(1)&lt;/script&gt;"]


def test_a_phone_s_version_follows_its_call(client: Client, world: World, simulator: Simulator) -> None:
    ben = number(world, "ben")
    seen = {versions(client.get("/phones/live/"))[ben.lstrip("+")]}
    rings(simulator, ben, WORDS)
    seen.add(versions(client.get("/phones/live/"))[ben.lstrip("+")])
    does(client, ben, deed="answer")
    simulator.settle()
    seen.add(versions(client.get("/phones/live/"))[ben.lstrip("+")])
    does(client, ben, deed="hang_up")
    simulator.settle()
    seen.add(versions(client.get("/phones/live/"))[ben.lstrip("+")])
    assert len(seen) == 4


@pytest.mark.parametrize("wishes", [{}, {"key": "A"}, {"key": "77"}, {"deed": "throw"}])
def test_only_what_a_phone_can_do_is_done(
    client: Client, world: World, simulator: Simulator, wishes: dict[str, str]
) -> None:
    ben = number(world, "ben")
    rings(simulator, ben, WORDS)
    assert does(client, ben, **wishes) == 422
    assert simulator.calls(ben)[0]["ringing"]


@pytest.mark.parametrize("wishes", [{"key": "7"}, {"deed": "answer"}, {"deed": "hang_up"}])
def test_a_phone_that_nobody_calls_says_so(
    client: Client, world: World, simulator: Simulator, wishes: dict[str, str]
) -> None:
    ben = number(world, "ben")
    refused = client.post(f"/phones/{ben}/call/", wishes, headers=FETCH)
    assert (refused.status_code, text(refused)) == (409, f"Nobody is calling {ben}.")


def test_without_a_script_a_call_is_answered_and_the_page_comes_back(
    client: Client, world: World, simulator: Simulator
) -> None:
    ben = number(world, "ben")
    rings(simulator, ben, WORDS)
    answered = client.post(f"/phones/{ben}/call/", {"deed": "answer"})
    assert (answered.status_code, answered["Location"]) == (303, f"/phones/#phone-{ben.lstrip('+')}")
    simulator.settle()
    assert simulator.calls(ben)[0]["connected"]


def test_calls_can_be_answered_only_in_a_demonstration_by_a_press(
    client: Client, world: World, simulator: Simulator, settings: Settings
) -> None:
    ben = number(world, "ben")
    rings(simulator, ben, WORDS)
    assert (
        Client(enforce_csrf_checks=True).post(f"/phones/{ben}/call/", {"deed": "answer"}).status_code == 403
    )
    assert client.get(f"/phones/{ben}/call/").status_code == 405
    settings.DEMO = False
    assert does(client, ben, deed="answer") == 404
    assert client.post(f"/phones/{ben}/voicemail/", {"voicemail": "on"}).status_code == 404
    assert simulator.calls(ben)[0]["ringing"]
    assert simulator.phone(ben)["voice"] == "human"
