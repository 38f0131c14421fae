"""Faults on order, for calls: the same ones that befall texts, told apart by their path."""

import pytest
import requests
from twilio.base.exceptions import TwilioRestException

from paging.simulator.running import Simulator
from tests.paging.simulator.application import Application
from tests.paging.simulator.calling import BEN, CLEO, question, ring
from tests.paging.simulator.conftest import OURS, Sdk

CALLS = {"path": "/Calls.json"}
WHOLE = [("initiated", "0"), ("ringing", "1"), ("in-progress", "2"), ("completed", "3")]


@pytest.fixture(autouse=True)
def answering(simulator: Simulator) -> None:
    simulator.change_phone(BEN, voice="answers")


@pytest.mark.parametrize(
    ("action", "status", "code"),
    [
        ("status:429", 429, 20429),
        ("status:500", 500, 20500),
        ("status:503html", 503, 503),
        ("error:20003", 401, 20003),
        ("error:21215", 400, 21215),
        ("error:21216", 400, 21216),
        ("error:21219", 400, 21219),
    ],
)
def test_an_ordered_answer_hits_calls_and_leaves_texts_alone(
    *, twilio: Sdk, simulator: Simulator, application: Application, action: str, status: int, code: int
) -> None:
    simulator.order_faults({"action": action, "match": CALLS})
    assert twilio.messages.create(to=BEN, from_=OURS, body="Text").status == "queued"
    with pytest.raises(TwilioRestException) as refused:
        ring(twilio, application)
    assert (refused.value.status, refused.value.code) == (status, code)
    assert twilio.calls.list() == []
    ring(twilio, application)
    simulator.settle()
    assert simulator.heard(BEN) == ["This is Dido."]


def test_a_fault_for_texts_leaves_calls_alone(
    twilio: Sdk, simulator: Simulator, application: Application
) -> None:
    simulator.order_faults({"action": "status:503", "match": {"path": "/Messages.json"}, "times": None})
    assert ring(twilio, application).status == "queued"


@pytest.mark.parametrize("action", ["timeout:600", "reset"])
def test_a_silent_twilio_rings_no_phone(
    twilio: Sdk, simulator: Simulator, application: Application, action: str
) -> None:
    twilio.http_client.timeout = 0.2
    simulator.order_faults({"action": action, "match": CALLS})
    with pytest.raises((requests.exceptions.ConnectionError, requests.exceptions.ReadTimeout)):
        ring(twilio, application)
    assert twilio.calls.list() == []
    assert simulator.calls(BEN) == []


@pytest.mark.parametrize("action", ["accept_then_reset", "accept_then_timeout:600"])
def test_an_answer_that_is_lost_leaves_an_accepted_call_to_be_found(
    twilio: Sdk, simulator: Simulator, application: Application, action: str
) -> None:
    twilio.http_client.timeout = 0.2
    simulator.order_faults({"action": action, "match": CALLS})
    with pytest.raises((requests.exceptions.ConnectionError, requests.exceptions.ReadTimeout)):
        ring(twilio, application)
    simulator.settle()
    [call] = twilio.calls.list(to=BEN)
    assert call.status == "completed"
    assert simulator.ledger("request")[0]["outcome"] == "accepted"
    assert "This is Dido." in str(simulator.ledger("request")[0]["twiml"])


@pytest.mark.parametrize(
    ("code", "field"), [(404, "SipResponseCode"), (503, "SipResponseCode"), (13224, "ErrorCode")]
)
def test_an_accepted_call_fails_with_the_ordered_code(
    twilio: Sdk, simulator: Simulator, application: Application, code: int, field: str
) -> None:
    simulator.order_faults({"action": f"accept_then_fail:{code}", "match": CALLS})
    sid = ring(twilio, application).sid
    simulator.settle()
    assert twilio.calls(sid).fetch().status == "failed"
    assert application.calls() == [("initiated", "0"), ("failed", "1")]
    assert application.forms("/call")[-1][field] == str(code)
    assert simulator.calls(BEN) == []


def test_a_call_may_be_created_as_failed(twilio: Sdk, simulator: Simulator, application: Application) -> None:
    simulator.order_faults({"action": "created_failed:13224", "match": CALLS})
    assert ring(twilio, application).status == "failed"
    simulator.settle()
    assert application.heard == []


def test_an_accepted_call_may_ring_nowhere_for_ever(
    twilio: Sdk, simulator: Simulator, application: Application
) -> None:
    simulator.order_faults({"action": "accept_then_drop", "match": CALLS})
    sid = ring(twilio, application).sid
    simulator.settle(everything=True)
    assert application.calls() == WHOLE[:2]
    assert simulator.calls(BEN) == []
    assert twilio.calls(sid).update(status="completed").status == "ringing"


def test_completed_may_be_a_lie(twilio: Sdk, simulator: Simulator, application: Application) -> None:
    simulator.order_faults({"action": "false_delivered", "match": CALLS})
    sid = ring(twilio, application).sid
    simulator.settle()
    assert twilio.calls(sid).fetch().status == "completed"
    assert application.calls() == WHOLE
    assert simulator.heard(BEN) == []


@pytest.mark.parametrize(
    ("action", "reported"),
    [
        ("duplicate_callbacks:2", [step for step in WHOLE for _ in range(2)]),
        ("reverse_callbacks", WHOLE[::-1]),
        ("no_callback", []),
        ("late_callbacks:0.02", WHOLE),
    ],
)
def test_callbacks_may_come_twice_backwards_late_or_never(
    *,
    twilio: Sdk,
    simulator: Simulator,
    application: Application,
    action: str,
    reported: list[tuple[str, str]],
) -> None:
    simulator.order_faults({"action": action, "match": CALLS})
    sid = ring(twilio, application).sid
    simulator.settle(everything=True)
    assert application.calls() == reported
    machines = {"duplicate_callbacks:2": 2, "no_callback": 0}
    assert len(application.forms("/machine")) == machines.get(action, 1)
    assert twilio.calls(sid).fetch().status == "completed"
    assert simulator.heard(BEN) == ["This is Dido."]


def test_a_machine_is_not_kept_waiting_by_a_late_report(
    twilio: Sdk, simulator: Simulator, application: Application
) -> None:
    simulator.change_phone(BEN, voice="voicemail")
    simulator.order_faults({"action": "late_callbacks:3600", "match": CALLS})
    sid = ring(twilio, application, twiml=question(application)).sid
    simulator.settle()
    assert twilio.calls(sid).fetch().status == "completed"
    assert application.heard == []


def test_a_callback_may_arrive_before_the_answer_to_the_request(
    twilio: Sdk, simulator: Simulator, application: Application
) -> None:
    simulator.order_faults({"action": "callback_before_response", "match": CALLS})
    call = ring(twilio, application)
    assert call.status == "queued"
    assert application.forms("/call")[0]["CallSid"] == call.sid


def test_a_fault_may_be_for_one_phone_and_for_asking(
    twilio: Sdk, simulator: Simulator, application: Application
) -> None:
    simulator.order_faults(
        {"match": CALLS | {"to": CLEO}, "action": "status:500"},
        {"match": {"path": "/Calls/CA", "method": "GET"}, "action": "status:503"},
        {"match": {"path": "/Calls/CA", "method": "POST"}, "action": "status:429"},
    )
    sid = ring(twilio, application).sid
    with pytest.raises(TwilioRestException):
        ring(twilio, application, to=CLEO)
    with pytest.raises(TwilioRestException) as refused:
        twilio.calls(sid).fetch()
    assert refused.value.status == 503
    with pytest.raises(TwilioRestException) as refused:
        twilio.calls(sid).update(status="completed")
    assert refused.value.status == 429
