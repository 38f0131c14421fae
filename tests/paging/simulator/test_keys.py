"""Keys pressed in a call: what is gathered, where it goes, and how long it is waited for."""

from dataclasses import replace

import pytest

from paging.simulator.client import ControlError
from paging.simulator.config import SimulatorConfig
from paging.simulator.running import Simulator, running
from tests.paging.simulator.application import Application
from tests.paging.simulator.calling import ACCEPTED, ASKED, BEN, NOTHING, answered, question, ring
from tests.paging.simulator.conftest import TOKEN, Sdk


def test_a_key_is_posted_signed_and_the_answer_is_played(
    twilio: Sdk, simulator: Simulator, application: Application
) -> None:
    application.says("/keys", ACCEPTED)
    sid = answered(
        twilio, simulator, application, twiml=question(application, action="/keys?page=81&amp;step=1")
    )
    call = simulator.press(BEN, "7")
    assert (call["heard"], call["pressed"]) == ([*ASKED, "Accepted.", "Goodbye."], "7")
    simulator.settle()
    assert twilio.calls(sid).fetch().status == "completed"
    [heard] = [heard for heard in application.heard if heard.path.startswith("/keys")]
    assert heard.path == "/keys?page=81&step=1"
    assert heard.is_signed(f"{application.url}/keys?page=81&step=1", TOKEN)
    assert (heard.form["Digits"], heard.form["CallSid"], heard.form["CallStatus"]) == (
        "7",
        sid,
        "in-progress",
    )
    assert [line["http_status"] for line in simulator.ledger("voice")] == [200]


def test_a_star_may_ask_for_the_words_again(
    twilio: Sdk, simulator: Simulator, application: Application
) -> None:
    application.says("/keys", question(application), ACCEPTED)
    answered(twilio, simulator, application, twiml=question(application))
    assert simulator.press(BEN, "*")["heard"] == [*ASKED, *ASKED]
    assert simulator.press(BEN, "7")["heard"] == [*ASKED, *ASKED, "Accepted.", "Goodbye."]
    assert [form["Digits"] for form in application.forms("/keys")] == ["*", "7"]


def test_whoever_presses_nothing_is_asked_again_and_then_told_so(
    twilio: Sdk, simulator: Simulator, application: Application
) -> None:
    answered(twilio, simulator, application, twiml=question(application, times=2))
    assert simulator.let_time_pass(BEN)["heard"] == [*ASKED, *ASKED]
    call = simulator.let_time_pass(BEN)
    assert (call["heard"], call["status"]) == ([*ASKED, *ASKED, *NOTHING], "completed")
    assert application.forms("/keys") == []


def test_the_time_for_a_key_passes_by_itself(
    twilio: Sdk, simulator: Simulator, application: Application
) -> None:
    twiml = '<Response><Gather timeout="0" action="/keys"><Say>Now.</Say></Gather><Say>Late.</Say></Response>'
    answered(twilio, simulator, application, twiml=twiml)
    simulator.settle(everything=True)
    assert simulator.heard(BEN) == ["Now.", "Late."]


def test_an_empty_result_is_posted_where_that_is_asked_for(
    twilio: Sdk, simulator: Simulator, application: Application
) -> None:
    application.says("/keys", ACCEPTED)
    answered(twilio, simulator, application, twiml=question(application, extra='actionOnEmptyResult="true"'))
    simulator.let_time_pass(BEN)
    assert [form["Digits"] for form in application.forms("/keys")] == [""]


@pytest.mark.parametrize(
    ("gather", "keys", "digits", "finished_on"),
    [
        ('numDigits="3"', "7182", "718", ""),
        ('numDigits="3"', "71#8", "71", "#"),
        ("", "7182#", "7182", "#"),
        ('numDigits="2" finishOnKey=""', "7#", "7#", ""),
        ('finishOnKey="*"', "7#*", "7#", "*"),
    ],
)
def test_keys_are_gathered_until_enough_or_the_last_one(
    *,
    twilio: Sdk,
    simulator: Simulator,
    application: Application,
    gather: str,
    keys: str,
    digits: str,
    finished_on: str,
) -> None:
    application.says("/keys", ACCEPTED)
    twiml = f'<Response><Gather {gather} action="{application.url}/keys"/></Response>'
    answered(twilio, simulator, application, twiml=twiml)
    for key in keys:
        if simulator.calls(BEN)[0]["connected"]:
            simulator.press(BEN, key)
    [form] = application.forms("/keys")
    assert (form["Digits"], form["FinishedOnKey"], form["msg"]) == (digits, finished_on, "Gather End")


def test_keys_pressed_before_the_time_is_up_are_sent_and_a_lone_last_key_is_nothing(
    twilio: Sdk, simulator: Simulator, application: Application
) -> None:
    application.says("/keys", ACCEPTED)
    gather = f'<Gather numDigits="4" action="{application.url}/keys"/>'
    answered(twilio, simulator, application, twiml=f"<Response>{gather}{gather}</Response>")
    simulator.press(BEN, "#")
    assert application.forms("/keys") == []
    simulator.press(BEN, "71")
    assert application.forms("/keys") == []
    simulator.let_time_pass(BEN)
    assert [form["Digits"] for form in application.forms("/keys")] == ["71"]


def test_a_key_cuts_the_words_of_its_question_short(
    config: SimulatorConfig, twilio: Sdk, application: Application
) -> None:
    application.says("/keys", "<Response><Hangup/></Response>")
    twiml = question(application, times=2)
    with running(replace(config, pace=600.0)) as simulator:
        twilio.api.base_url = simulator.url
        ring(twilio, application, twiml=twiml)
        simulator.settle()
        simulator.answer(BEN, wait=False)
        while not simulator.calls(BEN)[0]["listening"]:
            assert simulator.calls(BEN)[0]["status"] != "completed"
        assert simulator.press(BEN, "7")["heard"] == ASKED[:1]
        simulator.settle()
    assert [form["Digits"] for form in application.forms("/keys")] == ["7"]


def test_a_key_too_many_is_not_heard(twilio: Sdk, simulator: Simulator, application: Application) -> None:
    application.says("/keys", ACCEPTED)
    answered(twilio, simulator, application, twiml=question(application))
    assert simulator.press(BEN, "79")["pressed"] == "79"
    assert [form["Digits"] for form in application.forms("/keys")] == ["7"]


def test_a_key_that_nobody_asked_for_is_not_heard(
    config: SimulatorConfig, twilio: Sdk, application: Application
) -> None:
    with running(replace(config, pace=600.0)) as simulator:
        twilio.api.base_url = simulator.url
        ring(twilio, application, twiml="<Response><Pause length='9'/><Gather action='/keys'/></Response>")
        simulator.settle()
        simulator.answer(BEN, wait=False)
        while not simulator.calls(BEN)[0]["connected"]:
            assert simulator.calls(BEN)[0]["status"] != "completed"
        call = simulator.press(BEN, "7", wait=False)
        assert (call["pressed"], call["listening"]) == ("7", False)
        with pytest.raises(ControlError) as refused:
            simulator.let_time_pass(BEN)
        assert refused.value.status == 409
        simulator.hang_up(BEN)
    assert application.forms("/keys") == []


@pytest.mark.parametrize("keys", ["", "a", "7 7", "77x"])
def test_a_phone_has_twelve_keys(
    twilio: Sdk, simulator: Simulator, application: Application, keys: str
) -> None:
    answered(twilio, simulator, application, twiml=question(application))
    with pytest.raises(ControlError) as refused:
        simulator.press(BEN, keys)
    assert refused.value.status == 400


def test_whoever_puts_the_phone_down_hears_no_more_but_the_key_was_told(
    twilio: Sdk, simulator: Simulator, application: Application
) -> None:
    application.says("/keys", ACCEPTED)
    answered(twilio, simulator, application, twiml=question(application))

    def door(_: dict[str, str]) -> None:
        simulator.hang_up(BEN)

    application.doors["/keys"] = door
    simulator.press(BEN, "7")
    simulator.settle()
    [call] = simulator.calls(BEN)
    assert (call["heard"], call["status"]) == (ASKED, "completed")
    assert [line["http_status"] for line in simulator.ledger("voice")] == [200]
