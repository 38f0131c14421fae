"""Phones that ring: who answers, who does not, and what Twilio reports of each."""

from dataclasses import replace

import pytest

from paging.simulator.client import ControlError
from paging.simulator.config import SimulatorConfig
from paging.simulator.running import Simulator, running
from tests.paging.simulator.application import Application
from tests.paging.simulator.calling import BEN, CLEO, HELLO, question, ring
from tests.paging.simulator.conftest import OURS, Sdk

BEGIN = [("initiated", "0"), ("ringing", "1")]


def test_a_phone_rings_until_its_owner_answers(
    twilio: Sdk, simulator: Simulator, application: Application
) -> None:
    sid = ring(twilio, application).sid
    simulator.settle()
    assert application.calls() == BEGIN
    assert twilio.calls(sid).fetch().status == "ringing"
    [call] = simulator.calls(BEN)
    assert (call["sid"], call["ringing"], call["connected"], call["heard"]) == (sid, True, False, [])
    assert simulator.answer(BEN)["heard"] == ["This is Dido."]
    simulator.settle()
    assert application.calls() == [*BEGIN, ("in-progress", "2"), ("completed", "3")]
    assert application.forms("/call")[-1]["SipResponseCode"] == "200"


def test_a_phone_that_nobody_answers_rings_until_the_time_is_up(
    twilio: Sdk, simulator: Simulator, application: Application
) -> None:
    sid = ring(twilio, application, timeout=600).sid
    simulator.settle()
    simulator.let_time_pass(BEN)
    simulator.settle()
    assert twilio.calls(sid).fetch().status == "no-answer"
    assert application.calls() == [*BEGIN, ("no-answer", "2")]
    assert application.forms("/call")[-1]["SipResponseCode"] == "487"


def test_the_time_that_a_phone_may_ring_passes_by_itself(
    twilio: Sdk, simulator: Simulator, application: Application
) -> None:
    ring(twilio, application, timeout=0)
    simulator.settle()
    assert application.calls() == [*BEGIN, ("no-answer", "2")]


def test_a_call_is_rejected_by_its_owner(twilio: Sdk, simulator: Simulator, application: Application) -> None:
    ring(twilio, application)
    simulator.settle()
    assert simulator.hang_up(BEN)["status"] == "busy"
    simulator.settle()
    assert application.calls() == [*BEGIN, ("busy", "2")]
    assert application.forms("/call")[-1]["SipResponseCode"] == "603"


@pytest.mark.parametrize(
    ("voice", "reported", "sip"),
    [
        ("busy", [("initiated", "0"), ("busy", "1")], "486"),
        ("rejects", [*BEGIN, ("busy", "2")], "603"),
        ("off", [("initiated", "0"), ("failed", "1")], "480"),
        ("answers", [*BEGIN, ("in-progress", "2"), ("completed", "3")], "200"),
        ("voicemail", [*BEGIN, ("in-progress", "2"), ("completed", "3")], "200"),
    ],
)
def test_a_phone_has_its_way_with_calls(
    *,
    twilio: Sdk,
    simulator: Simulator,
    application: Application,
    voice: str,
    reported: list[tuple[str, str]],
    sip: str,
) -> None:
    simulator.change_phone(BEN, voice=voice)
    sid = ring(twilio, application).sid
    simulator.settle()
    assert application.calls() == reported
    assert application.forms("/call")[-1]["SipResponseCode"] == sip
    assert twilio.calls(sid).fetch().status == reported[-1][0]
    assert simulator.heard(BEN) == (["This is Dido."] if voice in {"answers", "voicemail"} else [])


def test_a_phone_without_signal_cannot_be_called(
    twilio: Sdk, simulator: Simulator, application: Application
) -> None:
    simulator.change_phone(BEN, signal=False)
    sid = ring(twilio, application).sid
    simulator.settle()
    assert application.calls() == [("initiated", "0"), ("failed", "1")]
    assert application.forms("/call")[-1]["SipResponseCode"] == "480"
    assert twilio.calls(sid).fetch().duration == "0"
    assert simulator.calls(BEN) == []


def test_a_phone_that_is_in_a_call_is_busy_for_the_next(
    twilio: Sdk, simulator: Simulator, application: Application
) -> None:
    first = ring(twilio, application, twiml=question(application), status_callback="").sid
    simulator.settle()
    for _ in ("while it rings", "while they speak"):
        second = ring(twilio, application).sid
        simulator.settle()
        assert twilio.calls(second).fetch().status == "busy"
        if simulator.calls(BEN)[0]["ringing"]:
            simulator.answer(BEN)
    simulator.hang_up(BEN)
    assert twilio.calls(first).fetch().status == "completed"
    ring(twilio, application)
    simulator.settle()
    assert simulator.calls(BEN)[-1]["ringing"]


def test_a_call_is_cancelled_before_it_rings(
    config: SimulatorConfig, twilio: Sdk, application: Application
) -> None:
    with running(replace(config, dialled_after=3600.0)) as simulator:
        twilio.api.base_url = simulator.url
        sid = ring(twilio, application).sid
        assert twilio.calls(sid).update(status="canceled").status == "canceled"
        simulator.settle()
        assert simulator.calls(BEN) == []
    assert application.calls() == [("canceled", "0")]


def test_a_phone_answers_after_some_seconds_if_it_may_ring_for_so_long(
    twilio: Sdk, simulator: Simulator, application: Application
) -> None:
    simulator.change_phone(BEN, voice="answers", answers_after=15)
    simulator.change_phone(CLEO, voice="answers", answers_after=30)
    sids = [ring(twilio, application, to=to, timeout=20).sid for to in (BEN, CLEO)]
    simulator.settle()
    assert [twilio.calls(sid).fetch().status for sid in sids] == ["ringing", "ringing"]
    simulator.let_time_pass(BEN)
    simulator.let_time_pass(CLEO)
    simulator.settle()
    assert [twilio.calls(sid).fetch().status for sid in sids] == ["completed", "no-answer"]
    assert simulator.heard(BEN) == ["This is Dido."]


def test_the_seconds_after_which_a_phone_answers_pass_by_themselves(
    twilio: Sdk, simulator: Simulator, application: Application
) -> None:
    simulator.change_phone(BEN, voice="answers", answers_after=0.01, slow_seconds=0.01)
    ring(twilio, application)
    simulator.settle(everything=True)
    assert simulator.heard(BEN) == ["This is Dido."]


def test_a_slow_network_lets_a_phone_ring_late(
    twilio: Sdk, simulator: Simulator, application: Application
) -> None:
    simulator.change_phone(BEN, voice="answers", slow_seconds=3600)
    ring(twilio, application)
    simulator.settle()
    assert application.calls() == [("initiated", "0")]
    assert simulator.calls(BEN) == []


def test_without_asking_only_the_end_is_reported_and_numbered_as_ever(
    twilio: Sdk, simulator: Simulator, application: Application
) -> None:
    simulator.change_phone(BEN, voice="answers")
    twilio.calls.create(to=BEN, from_=OURS, twiml=HELLO, status_callback=f"{application.url}/call")
    simulator.settle()
    assert application.calls() == [("completed", "3")]
    assert "AnsweredBy" not in application.forms("/call")[0]


@pytest.mark.parametrize("deed", ["answer", "hang_up", "let_time_pass"])
def test_a_phone_that_nobody_calls_cannot_be_answered(simulator: Simulator, deed: str) -> None:
    simulator.change_phone(BEN)
    with pytest.raises(ControlError) as refused:
        getattr(simulator, deed)(BEN)
    assert (refused.value.status, str(refused.value)) == (409, f"Nobody is calling {BEN}.")


def test_a_call_is_answered_once(twilio: Sdk, simulator: Simulator, application: Application) -> None:
    ring(twilio, application, twiml=question(application))
    simulator.settle()
    with pytest.raises(ControlError) as refused:
        simulator.press(BEN, "7")
    assert refused.value.status == 409
    simulator.answer(BEN)
    with pytest.raises(ControlError) as refused:
        simulator.answer(BEN)
    assert refused.value.status == 409


@pytest.mark.parametrize("wishes", [{"voice": "loud"}, {"detected_as": "cat"}, {"answers_after": "soon"}])
def test_a_way_with_calls_that_no_phone_has_is_refused(simulator: Simulator, wishes: dict[str, str]) -> None:
    with pytest.raises(ControlError) as refused:
        simulator.change_phone(BEN, **wishes)
    assert refused.value.status == 400


def test_a_reset_ends_every_call(twilio: Sdk, simulator: Simulator, application: Application) -> None:
    ring(twilio, application)
    ring(twilio, application, to=CLEO, twiml=question(application))
    simulator.settle()
    simulator.answer(CLEO)
    simulator.reset()
    assert twilio.calls.list() == []
    assert simulator.phones() == []
    simulator.settle(everything=True)


def test_only_so_many_calls_are_kept(config: SimulatorConfig, twilio: Sdk) -> None:
    with running(replace(config, message_history=3, call_history=2)) as simulator:
        twilio.api.base_url = simulator.url
        simulator.change_phone(BEN, voice="rejects")
        for _ in range(5):
            twilio.calls.create(to=BEN, from_=OURS, twiml=HELLO)
            simulator.settle()
        assert len(twilio.calls.list()) == 3
        assert len(simulator.calls(BEN)) == 2
