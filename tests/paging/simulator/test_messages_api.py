"""The Messages API as the real SDK sees it: resources, pages, refusals."""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from twilio.base.exceptions import TwilioRestException

from paging.simulator.config import SimulatorConfig
from paging.simulator.running import Simulator, running
from tests.paging.simulator.conftest import ACCOUNT, OURS, TOKEN, Sdk, speaking_to

BEN = "+447700900101"
CLEO = "+447700900102"


def test_a_message_is_created_as_a_queued_resource(twilio: Sdk, simulator: Simulator) -> None:
    before = datetime.now(UTC).replace(microsecond=0)
    message = twilio.messages.create(to=BEN, from_=OURS, body="STROKE HUB: referral R7K2")
    assert re.fullmatch(r"SM[0-9a-f]{32}", message.sid)
    assert (message.status, message.direction, message.account_sid) == ("queued", "outbound-api", ACCOUNT)
    assert (message.to, message.from_, message.body) == (BEN, OURS, "STROKE HUB: referral R7K2")
    assert (message.num_segments, message.num_media, message.api_version) == ("1", "0", "2010-04-01")
    assert message.error_code is None
    assert message.error_message is None
    assert message.date_sent is None
    assert before <= message.date_created <= datetime.now(UTC)
    assert message.uri == f"/2010-04-01/Accounts/{ACCOUNT}/Messages/{message.sid}.json"


def test_a_message_that_arrived_is_fetched_as_delivered(twilio: Sdk, simulator: Simulator) -> None:
    sid = twilio.messages.create(to=BEN, from_=OURS, body="One").sid
    simulator.settle()
    message = twilio.messages(sid).fetch()
    assert message.status == "delivered"
    assert message.date_sent is not None
    assert simulator.received(BEN) == ["One"]


def test_a_message_that_does_not_exist_is_not_found(twilio: Sdk, simulator: Simulator) -> None:
    with pytest.raises(TwilioRestException) as refused:
        twilio.messages("SM" + "0" * 32).fetch()
    assert (refused.value.status, refused.value.code) == (404, 20404)


def test_messages_are_listed_newest_first_and_by_number(twilio: Sdk, simulator: Simulator) -> None:
    for number, body in [(BEN, "1"), (CLEO, "2"), (BEN, "3")]:
        twilio.messages.create(to=number, from_=OURS, body=body)
    assert [message.body for message in twilio.messages.list()] == ["3", "2", "1"]
    assert [message.body for message in twilio.messages.list(to=BEN)] == ["3", "1"]
    assert [message.body for message in twilio.messages.list(to=CLEO, from_=OURS)] == ["2"]
    assert twilio.messages.list(from_=BEN) == []


def test_messages_are_listed_by_the_moment_of_sending(twilio: Sdk, simulator: Simulator) -> None:
    twilio.messages.create(to=BEN, from_=OURS, body="now")
    simulator.settle()
    minute = timedelta(minutes=1)
    now = datetime.now(UTC)
    assert len(twilio.messages.list(date_sent_after=now - minute)) == 1
    assert twilio.messages.list(date_sent_after=now + minute) == []
    assert len(twilio.messages.list(date_sent_before=now + minute)) == 1
    assert twilio.messages.list(date_sent_before=now - minute) == []
    assert twilio.messages.list(date_sent=now - timedelta(days=2)) == []


def test_pages_follow_each_other_without_gap_even_when_messages_arrive_meanwhile(
    twilio: Sdk, simulator: Simulator
) -> None:
    for number in range(5):
        twilio.messages.create(to=BEN, from_=OURS, body=str(number))
    page = twilio.messages.page(page_size=2, to=BEN)
    assert [message.body for message in page] == ["4", "3"]
    twilio.messages.create(to=BEN, from_=OURS, body="late")
    second = page.next_page()
    assert [message.body for message in second] == ["2", "1"]
    third = second.next_page()
    assert [message.body for message in third] == ["0"]
    assert third.next_page() is None
    assert [message.body for message in third.previous_page()] == ["2", "1"]
    assert len(twilio.messages.list(page_size=1)) == 6


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"to": "07700900101"}, 400, 21211),
        ({"to": "+44770090010"}, 400, 21211),
        ({"to": "+441514960123"}, 400, 21614),
        ({"to": "+442"}, 400, 21211),
        ({"to": "+33612345678"}, 400, 21408),
        ({"to": ""}, 400, 21604),
        ({"to": OURS}, 400, 21266),
        ({"body": ""}, 400, 21602),
        ({"body": "a" * 1601}, 400, 21617),
        ({"from_": ""}, 400, 21603),
        ({"from_": "+447700900998"}, 400, 21606),
        ({"from_": "not a number"}, 400, 21212),
        ({"status_callback": "ftp://127.0.0.1/status"}, 400, 21609),
        ({"status_callback": "http://my_host/status"}, 400, 21609),
        ({"status_callback": "http://[::]/status"}, 400, 21609),
        ({"status_callback": "http://["}, 400, 21609),
        ({"validity_period": 0}, 400, 21624),
        ({"validity_period": 36001}, 400, 21624),
        ({"messaging_service_sid": "MG" + "1" * 32}, 400, 21701),
        ({"send_at": datetime(2030, 1, 1, tzinfo=UTC), "schedule_type": "fixed"}, 400, 20001),
    ],
)
def test_what_twilio_would_refuse_is_refused_with_its_code(
    twilio: Sdk, simulator: Simulator, change: dict[str, object], status: int, code: int
) -> None:
    with pytest.raises(TwilioRestException) as refused:
        twilio.messages.create(**{"to": BEN, "from_": OURS, "body": "Text"} | change)
    assert (refused.value.status, refused.value.code) == (status, code)
    assert simulator.ledger("request")[-1]["outcome"] == f"refused:{code}"
    assert simulator.received(BEN) == []


def test_the_longest_body_and_the_longest_validity_are_accepted(twilio: Sdk, simulator: Simulator) -> None:
    message = twilio.messages.create(to=BEN, from_=OURS, body="a" * 1600, validity_period=36000)
    assert message.num_segments == "11"


@pytest.mark.parametrize(
    ("username", "password", "account", "status", "code"),
    [
        (ACCOUNT, "wrong", None, 401, 20003),
        ("AC" + "2" * 32, TOKEN, None, 401, 20003),
        (ACCOUNT, TOKEN, "AC" + "2" * 32, 404, 20404),
    ],
)
def test_a_stranger_is_turned_away(
    *,
    simulator: Simulator,
    username: str,
    password: str,
    account: str | None,
    status: int,
    code: int,
) -> None:
    with (
        speaking_to(simulator.url, username=username, password=password, account=account) as client,
        pytest.raises(TwilioRestException) as refused,
    ):
        client.messages.create(to=BEN, from_=OURS, body="Text")
    assert (refused.value.status, refused.value.code) == (status, code)
    assert simulator.received(BEN) == []


def test_what_is_not_offered_is_refused_in_twilios_words(twilio: Sdk, simulator: Simulator) -> None:
    with pytest.raises(TwilioRestException) as refused:
        twilio.tokens.create()
    assert (refused.value.status, refused.value.code) == (404, 20404)
    with pytest.raises(TwilioRestException) as refused:
        twilio.messages("SM" + "0" * 32).update(body="")
    assert (refused.value.status, refused.value.code) == (405, 20004)


def test_only_so_many_messages_are_kept(config: SimulatorConfig) -> None:
    with running(replace(config, message_history=3)) as simulator, speaking_to(simulator.url) as client:
        for number in range(5):
            client.messages.create(to=BEN, from_=OURS, body=str(number))
        assert [message.body for message in client.messages.list()] == ["4", "3", "2"]
