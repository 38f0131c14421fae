"""The answer: one screen for the operator and the supervisor; nothing is done by opening it."""

import re
from typing import Any

import pytest
from django.test import Client

from referrals import transitions
from referrals.models import Event, Referral
from referrals.states import State
from tests.frontend.browser import Door, text
from tests.world import World


def ask(client: Client, referral: Referral) -> Any:
    return client.get(f"/r/{referral.code}/answer/")


def press(client: Client, referral: Referral, verb: str, **said: Any) -> Any:
    return client.post(
        f"/r/{referral.code}/{verb}/", {"from": "answer", "key": f"{verb}-1", **said}, follow=True
    )


def test_the_question_has_what_the_decision_needs(world: World, door: Door) -> None:
    referral = world.refers(note="BP 168/90")
    page = text(ask(door("ben"), referral))
    for needed in (
        "Woman of 76, left M1 clot, 1 h 40 from onset",
        "<dt>NIHSS</dt><dd>14</dd>",
        "<dt>ASPECTS</dt><dd>8</dd>",
        "<dt>Lysis</dt><dd>02:50</dd>",
        "<dt>Anticoagulant</dt><dd>None</dd>",
        "<b>27 min</b> by road to Walton",
        "BP 168/90",
        "Accept for Walton",
        'href="tel:+441514960123"',
    ):
        assert needed in page
    assert "CANARY" not in page
    assert referral.nhs_number not in page


def test_there_is_one_filled_button(world: World, door: Door) -> None:
    page = text(ask(door("ben"), world.refers()))
    assert len(re.findall(r'class="[^"]*is-main', page)) == 1


def test_opening_the_question_changes_nothing(world: World, door: Door) -> None:
    referral = world.refers()
    for address in ("answer/", "answer/live/", "accept/", "decline/"):
        door("ben").get(f"/r/{referral.code}/{address}")
    assert Event.objects.filter(referral=referral).count() == 1


def test_an_acceptance_is_confirmed_with_what_was_accepted_and_for_which_hub(
    world: World, door: Door
) -> None:
    referral = world.refers("RET20", "RM301")
    page = text(press(door("ben"), referral, "accept", hub="RET20"))
    assert f"You accepted {referral.code} for Walton at 03:10." in page
    assert Referral.objects.get(pk=referral.pk).operator == world.people["ben"]


def test_an_operator_under_direct_supervision_learns_that_it_is_not_final(world: World, door: Door) -> None:
    referral = world.refers()
    page = text(press(door("dev"), referral, "accept", hub="RET20"))
    assert "It is not final yet." in page
    assert "Sam Quist must confirm it" in page


def test_the_supervisor_is_asked_to_confirm(world: World, door: Door) -> None:
    referral = world.a_referral(State.PROVISIONAL)
    page = text(ask(door("sam"), referral))
    assert "Dev Rao accepted" in page
    assert "Confirm for Walton" in page
    done = text(press(door("sam"), referral, "confirm"))
    assert f"You confirmed {referral.code} for Walton at 03:11." in done


def test_the_supervisor_may_refuse_to_confirm(world: World, door: Door) -> None:
    referral = world.a_referral(State.PROVISIONAL)
    press(door("sam"), referral, "decline", reason="no_operator")
    assert Referral.objects.get(pk=referral.pk).state == State.UNPLACED


def test_the_operator_who_waits_for_the_supervisor_is_not_asked_again(world: World, door: Door) -> None:
    referral = world.a_referral(State.PROVISIONAL)
    assert "It is not final yet." in text(ask(door("dev"), referral))


def test_a_decline_needs_its_reason_and_keeps_what_was_typed(world: World, door: Door) -> None:
    referral = world.refers()
    response = press(door("ben"), referral, "decline", hub="RET20", text="Both suites are full")
    page = text(response)
    assert response.status_code == 422
    assert 'id="open-decline-RET20" open' in page
    assert "Both suites are full" in page
    assert "Accept for Walton" in page
    press(door("ben"), referral, "decline", hub="RET20", reason="no_suite", text="Both suites are full")
    assert referral.offers.get().reason == "no_suite"


def test_a_question_to_the_spoke_leads_back_to_the_answer(world: World, door: Door) -> None:
    referral = world.refers()
    page = text(press(door("ben"), referral, "ask", text="How is the airway?"))
    assert "How is the airway?" in page
    assert "Accept for Walton" in page


def test_who_comes_second_is_told_who_was_first(world: World, door: Door) -> None:
    referral = world.refers()
    transitions.accept(referral.code, **world.press("cleo"))
    response = press(door("ben"), referral, "accept", hub="RET20")
    assert response.status_code == 409
    assert f"{referral.code} was already accepted by Cleo Marsh for Walton at 03:10." in text(response)


def test_the_other_hub_sees_no_fact_once_the_patient_is_taken(world: World, door: Door) -> None:
    referral = world.refers("RET20", "RM301")
    transitions.accept(referral.code, **world.press("ben"))
    response = door("mo").get(f"/r/{referral.code}/answer/", follow=True)
    assert response.status_code == 404
    assert "was already accepted by Ben Hale for Walton" in text(response)
    assert "NIHSS" not in text(response)
    assert door("mo").get(f"/r/{referral.code}/answer/live/").status_code == 404


@pytest.mark.parametrize("username", ["ada", "hob", "nia"])
def test_somebody_who_cannot_answer_is_led_to_the_case(world: World, door: Door, username: str) -> None:
    referral = world.refers()
    assert ask(door(username), referral).headers["Location"] == f"/r/{referral.code}/"
    assert door(username).get(f"/r/{referral.code}/answer/live/").status_code == 404


def test_a_hub_that_did_not_answer_in_time_may_still_accept(world: World, door: Door) -> None:
    referral = world.refers()
    transitions.lapse(referral.code, hub="RET20", **world.press(None))
    assert "you can still accept" in text(ask(door("ben"), referral))
    assert "You accepted" in text(press(door("ben"), referral, "accept", hub="RET20"))


def test_the_live_part_follows_while_an_answer_is_wanted(world: World, door: Door) -> None:
    referral = world.refers()
    page = text(door("ben").get(f"/r/{referral.code}/answer/live/"))
    assert 'id="part-thumb"' in page
    assert "<html" not in page
    transitions.withdraw(referral.code, reason="improved", **world.press("ada"))
    assert door("ben").get(f"/r/{referral.code}/answer/live/").status_code == 404


def test_the_page_follows_the_hub_s_stream(world: World, door: Door) -> None:
    referral = world.refers()
    assert 'data-stream="site:RET20" data-since="1"' in text(ask(door("ben"), referral))
