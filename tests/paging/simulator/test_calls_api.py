"""The Calls API as the real SDK sees it: resources, lists, refusals, the end of a call; and the account's numbers."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from twilio.base.exceptions import TwilioRestException

from paging.simulator.running import Simulator
from tests.paging.simulator.application import Application
from tests.paging.simulator.calling import BEN, CLEO, HELLO, question, ring
from tests.paging.simulator.conftest import ACCOUNT, OURS, Sdk


def test_a_call_is_created_as_a_queued_resource(twilio: Sdk, simulator: Simulator) -> None:
    before = datetime.now(UTC).replace(microsecond=0)
    call = twilio.calls.create(to=BEN, from_=OURS, twiml=HELLO)
    assert re.fullmatch(r"CA[0-9a-f]{32}", call.sid)
    assert (call.status, call.direction, call.account_sid) == ("queued", "outbound-api", ACCOUNT)
    assert (call.to, call._from, call.api_version) == (BEN, OURS, "2010-04-01")
    assert (call.start_time, call.end_time, call.duration, call.answered_by) == (None, None, None, None)
    assert before <= call.date_created <= datetime.now(UTC)
    assert call.uri == f"/2010-04-01/Accounts/{ACCOUNT}/Calls/{call.sid}.json"


def test_a_call_that_was_answered_is_fetched_as_completed(twilio: Sdk, simulator: Simulator) -> None:
    simulator.change_phone(BEN, voice="answers")
    sid = twilio.calls.create(to=BEN, from_=OURS, twiml=HELLO).sid
    simulator.settle()
    call = twilio.calls(sid).fetch()
    assert (call.status, call.duration) == ("completed", "1")
    assert call.date_created <= call.start_time <= call.end_time


def test_a_call_that_does_not_exist_is_not_found(twilio: Sdk, simulator: Simulator) -> None:
    for request in [
        twilio.calls("CA" + "0" * 32).fetch,
        lambda: twilio.calls("CA0").update(status="completed"),
    ]:
        with pytest.raises(TwilioRestException) as refused:
            request()
        assert (refused.value.status, refused.value.code) == (404, 20404)


def test_calls_are_listed_newest_first_by_number_status_and_moment(twilio: Sdk, simulator: Simulator) -> None:
    simulator.change_phone(BEN, voice="answers")
    simulator.change_phone(CLEO, voice="busy")
    sids = [twilio.calls.create(to=to, from_=OURS, twiml=HELLO).sid for to in (BEN, CLEO)]
    simulator.settle()
    assert [call.sid for call in twilio.calls.list()] == sids[::-1]
    assert [call.sid for call in twilio.calls.list(to=BEN)] == sids[:1]
    assert [call.sid for call in twilio.calls.list(status="busy")] == sids[1:]
    minute, now = timedelta(minutes=1), datetime.now(UTC)
    assert [call.sid for call in twilio.calls.list(start_time_after=now - minute)] == sids[:1]
    assert twilio.calls.list(start_time_after=now + minute) == []
    assert [call.sid for call in twilio.calls.page(page_size=1).next_page()] == sids[:1]


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"to": "07700900101"}, 400, 21211),
        ({"to": "+44770090010"}, 400, 21211),
        ({"to": "+33612345678"}, 400, 21215),
        ({"to": ""}, 400, 21201),
        ({"to": OURS}, 400, 21214),
        ({"from_": ""}, 400, 21213),
        ({"from_": "+447700900998"}, 400, 21210),
        ({"from_": "not a number"}, 400, 21212),
        ({"twiml": ""}, 400, 21205),
        ({"twiml": "", "url": "ftp://127.0.0.1/voice"}, 400, 21205),
        ({"url": "http://127.0.0.1/voice"}, 400, 20001),
        ({"twiml": f"<Response><Say>{'a' * 4000}</Say></Response>"}, 400, 32018),
        ({"fallback_url": "http://my_host/voice"}, 400, 21205),
        ({"status_callback": "http://[::]/call"}, 400, 21609),
        ({"async_amd_status_callback": "nowhere"}, 400, 21609),
        ({"timeout": 601}, 400, 20001),
        ({"timeout": "soon"}, 400, 20001),
        ({"machine_detection": "Perhaps"}, 400, 20001),
        ({"async_amd": "yes"}, 400, 20001),
        ({"status_callback_method": "GET"}, 400, 20001),
        ({"record": True}, 400, 20001),
        ({"send_digits": "1"}, 400, 20001),
    ],
)
def test_what_twilio_would_refuse_is_refused_with_its_code(
    twilio: Sdk, simulator: Simulator, change: dict[str, object], status: int, code: int
) -> None:
    with pytest.raises(TwilioRestException) as refused:
        twilio.calls.create(**{"to": BEN, "from_": OURS, "twiml": HELLO} | change)
    assert (refused.value.status, refused.value.code) == (status, code)
    assert simulator.ledger("request")[-1]["outcome"] == f"refused:{code}"
    assert twilio.calls.list() == []


def test_a_landline_and_a_phone_that_left_by_stop_can_be_called(twilio: Sdk, simulator: Simulator) -> None:
    assert twilio.calls.create(to="+441514960123", from_=OURS, twiml=HELLO).status == "queued"
    simulator.change_phone(BEN, voice="answers")
    simulator.reply(BEN, "STOP")
    twilio.calls.create(to=BEN, from_=OURS, twiml=HELLO)
    simulator.settle()
    assert simulator.heard(BEN) == ["This is Dido."]


def test_tuning_the_detection_changes_nothing_and_is_let_through(twilio: Sdk, simulator: Simulator) -> None:
    call = twilio.calls.create(
        to=BEN,
        from_=OURS,
        twiml=HELLO,
        timeout=22,
        machine_detection="Enable",
        machine_detection_timeout=20,
        machine_detection_speech_threshold=2000,
        call_reason="Referral",
    )
    assert call.status == "queued"


def test_an_event_that_twilio_does_not_know_silences_every_report(
    twilio: Sdk, simulator: Simulator, application: Application
) -> None:
    simulator.change_phone(BEN, voice="answers")
    sid = ring(twilio, application, status_callback_event=["answered completed"]).sid
    simulator.settle()
    assert twilio.calls(sid).fetch().status == "completed"
    assert application.forms("/call") == []
    [line] = simulator.ledger("debugger")
    assert (line["code"], line["sid"]) == (21626, sid)


def test_a_detection_that_nobody_hears_of_is_a_warning(
    twilio: Sdk, simulator: Simulator, application: Application
) -> None:
    simulator.change_phone(BEN, voice="answers")
    sid = ring(twilio, application, async_amd_status_callback="").sid
    simulator.settle()
    assert [line["code"] for line in simulator.ledger("debugger")] == [21262]
    assert twilio.calls(sid).fetch().answered_by == "human"


def test_a_call_in_progress_is_ended_by_us(
    twilio: Sdk, simulator: Simulator, application: Application
) -> None:
    sid = ring(twilio, application, twiml=question(application)).sid
    simulator.settle()
    simulator.answer(BEN)
    assert twilio.calls(sid).fetch().status == "in-progress"
    assert twilio.calls(sid).update(status="canceled").status == "in-progress"
    assert twilio.calls(sid).update(status="completed").status == "completed"
    simulator.settle()
    assert application.calls() == [
        ("initiated", "0"),
        ("ringing", "1"),
        ("in-progress", "2"),
        ("completed", "3"),
    ]
    assert "Nothing was recorded. Goodbye." not in simulator.heard(BEN)


@pytest.mark.parametrize("status", ["completed", "canceled"])
def test_a_call_that_rings_is_cancelled_by_us(
    twilio: Sdk, simulator: Simulator, application: Application, status: str
) -> None:
    sid = ring(twilio, application).sid
    simulator.settle()
    assert twilio.calls(sid).update(status=status).status == "canceled"
    simulator.settle()
    assert application.calls()[-1] == ("canceled", "2")
    [call] = simulator.calls(BEN)
    assert (call["status"], call["ringing"], call["heard"]) == ("canceled", False, [])


def test_a_call_that_is_over_cannot_be_ended_again(twilio: Sdk, simulator: Simulator) -> None:
    simulator.change_phone(BEN, voice="busy")
    sid = twilio.calls.create(to=BEN, from_=OURS, twiml=HELLO).sid
    simulator.settle()
    with pytest.raises(TwilioRestException) as refused:
        twilio.calls(sid).update(status="completed")
    assert (refused.value.status, refused.value.code) == (400, 21220)


@pytest.mark.parametrize(
    "change", [{"status": "ringing"}, {"twiml": HELLO}, {"status": "completed", "twiml": HELLO}]
)
def test_nothing_but_the_end_of_a_call_can_be_changed(
    twilio: Sdk, simulator: Simulator, change: dict[str, str]
) -> None:
    sid = twilio.calls.create(to=BEN, from_=OURS, twiml=HELLO).sid
    with pytest.raises(TwilioRestException) as refused:
        twilio.calls(sid).update(**change)
    assert (refused.value.status, refused.value.code) == (400, 20001)


def test_our_number_tells_where_its_texts_and_calls_go(
    twilio: Sdk, simulator: Simulator, application: Application
) -> None:
    [number] = twilio.incoming_phone_numbers.list(phone_number=OURS)
    assert re.fullmatch(r"PN[0-9a-f]{32}", number.sid)
    assert (number.phone_number, number.sms_method, number.voice_method) == (OURS, "POST", "POST")
    assert number.sms_url == f"{application.url}/inbound"
    assert number.voice_url == f"{application.url}/voice"
    assert number.capabilities["voice"]
    simulator.set_inbound(f"{application.url}/elsewhere")
    assert twilio.incoming_phone_numbers.list()[0].sms_url == f"{application.url}/elsewhere"
    assert twilio.incoming_phone_numbers.list(phone_number="+447700900998") == []
