"""The small Notify reports as Notify does: a receipt for each final status, a callback for each text received."""

from collections.abc import Callable

import pytest
import requests

from paging.simulator_notify.running import Simulator
from tests.paging.simulator_notify.application import Application
from tests.paging.simulator_notify.conftest import BEN, CALLBACKS, TEMPLATE

Sends = Callable[..., requests.Response]


def test_a_receipt_carries_our_reference_and_the_bearer_token(
    sends: Sends, simulator: Simulator, application: Application
) -> None:
    id = sends(reference="4711").json()["id"]
    simulator.settle()
    (heard,) = application.heard
    assert heard.path == "/status"
    assert heard.headers["Authorization"] == f"Bearer {CALLBACKS}"
    assert heard.headers["Content-Type"] == "application/json"
    assert {**heard.said, "created_at": 0, "sent_at": 0, "completed_at": 0} == {
        "id": id,
        "reference": "4711",
        "to": BEN,
        "status": "delivered",
        "created_at": 0,
        "sent_at": 0,
        "completed_at": 0,
        "notification_type": "sms",
        "template_id": TEMPLATE,
        "template_version": 1,
    }
    assert heard.said["completed_at"].endswith("Z")


@pytest.mark.parametrize("ends", ["permanent-failure", "temporary-failure", "technical-failure"])
def test_a_text_that_cannot_be_delivered_is_reported_and_not_shown(
    sends: Sends, simulator: Simulator, application: Application, ends: str
) -> None:
    simulator.change_phone(BEN, ends=ends)
    sends()
    simulator.settle()
    assert [heard.said["status"] for heard in application.heard] == [ends]
    assert simulator.received(BEN) == []


def test_a_phone_without_signal_fails_for_now(
    sends: Sends, simulator: Simulator, application: Application
) -> None:
    simulator.change_phone(BEN, signal=False)
    sends()
    simulator.settle(everything=True)
    assert [heard.said["status"] for heard in application.heard] == ["temporary-failure"]


def test_a_text_received_is_told_at_once(simulator: Simulator, application: Application) -> None:
    id = simulator.reply(BEN, "4F7K")
    (heard,) = application.heard
    assert (heard.path, heard.headers["Authorization"]) == ("/inbound", f"Bearer {CALLBACKS}")
    assert {**heard.said, "date_received": 0} == {
        "id": id,
        "source_number": "447700900101",
        "destination_number": "07700900999",
        "message": "4F7K",
        "date_received": 0,
    }


@pytest.mark.parametrize(
    ("answers", "tries"), [([500, 429, 503], 4), ([404], 1), ([403], 1), ([302], 1), ([500] * 9, 6)]
)
def test_a_callback_is_tried_again_where_the_fault_may_pass(
    simulator: Simulator, application: Application, answers: list[int], tries: int
) -> None:
    application.answers = answers
    simulator.reply(BEN, "4F7K")
    assert len(application.heard) == tries
    (line,) = simulator.ledger("inbound")
    assert line["attempts"] == tries


def test_a_callback_to_nobody_is_given_up(simulator: Simulator) -> None:
    simulator.change_service(inbound_url="http://127.0.0.1:9/")
    simulator.reply(BEN, "4F7K")
    (line,) = simulator.ledger("inbound")
    assert (line["attempts"], line["http_status"]) == (6, None)
    assert line["error"]


@pytest.mark.parametrize(
    ("action", "reports", "shown"),
    [
        ("accept_then_drop", 0, 0),
        ("false_delivered", 1, 0),
        ("duplicate_callbacks:3", 3, 1),
        ("no_callback", 0, 1),
        ("late_callbacks:0.05", 1, 1),
        ("callback_before_response", 1, 1),
    ],
)
def test_what_becomes_of_a_text_can_be_spoiled(
    *, sends: Sends, simulator: Simulator, application: Application, action: str, reports: int, shown: int
) -> None:
    simulator.order_faults({"action": action})
    assert sends().status_code == 201
    if action == "callback_before_response":
        assert len(application.heard) == 1
    simulator.settle(everything=True)
    assert len(application.heard) == reports
    assert len(simulator.received(BEN)) == shown
