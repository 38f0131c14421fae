"""Who answered: a person or a machine, how that is found out, and what a machine does with a call."""

from dataclasses import replace

import pytest

from paging.simulator.client import ControlError
from paging.simulator.config import SimulatorConfig
from paging.simulator.running import Simulator, running
from tests.paging.simulator.application import Application
from tests.paging.simulator.calling import BEN, question, ring
from tests.paging.simulator.conftest import Sdk


def test_the_end_of_a_greeting_is_waited_for_where_that_is_asked_for(
    twilio: Sdk, simulator: Simulator, application: Application
) -> None:
    simulator.change_phone(BEN, voice="voicemail")
    ring(twilio, application, machine_detection="DetectMessageEnd")
    simulator.settle()
    assert [form["AnsweredBy"] for form in application.forms("/machine")] == ["machine_end_beep"]


def test_a_voicemail_takes_two_calls_at_once(
    config: SimulatorConfig, twilio: Sdk, application: Application
) -> None:
    with running(replace(config, pace=0.02)) as simulator:
        twilio.api.base_url = simulator.url
        simulator.change_phone(BEN, voice="voicemail")
        for _ in range(2):
            ring(twilio, application, twiml="<Response><Pause length='3'/><Say>Two.</Say></Response>")
        simulator.settle()
        assert [call["machine"] for call in simulator.calls(BEN)] == [True, True]
        assert simulator.heard(BEN) == ["Two.", "Two."]


@pytest.mark.parametrize(
    ("voice", "wishes", "by"),
    [
        ("human", {}, "human"),
        ("answers", {}, "human"),
        ("voicemail", {}, "machine_start"),
        ("voicemail", {"detected_as": "human"}, "human"),
        ("answers", {"detected_as": "unknown"}, "unknown"),
    ],
)
def test_who_answered_is_found_out_aside(
    *,
    twilio: Sdk,
    simulator: Simulator,
    application: Application,
    voice: str,
    wishes: dict[str, str],
    by: str,
) -> None:
    simulator.change_phone(BEN, voice=voice, **wishes)
    sid = ring(twilio, application, twiml=question(application)).sid
    simulator.settle()
    if voice == "human":
        simulator.answer(BEN)
    simulator.settle()
    [form] = application.forms("/machine")
    assert (form["CallSid"], form["AnsweredBy"]) == (sid, by)
    assert twilio.calls(sid).fetch().answered_by == by
    if simulator.calls(BEN)[0]["connected"]:
        simulator.hang_up(BEN)
    simulator.settle()
    assert application.forms("/call")[-1]["AnsweredBy"] == by


def test_an_answering_machine_hears_everything_and_presses_nothing(
    twilio: Sdk, simulator: Simulator, application: Application
) -> None:
    simulator.change_phone(BEN, voice="voicemail")
    ring(twilio, application, twiml=question(application, times=2))
    simulator.settle()
    [call] = simulator.calls(BEN)
    asked = ["Referral R, 7, from Arrowe Park.", "To accept, press 7."]
    assert call["heard"] == [*asked, *asked, "Nothing was recorded.", "Goodbye."]
    assert (call["machine"], call["pressed"], call["status"]) == (True, "", "completed")
    assert application.forms("/keys") == []
    with pytest.raises(ControlError) as refused:
        simulator.press(BEN, "7")
    assert refused.value.status == 409


def test_a_call_that_ends_too_soon_leaves_it_open_who_answered(
    config: SimulatorConfig, twilio: Sdk, application: Application
) -> None:
    with running(replace(config, detection_after=3600.0)) as simulator:
        twilio.api.base_url = simulator.url
        sid = ring(twilio, application, twiml=question(application)).sid
        simulator.settle()
        simulator.answer(BEN, wait=False)
        while not simulator.calls(BEN)[0]["listening"]:
            assert simulator.calls(BEN)[0]["status"] != "completed"
        simulator.hang_up(BEN)
        simulator.settle()
        assert twilio.calls(sid).fetch().answered_by is None
    assert application.forms("/machine") == []
    assert "AnsweredBy" not in application.forms("/call")[-1]


def test_an_application_may_hang_up_on_a_machine_as_soon_as_it_is_told(
    twilio: Sdk, simulator: Simulator, application: Application
) -> None:
    def door(form: dict[str, str]) -> None:
        twilio.calls(form["CallSid"]).update(status="completed")

    application.doors["/machine"] = door
    simulator.change_phone(BEN, voice="voicemail")
    ring(twilio, application, twiml=question(application))
    simulator.settle()
    assert application.calls()[-1] == ("completed", "3")
    assert "Goodbye." not in simulator.heard(BEN)


def test_the_tape_of_a_voicemail_comes_to_its_end(
    twilio: Sdk, simulator: Simulator, application: Application
) -> None:
    application.says("/words", "<Response><Say>Again.</Say><Redirect/></Response>")
    simulator.change_phone(BEN, voice="voicemail")
    sid = ring(twilio, application, url=f"{application.url}/words").sid
    simulator.settle()
    assert twilio.calls(sid).fetch().status == "completed"
    assert 10 < len(simulator.heard(BEN)) < 120


def test_a_call_that_is_rejected_goes_to_the_voicemail_and_a_call_that_is_taken_does_not(
    config: SimulatorConfig, twilio: Sdk, application: Application
) -> None:
    with running(replace(config, voicemail_after=3600.0)) as simulator:
        twilio.api.base_url = simulator.url
        simulator.change_phone(BEN, voice="voicemail")
        for deed in (simulator.hang_up, simulator.let_time_pass, simulator.answer):
            ring(twilio, application, twiml=question(application), timeout=60)
            simulator.settle()
            deed(BEN)
            simulator.settle()
        calls = simulator.calls(BEN)
        assert [call["machine"] for call in calls] == [True, False, False]
        assert [call["status"] for call in calls] == ["completed", "no-answer", "in-progress"]
