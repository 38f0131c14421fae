"""Faults on order: each goes wrong in its own way, and the real SDK shows what a caller sees of it."""

import pytest
import requests
from twilio.base.exceptions import TwilioRestException

from paging.simulator import faults
from paging.simulator.client import ControlError
from paging.simulator.running import Simulator
from tests.paging.simulator.application import Application
from tests.paging.simulator.conftest import OURS, Sdk

BEN = "+447700900101"
CLEO = "+447700900102"


def send(twilio: Sdk, application: Application, *, to: str = BEN) -> str:
    message = twilio.messages.create(
        to=to, from_=OURS, body="R7K2", status_callback=f"{application.url}/status"
    )
    return str(message.sid)


@pytest.mark.parametrize(
    ("action", "status", "code"),
    [
        ("status:429", 429, 20429),
        ("status:500", 500, 20500),
        ("status:502html", 502, 502),
        ("status:503", 503, 20503),
        ("status:503html", 503, 503),
        ("error:21612", 400, 21612),
        ("error:99999", 400, 99999),
    ],
)
def test_an_ordered_answer_comes_once_and_nothing_is_accepted(
    *, twilio: Sdk, simulator: Simulator, application: Application, action: str, status: int, code: int
) -> None:
    simulator.order_faults({"action": action})
    with pytest.raises(TwilioRestException) as refused:
        send(twilio, application)
    assert (refused.value.status, refused.value.code) == (status, code)
    assert twilio.messages.list() == []
    send(twilio, application)
    simulator.settle()
    assert simulator.received(BEN) == ["R7K2"]
    assert [line["fault"] for line in simulator.ledger("request")] == [action, "", ""]


def test_a_busy_twilio_says_when_to_come_back(
    twilio: Sdk, simulator: Simulator, application: Application
) -> None:
    simulator.order_faults({"action": "status:429", "retry_after": 7})
    with pytest.raises(TwilioRestException):
        send(twilio, application)
    assert twilio.http_client._test_only_last_response.headers["Retry-After"] == "7"


def test_a_silent_twilio_runs_into_the_callers_time_out(
    twilio: Sdk, simulator: Simulator, application: Application
) -> None:
    twilio.http_client.timeout = 0.2
    simulator.order_faults({"action": "timeout:600"})
    with pytest.raises(requests.exceptions.ReadTimeout):
        send(twilio, application)
    assert twilio.messages.list() == []


def test_a_reset_connection_accepts_nothing(
    twilio: Sdk, simulator: Simulator, application: Application
) -> None:
    simulator.order_faults({"action": "reset"})
    with pytest.raises(requests.exceptions.ConnectionError):
        send(twilio, application)
    assert twilio.messages.list() == []


@pytest.mark.parametrize("action", ["accept_then_reset", "accept_then_timeout:600"])
def test_an_answer_that_is_lost_leaves_an_accepted_message_to_be_found(
    twilio: Sdk, simulator: Simulator, application: Application, action: str
) -> None:
    twilio.http_client.timeout = 0.2
    simulator.order_faults({"action": action})
    with pytest.raises((requests.exceptions.ConnectionError, requests.exceptions.ReadTimeout)):
        send(twilio, application)
    simulator.settle()
    [message] = twilio.messages.list(to=BEN)
    assert (message.body, message.status) == ("R7K2", "delivered")
    assert simulator.ledger("request")[0]["outcome"] == "accepted"


def test_an_answer_torn_in_the_middle_cannot_be_read(
    twilio: Sdk, simulator: Simulator, application: Application
) -> None:
    simulator.order_faults({"action": "wrong_json"})
    with pytest.raises(ValueError, match="Unterminated string"):
        send(twilio, application)
    assert len(twilio.messages.list()) == 1


def test_a_slow_answer_is_an_answer(twilio: Sdk, simulator: Simulator, application: Application) -> None:
    simulator.order_faults({"action": "slow:0.05"})
    assert send(twilio, application).startswith("SM")


@pytest.mark.parametrize(
    ("code", "reported"),
    [(30003, ["sent", "undelivered"]), (30005, ["sent", "undelivered"]), (30001, ["failed"])],
)
def test_an_accepted_message_fails_with_the_ordered_code(
    twilio: Sdk, simulator: Simulator, application: Application, code: int, reported: list[str]
) -> None:
    simulator.order_faults({"action": f"accept_then_fail:{code}"})
    sid = send(twilio, application)
    simulator.settle()
    message = twilio.messages(sid).fetch()
    assert (message.status, message.error_code) == (reported[-1], code)
    assert application.statuses() == reported
    assert application.forms("/status")[-1]["ErrorCode"] == str(code)
    assert simulator.received(BEN) == []


def test_a_message_may_be_created_as_failed(
    twilio: Sdk, simulator: Simulator, application: Application
) -> None:
    simulator.order_faults({"action": "created_failed:30002"})
    message = twilio.messages.create(to=BEN, from_=OURS, body="R7K2")
    assert (message.status, message.error_code) == ("failed", 30002)


def test_an_accepted_message_may_vanish_after_sent(
    twilio: Sdk, simulator: Simulator, application: Application
) -> None:
    simulator.order_faults({"action": "accept_then_drop"})
    sid = send(twilio, application)
    simulator.settle(everything=True)
    assert twilio.messages(sid).fetch().status == "sent"
    assert application.statuses() == ["sent"]
    assert simulator.received(BEN) == []


def test_delivered_may_be_a_lie(twilio: Sdk, simulator: Simulator, application: Application) -> None:
    simulator.order_faults({"action": "false_delivered"})
    sid = send(twilio, application)
    simulator.settle()
    assert twilio.messages(sid).fetch().status == "delivered"
    assert application.statuses() == ["sent", "delivered"]
    assert simulator.received(BEN) == []


@pytest.mark.parametrize(
    ("action", "reported"),
    [
        ("duplicate_callbacks:3", ["sent", "sent", "sent", "delivered", "delivered", "delivered"]),
        ("reverse_callbacks", ["delivered", "sent"]),
        ("no_callback", []),
        ("late_callbacks:0.05", ["sent", "delivered"]),
    ],
)
def test_callbacks_may_come_twice_backwards_late_or_never(
    twilio: Sdk, simulator: Simulator, application: Application, action: str, reported: list[str]
) -> None:
    simulator.order_faults({"action": action})
    sid = send(twilio, application)
    simulator.settle(everything=True)
    assert application.statuses() == reported
    assert twilio.messages(sid).fetch().status == "delivered"
    assert simulator.received(BEN) == ["R7K2"]


def test_two_faults_may_befall_one_message(
    twilio: Sdk, simulator: Simulator, application: Application
) -> None:
    simulator.order_faults({"action": "reverse_callbacks"}, {"action": "duplicate_callbacks:2"})
    send(twilio, application)
    simulator.settle()
    assert application.statuses() == ["delivered", "delivered", "sent", "sent"]


@pytest.mark.parametrize("also", [[], ["no_callback"], ["accept_then_fail:30001"], ["accept_then_drop"]])
def test_a_callback_may_arrive_before_the_answer_to_the_request(
    twilio: Sdk, simulator: Simulator, application: Application, also: list[str]
) -> None:
    simulator.order_faults({"action": "callback_before_response"}, *({"action": action} for action in also))
    message = twilio.messages.create(
        to=BEN, from_=OURS, body="R7K2", status_callback=f"{application.url}/status"
    )
    assert message.status == "queued"
    assert bool(application.statuses()) == (also != ["no_callback"])
    if application.heard:
        assert application.forms("/status")[0]["MessageSid"] == message.sid


def test_a_fault_may_be_for_one_phone_for_the_nth_time_and_for_ever(
    twilio: Sdk, simulator: Simulator, application: Application
) -> None:
    simulator.order_faults({"match": {"to": BEN, "nth": 2}, "action": "status:500", "times": None})
    send(twilio, application, to=BEN)
    send(twilio, application, to=CLEO)
    for _ in range(3):
        with pytest.raises(TwilioRestException):
            send(twilio, application, to=BEN)
    send(twilio, application, to=CLEO)
    simulator.clear_faults()
    send(twilio, application, to=BEN)
    simulator.settle()
    assert (len(simulator.received(BEN)), len(simulator.received(CLEO))) == (2, 2)


def test_a_fault_may_be_for_one_path_and_method(
    twilio: Sdk, simulator: Simulator, application: Application
) -> None:
    simulator.order_faults({"match": {"path": "/Messages/SM", "method": "GET"}, "action": "status:503"})
    sid = send(twilio, application)
    with pytest.raises(TwilioRestException) as refused:
        twilio.messages(sid).fetch()
    assert refused.value.status == 503
    assert twilio.messages(sid).fetch().sid == sid


@pytest.mark.parametrize(
    "order",
    [
        "reset",
        {},
        {"action": "explode"},
        {"action": "status:200"},
        {"action": "status:html"},
        {"action": "timeout"},
        {"action": "timeout:soon"},
        {"action": "reset:5"},
        {"action": "reset", "match": {"body": "x"}},
        {"action": "reset", "match": "x"},
        {"action": "reset", "when": "now"},
        {"action": "reset", "times": -1},
        {"action": "reset", "match": {"nth": True}},
    ],
)
def test_an_order_that_makes_no_sense_is_refused(order: object) -> None:
    with pytest.raises(faults.FaultError):
        faults.parse(order)


def test_of_several_orders_all_or_none_are_taken(
    twilio: Sdk, simulator: Simulator, application: Application
) -> None:
    with pytest.raises(ControlError) as refused:
        simulator.order_faults({"action": "reset"}, {"action": "explode"})
    assert refused.value.status == 400
    assert send(twilio, application).startswith("SM")


def test_a_simulator_with_requests_held_open_ends_at_once(
    twilio: Sdk, simulator: Simulator, application: Application
) -> None:
    twilio.http_client.timeout = 0.1
    simulator.order_faults({"action": "accept_then_timeout:3600"}, {"action": "late_callbacks:3600"})
    with pytest.raises(requests.exceptions.ReadTimeout):
        send(twilio, application)
