"""The phones: what they show, what their owners write, signal, STOP and START."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from twilio.base.exceptions import TwilioRestException

from paging.simulator.client import ControlClient, ControlError
from paging.simulator.config import SimulatorConfig
from paging.simulator.running import Simulator, running
from tests.paging.simulator.application import Application
from tests.paging.simulator.conftest import ACCOUNT, OURS, TOKEN, Sdk

BEN = "+447700900101"
CLEO = "+447700900102"


def test_a_registered_phone_shows_what_reached_it(twilio: Sdk, simulator: Simulator) -> None:
    simulator.change_phone(BEN, name="Ben")
    sid = twilio.messages.create(to=BEN, from_=OURS, body="R7K2").sid
    simulator.settle()
    [phone] = simulator.phones()
    assert (phone["number"], phone["name"], phone["signal"], phone["unread"]) == (BEN, "Ben", True, 1)
    [bubble] = phone["messages"]
    assert (bubble["sid"], bubble["direction"], bubble["body"]) == (sid, "to", "R7K2")
    assert bubble["status"] == "delivered"
    assert simulator.change_phone(BEN, read=True)["unread"] == 0


def test_a_reply_reaches_the_application_signed_and_its_answer_reaches_the_phone(
    twilio: Sdk, simulator: Simulator, application: Application
) -> None:
    application.answers("<Response><Message>Accepted: R7K2 &amp; on its way.</Message></Response>")
    twilio.messages.create(to=BEN, from_=OURS, body="Reply 4F7K to accept")
    simulator.settle()
    sid = simulator.reply(BEN, " 4f7k ")
    simulator.settle()
    [heard] = application.heard
    assert heard.path == "/inbound"
    assert heard.form.items() >= {
        ("MessageSid", sid),
        ("SmsMessageSid", sid),
        ("SmsSid", sid),
        ("AccountSid", ACCOUNT),
        ("From", BEN),
        ("To", OURS),
        ("Body", " 4f7k "),
        ("NumMedia", "0"),
        ("NumSegments", "1"),
        ("SmsStatus", "received"),
        ("FromCountry", "GB"),
        ("FromCity", ""),
        ("ApiVersion", "2010-04-01"),
    }
    assert heard.is_signed(f"{application.url}/inbound", TOKEN)
    assert [bubble["direction"] for bubble in simulator.phone(BEN)["messages"]] == ["to", "from", "to"]
    assert simulator.received(BEN)[-1] == "Accepted: R7K2 & on its way."
    directions = [(message.direction, message.status) for message in twilio.messages.list()]
    assert directions == [
        ("outbound-reply", "delivered"),
        ("inbound", "received"),
        ("outbound-api", "delivered"),
    ]


@pytest.mark.parametrize(
    ("text", "content_type", "status", "replies", "debugger"),
    [
        ("", "text/xml", 204, [], []),
        ("", "text/xml", 200, [], []),
        ("<Response/>", "text/xml", 200, [], []),
        ("<Response><Message><Body>One</Body></Message><Message>Two</Message></Response>", "application/xml",
         200, ["One", "Two"], []),
        ("<Response><Message to='+447700900102'>For Cleo</Message></Response>", "text/xml", 200, [], []),
        ("Thank you", "text/plain", 200, ["Thank you"], []),
        ("<Response><Message>Broken", "text/xml", 200, [], [12100]),
        ("<Answer/>", "text/xml", 200, [], [12100]),
        ("<Response><Redirect/></Response>", "text/xml", 200, [], [12200]),
        ("<Response><Message></Message></Response>", "text/xml", 200, [], [21602]),
        ("{}", "application/json", 200, [], [12300]),
        ("<Response><Message>Lost</Message></Response>", "text/xml", 503, [], [11200]),
    ],
)  # fmt: skip
def test_the_answer_of_the_application_is_read_as_twilio_reads_it(
    *,
    simulator: Simulator,
    application: Application,
    text: str,
    content_type: str,
    status: int,
    replies: list[str],
    debugger: list[int],
) -> None:
    application.answers(text, content_type=content_type, status=status)
    simulator.change_phone(BEN)
    simulator.reply(BEN, "hello")
    simulator.settle()
    assert simulator.received(BEN) == replies
    assert [line["code"] for line in simulator.ledger("debugger")] == debugger
    assert simulator.received(CLEO) == (["For Cleo"] if "For Cleo" in text else [])


def test_a_message_waits_for_signal_and_arrives_when_it_is_back(
    config: SimulatorConfig, twilio: Sdk, application: Application
) -> None:
    with running(replace(config, unreachable_after=None)) as simulator:
        twilio.api.base_url = simulator.url
        simulator.change_phone(BEN, signal=False)
        twilio.messages.create(to=BEN, from_=OURS, body="R7K2", status_callback=f"{application.url}/status")
        simulator.settle()
        assert application.statuses() == ["sent"]
        assert simulator.received(BEN) == []
        assert simulator.phone(BEN)["waiting"] == 1
        simulator.change_phone(BEN, signal=True)
        simulator.settle(everything=True)
        assert simulator.received(BEN) == ["R7K2"]
    assert application.statuses() == ["sent", "delivered"]


def test_a_phone_without_signal_cannot_write(simulator: Simulator, application: Application) -> None:
    simulator.change_phone(BEN, signal=False)
    with pytest.raises(ControlError) as refused:
        simulator.reply(BEN, "4F7K")
    assert refused.value.status == 409
    assert application.heard == []


def test_a_slow_phone_gets_its_text_late(twilio: Sdk, simulator: Simulator) -> None:
    for phone, seconds in ((BEN, 0.05), (CLEO, 3600)):
        simulator.change_phone(phone, slow_seconds=seconds)
    twilio.messages.create(to=BEN, from_=OURS, body="R7K2")
    simulator.settle(everything=True)
    assert simulator.received(BEN) == ["R7K2"]
    twilio.messages.create(to=CLEO, from_=OURS, body="R7K2")
    simulator.settle()
    assert simulator.received(CLEO) == []


def test_a_phone_that_is_no_mobile_is_refused(twilio: Sdk, simulator: Simulator) -> None:
    simulator.change_phone(BEN, mobile=False)
    with pytest.raises(TwilioRestException) as refused:
        twilio.messages.create(to=BEN, from_=OURS, body="R7K2")
    assert refused.value.code == 21614


@pytest.mark.parametrize(
    "word", ["STOP", "stop ", "StopAll", "UNSUBSCRIBE", "END", "quit", "CANCEL", "REVOKE", "OPTOUT"]
)
@pytest.mark.parametrize("back", ["START", "yes", "UNSTOP"])
def test_a_phone_leaves_and_comes_back_by_keyword_and_the_application_hears_both(
    twilio: Sdk, simulator: Simulator, application: Application, word: str, back: str
) -> None:
    simulator.change_phone(BEN)
    simulator.reply(BEN, word)
    simulator.settle()
    assert "unsubscribed" in simulator.received(BEN)[-1]
    assert simulator.phone(BEN)["opted_out"]
    with pytest.raises(TwilioRestException) as refused:
        twilio.messages.create(to=BEN, from_=OURS, body="R7K2")
    assert (refused.value.status, refused.value.code) == (400, 21610)
    twilio.messages.create(to=CLEO, from_=OURS, body="R7K2")
    simulator.reply(BEN, back)
    simulator.settle()
    assert "re-subscribed" in simulator.received(BEN)[-1]
    twilio.messages.create(to=BEN, from_=OURS, body="R7K2")
    simulator.settle()
    assert simulator.received(BEN)[-1] == "R7K2"
    assert [form["Body"] for form in application.forms("/inbound")] == [word, back]


@pytest.mark.parametrize("text", ["STOP PLEASE", "please stop", "X4F7K", "STOP."])
def test_a_sentence_with_a_keyword_in_it_changes_nothing(
    twilio: Sdk, simulator: Simulator, text: str
) -> None:
    simulator.change_phone(BEN)
    simulator.reply(BEN, text)
    simulator.settle()
    assert simulator.received(BEN) == []
    assert twilio.messages.create(to=BEN, from_=OURS, body="R7K2").status == "queued"


def test_twilio_answers_a_second_stop_with_silence_and_help_always(simulator: Simulator) -> None:
    simulator.change_phone(BEN)
    for word in ["STOP", "STOP", "HELP", "HELP"]:
        simulator.reply(BEN, word)
        simulator.settle()
    assert len(simulator.received(BEN)) == 3


def test_an_answer_to_a_phone_that_left_is_not_carried(
    simulator: Simulator, application: Application
) -> None:
    application.answers("<Response><Message>Goodbye</Message></Response>")
    simulator.change_phone(BEN)
    simulator.reply(BEN, "STOP")
    simulator.settle()
    assert "Goodbye" not in simulator.received(BEN)
    assert [line["code"] for line in simulator.ledger("debugger")] == [21610]


def test_the_control_interface_asks_for_the_password(simulator: Simulator) -> None:
    stranger = ControlClient(simulator.url, account_sid=ACCOUNT, auth_token="wrong")
    with pytest.raises(ControlError) as refused:
        stranger.phones()
    assert refused.value.status == 401


@pytest.mark.parametrize(
    ("number", "wishes"),
    [
        ("07700900101", {"name": "Ben"}),
        (BEN, {"signal": "yes"}),
        (BEN, {"slow_seconds": True}),
        (BEN, {"colour": "red"}),
    ],
)
def test_a_mistaken_wish_changes_no_phone(
    simulator: Simulator, number: str, wishes: dict[str, object]
) -> None:
    with pytest.raises(ControlError) as refused:
        simulator.change_phone(number, **wishes)
    assert refused.value.status == 400
    assert simulator.phones() == []


def test_a_phone_that_nobody_knows_is_not_made_by_looking(simulator: Simulator) -> None:
    with pytest.raises(ControlError) as refused:
        simulator.phone(BEN)
    assert refused.value.status == 404
    with pytest.raises(ControlError):
        simulator.reply(BEN, "hello", to="+447700900998")
    assert simulator.phones() == []


def test_the_webhook_can_be_pointed_elsewhere_until_a_reset(
    simulator: Simulator, application: Application
) -> None:
    simulator.set_inbound(f"{application.url}/elsewhere")
    simulator.reply(BEN, "one")
    simulator.reset()
    assert simulator.phones() == []
    assert simulator.ledger() == []
    simulator.reply(BEN, "two")
    assert [heard.path for heard in application.heard] == ["/elsewhere", "/inbound"]


def test_texts_that_a_dead_webhook_missed_can_be_fetched_later(
    twilio: Sdk, simulator: Simulator, application: Application
) -> None:
    began = datetime.now(UTC)
    twilio.messages.create(to=BEN, from_=OURS, body="Reply 4F7KP accept")
    simulator.settle()
    simulator.set_inbound("http://127.0.0.1:1/inbound")
    sids = [simulator.reply(BEN, "4F7KP")]
    simulator.set_inbound(f"{application.url}/inbound")
    application.answers("", status=503)
    sids.append(simulator.reply(CLEO, "X4F7KP"))
    found = twilio.messages.list(to=OURS, date_sent_after=began)
    assert [(text.sid, text.direction, text.from_, text.body, text.status) for text in found] == [
        (sids[1], "inbound", CLEO, "X4F7KP", "received"),
        (sids[0], "inbound", BEN, "4F7KP", "received"),
    ]
    assert twilio.messages.list(to=OURS, date_sent_after=datetime.now(UTC) + timedelta(minutes=1)) == []
