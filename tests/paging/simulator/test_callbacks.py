"""Status callbacks: signed, in order, and with the failure's code."""

from dataclasses import replace

import pytest

from paging.simulator.config import SimulatorConfig
from paging.simulator.running import Simulator, running
from tests.paging.simulator.application import Application
from tests.paging.simulator.conftest import ACCOUNT, OURS, TOKEN, Sdk

BEN = "+447700900101"


def test_each_step_is_reported_with_a_signature_that_the_sdk_accepts(
    twilio: Sdk, simulator: Simulator, application: Application
) -> None:
    url = f"{application.url}/status?attempt=81&empty="
    sid = twilio.messages.create(to=BEN, from_=OURS, body="Text", status_callback=url).sid
    simulator.settle()
    assert [heard.form["MessageStatus"] for heard in application.heard] == ["sent", "delivered"]
    tokens = set()
    for heard in application.heard:
        assert heard.path == "/status?attempt=81&empty="
        assert heard.headers["Content-Type"] == "application/x-www-form-urlencoded"
        assert heard.is_signed(url, TOKEN)
        assert not heard.is_signed(url, "another token")
        assert not heard.is_signed(f"{url}1", TOKEN)
        tokens.add(heard.headers["I-Twilio-Idempotency-Token"])
        assert heard.form["SmsStatus"] == heard.form["MessageStatus"]
        assert heard.form.items() >= {
            ("MessageSid", sid),
            ("SmsSid", sid),
            ("AccountSid", ACCOUNT),
            ("To", BEN),
            ("From", OURS),
            ("ApiVersion", "2010-04-01"),
        }
        assert "ErrorCode" not in heard.form
    assert len(tokens) == 2
    assert len(application.heard[1].form["RawDlrDoneDate"]) == 10


def test_an_address_is_called_byte_for_byte_as_it_was_given(
    twilio: Sdk, simulator: Simulator, application: Application
) -> None:
    path = "/status/%7Eben?a=%2B1&b=x+y"
    twilio.messages.create(to=BEN, from_=OURS, body="T", status_callback=f"{application.url}{path}#rc=2")
    simulator.settle()
    assert {heard.path for heard in application.heard} == {path}
    assert application.heard[0].is_signed(f"{application.url}{path}", TOKEN)


def test_without_a_callback_address_nothing_is_reported(
    twilio: Sdk, simulator: Simulator, application: Application
) -> None:
    twilio.messages.create(to=BEN, from_=OURS, body="Text")
    simulator.settle()
    assert application.heard == []


def test_a_webhook_that_answers_with_an_error_is_not_asked_again(
    twilio: Sdk, simulator: Simulator, application: Application
) -> None:
    application.answers("", status=500)
    twilio.messages.create(to=BEN, from_=OURS, body="Text", status_callback=f"{application.url}/status")
    simulator.settle()
    assert application.statuses() == ["sent", "delivered"]
    assert [line["http_status"] for line in simulator.ledger("callback")] == [500, 500]


def test_a_webhook_that_cannot_be_reached_is_tried_once_more(twilio: Sdk, simulator: Simulator) -> None:
    sid = twilio.messages.create(
        to=BEN, from_=OURS, body="Text", status_callback="http://127.0.0.1:1/status"
    ).sid
    simulator.settle()
    lines = simulator.ledger("callback")
    assert [(line["attempts"], line["http_status"]) for line in lines] == [(2, None), (2, None)]
    assert all(str(line["error"]).startswith("11205") for line in lines)
    assert twilio.messages(sid).fetch().status == "delivered"


@pytest.mark.parametrize(
    ("patience", "validity", "code"),
    [(0.0, 36000, 30003), (0.05, 36000, 30003), (None, 1, 30036), (5.0, 1, 30036)],
)
def test_a_phone_that_stays_without_signal_is_reported_undelivered(
    *,
    config: SimulatorConfig,
    application: Application,
    twilio: Sdk,
    patience: float | None,
    validity: int,
    code: int,
) -> None:
    with running(replace(config, unreachable_after=patience)) as simulator:
        twilio.api.base_url = simulator.url
        simulator.change_phone(BEN, signal=False)
        sid = twilio.messages.create(
            to=BEN,
            from_=OURS,
            body="Text",
            validity_period=validity,
            status_callback=f"{application.url}/status",
        ).sid
        simulator.settle(everything=True)
        message = twilio.messages(sid).fetch()
        assert (message.status, message.error_code) == ("undelivered", code)
        assert message.error_message is not None
        assert simulator.received(BEN) == []
        assert simulator.phone(BEN)["waiting"] == 0
    assert application.statuses() == ["sent", "undelivered"]
    assert application.forms("/status")[-1]["ErrorCode"] == str(code)
