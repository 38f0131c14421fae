"""Every verb pressed on the web: offered to whoever may, refused in words at its place, done once."""

import re
from typing import Any

import pytest
from django.test import Client

from paging.models import Escalation
from referrals import transitions
from referrals.models import Event, Referral
from referrals.states import LIVE, State
from tests import undone
from tests.frontend.browser import Door, Phones, act, buttons, see, text, tick
from tests.world import World

NEXT = [
    (State.REFERRED, "ben", "accept"),
    (State.UNPLACED, "ada", "re_offer"),
    (State.PROVISIONAL, "sam", "confirm"),
    (State.ACCEPTED, "ada", "request_ambulance"),
    (State.AMBULANCE_REQUESTED, "ada", "depart"),
    (State.DEPARTED, "ben", "arrive"),
    (State.ARRIVED, "ben", "puncture"),
    (State.PUNCTURE, "ben", "end_procedure"),
    (State.TREATED, "ben", "request_repatriation"),
    (State.REPATRIATING, "ada", "repatriate"),
]
SAID: dict[str, dict[str, Any]] = {
    "request_ambulance": {"category": "C2", "cad": "4711"},
    "end_procedure": {"mtici": "3"},
    "re_offer": {"hubs": ["RM301"]},
    "withdraw": {"reason": "improved"},
    "stand_down": {"reason": "worse"},
    "not_treat": {"reason": "infarct_established"},
    "ask": {"text": "How is the airway?"},
    "answer": {"text": "Safe."},
    "decline": {"reason": "no_bed"},
    "amend": {"nihss": "18"},
    "second_opinion": {"hubs": ["RM301"], "text": "Is the core too large?"},
    "expect": {"minutes": "10"},
    "delay": {"minutes": "10"},
    "ready": {"item": "suite"},
    "offer_bed": {"text": "Bed 4"},
    "request_return": {"category": "IFT3"},
}
MESSAGES = "messages"  # the conversation's own form, which is no verb


@pytest.mark.parametrize(("state", "username", "verb"), NEXT)
def test_what_gets_the_patient_on_can_be_pressed_by_whoever_may(
    world: World, door: Door, state: State, username: str, verb: str
) -> None:
    referral = world.a_referral(state)
    if state not in {State.REFERRED, State.PROVISIONAL}:  # the answer has a page of its own
        assert verb in buttons(see(door(username), referral))
    response = act(door(username), referral, verb, **SAID.get(verb, {}))
    assert response.status_code == 303
    event = Event.objects.filter(referral=referral).order_by("-number").first()
    assert event is not None
    assert (event.verb, event.by, event.via) == (verb, world.people[username], "web")


def test_a_pre_alert_leads_to_the_referral_form(world: World, door: Door) -> None:
    referral = world.a_referral(State.PRE_ALERTED)
    assert f'href="/refer/?from={referral.code}"' in text(see(door("ada"), referral))


@pytest.mark.parametrize("state", sorted(LIVE))
def test_no_button_is_offered_that_would_be_refused(world: World, door: Door, state: State) -> None:
    referral = world.a_referral(state)
    offered = [
        (username, verb)
        for username in ("ada", "ben", "sam", "dev", "hob", "nia", "lea")
        for verb in sorted(buttons(see(door(username), referral)) - {MESSAGES})
    ]
    assert ("ada", "amend") in offered
    for username, verb in offered:
        with undone.afterwards():
            done = act(door(username), referral, verb, **SAID.get(verb, {}))
        assert done.status_code == 303, (username, verb)


def test_an_ended_referral_has_no_button(world: World, door: Door) -> None:
    page = see(door("ada"), world.a_referral(State.REPATRIATED))
    assert buttons(page) <= {MESSAGES}
    assert "This referral has ended" in text(page)


def test_what_is_missing_is_said_at_its_place_and_what_was_typed_stays(world: World, door: Door) -> None:
    referral = world.a_referral(State.ACCEPTED)
    response = act(
        door("ada"), referral, "request_ambulance", cad="C-4711", note="Nurse goes with her", key="k1"
    )
    page = text(response)
    assert response.status_code == 422
    assert 'id="fault-request_ambulance-category"' in page
    assert 'value="C-4711"' in page
    assert 'value="Nurse goes with her"' in page
    assert 'name="key" value="k1"' in page
    assert Referral.objects.get(pk=referral.pk).state == State.ACCEPTED


def test_an_impossible_time_is_refused_at_its_field(world: World, door: Door) -> None:
    referral = world.a_referral(State.DEPARTED)
    response = act(door("ben"), referral, "arrive", at="2026-11-20T01:00", note="late")
    assert response.status_code == 422
    assert "is before the departure from the spoke" in text(response)
    assert 'value="2026-11-20T01:00"' in text(response)


def test_a_verb_that_comes_too_late_says_why_and_loses_no_word(world: World, door: Door) -> None:
    referral = world.refers()
    client = door("ada")
    transitions.accept(referral.code, **world.press("ben"))
    response = act(client, referral, "withdraw", reason="improved", text="Moves both arms again")
    assert response.status_code == 409
    assert "so this cannot be done now. Nothing was changed." in text(response)
    assert "Moves both arms again" in text(response)


def test_a_verb_that_is_not_yours_is_refused(world: World, door: Door) -> None:
    referral = world.a_referral(State.ACCEPTED)
    response = act(door("ben"), referral, "depart")
    assert response.status_code == 403
    assert "Only the spoke&#x27;s stroke team can do this." in text(response)


def test_an_unknown_verb_changes_nothing(world: World, door: Door) -> None:
    referral = world.refers()
    assert act(door("ada"), referral, "explode").status_code == 404
    assert Event.objects.filter(referral=referral).count() == 1


def test_the_same_press_twice_is_done_once(world: World, door: Door) -> None:
    referral = world.refers()
    client = door("ben")
    for _ in range(2):
        assert act(client, referral, "ask", text="How is the airway?", key="one press").status_code == 303
    assert Event.objects.filter(referral=referral, verb="ask").count() == 1


@pytest.mark.parametrize("verb", ["accept", "withdraw", "take", "explode"])
def test_an_address_of_a_verb_that_is_opened_changes_nothing(world: World, door: Door, verb: str) -> None:
    referral = world.refers()
    response = door("ben").get(f"/r/{referral.code}/{verb}/")
    assert response.headers["Location"] == f"/r/{referral.code}/"
    assert Event.objects.filter(referral=referral).count() == 1


def test_a_press_without_the_token_of_the_page_is_refused(world: World) -> None:
    referral = world.refers()
    client = Client(enforce_csrf_checks=True)
    client.force_login(world.people["ben"])
    response = client.post(f"/r/{referral.code}/accept/", {})
    assert response.status_code == 403
    assert "The page was open for too long." in text(response)


def test_a_time_written_late_shows_both_times(world: World, door: Door) -> None:
    referral = world.a_referral(State.AMBULANCE_REQUESTED)
    world.wind(minutes=30)
    act(door("ada"), referral, "depart", at="2026-11-21T03:20", note="The ward was full")
    page = text(see(door("ada"), referral))
    assert "Ada Okoro, written at 03:42" in page
    assert "The ward was full" in page
    assert 'datetime="2026-11-21T03:20:00.000Z">03:20</time>' in page


def test_an_alarm_is_taken_by_a_named_human(world: World, door: Door, phones: Phones) -> None:
    referral = world.a_referral(State.UNPLACED)
    while not Escalation.objects.filter(referral=referral, alarm_since__isnull=False).exists():
        tick(world, phones, after=30)
    nia = door("nia")
    found = re.search(r'name="escalation" value="(\d+)"', text(see(nia, referral)))
    assert found
    assert act(nia, referral, "take", escalation=found[1]).status_code == 303
    page = text(see(nia, referral))
    assert "Nia Bevan is dealing with it." in page
    assert "I am dealing with it" not in page
    assert act(door("ada"), referral, "take", escalation=found[1]).status_code == 409
    assert act(nia, referral, "take", escalation="seven").status_code == 404


def test_an_alarm_is_over_as_soon_as_the_patient_is_placed(world: World, door: Door, phones: Phones) -> None:
    referral = world.a_referral(State.PROVISIONAL)
    while not Escalation.objects.filter(referral=referral, alarm_since__isnull=False).exists():
        tick(world, phones, after=30)
    assert "Alarm: nobody deals with" in text(see(door("ada"), referral))
    transitions.confirm(referral.code, **world.press("sam"))  # and the pager has not looked yet
    page = text(see(door("ada"), referral))
    assert "Alarm: nobody deals with" not in page
    assert "Ring Walton now" not in page
    assert '<details class="ladder more"' in page


def test_a_hub_is_not_offered_the_alarm(world: World, door: Door, phones: Phones) -> None:
    referral = world.a_referral(State.PROVISIONAL)
    while not Escalation.objects.filter(referral=referral, alarm_since__isnull=False).exists():
        tick(world, phones, after=30)
    assert "I am dealing with it" not in text(see(door("hob"), referral))


def test_facts_are_corrected_on_the_page(world: World, door: Door) -> None:
    referral = world.refers()
    response = act(door("ada"), referral, "amend", nihss="99", note="BP 168/90")
    assert response.status_code == 422
    assert "NIHSS is a whole number from 0 to 42." in text(response)
    assert "BP 168/90" in text(response)
    assert act(door("ada"), referral, "amend", nihss="19").status_code == 303
    page = text(see(door("ada"), referral))
    assert "Facts corrected" in page
    assert Referral.objects.get(pk=referral.pk).nihss == 19


def test_another_hub_is_asked_and_those_that_were_are_not_listed_again(world: World, door: Door) -> None:
    referral = world.refers("RET20")
    page = text(see(door("ada"), referral))
    assert 'name="hubs" value="RM301"' in page
    assert 'name="hubs" value="RET20"' not in page
    assert act(door("ada"), referral, "re_offer").status_code == 422
    assert act(door("ada"), referral, "re_offer", hubs=["RM301", "RR801"]).status_code == 303
    assert referral.offers.count() == 3


def test_nothing_of_a_patient_is_in_an_address_or_a_message(world: World, door: Door) -> None:
    referral = world.refers()
    response = act(door("ada"), referral, "withdraw", reason="improved", text="Peregrine walks")
    assert response.headers["Location"] == f"/r/{referral.code}/?full=1"
    assert "Peregrine" not in str(response.cookies)
