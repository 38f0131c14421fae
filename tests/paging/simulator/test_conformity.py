"""The fields of every form that the simulator posts, held against those that Twilio documents.

Sources: twilio.com/docs/messaging/guides/webhook-request, /docs/messaging/guides/track-outbound-message-status,
/docs/voice/twiml (request parameters), /docs/voice/api/call-resource (StatusCallback), /docs/voice/twiml/gather and
/docs/voice/answering-machine-detection. A real account's forms have no fields that are missing here but those of
places, recordings and forwarded calls.
"""

from collections.abc import Iterable
from email.utils import parsedate_to_datetime

import pytest

from paging.simulator.running import Simulator
from tests.paging.simulator.application import Application
from tests.paging.simulator.calling import BEN, question, ring
from tests.paging.simulator.conftest import ACCOUNT, OURS, TOKEN, Sdk

PLACES = {f"{end}{part}" for end in ("From", "To") for part in ("City", "State", "Zip", "Country")}
INBOUND_TEXT = {
    "MessageSid", "SmsSid", "SmsMessageSid", "AccountSid", "From", "To", "Body", "NumMedia", "NumSegments",
    "SmsStatus", "ApiVersion",
}  # fmt: skip
TEXT_STATUS = {
    "MessageSid", "SmsSid", "MessageStatus", "SmsStatus", "AccountSid", "From", "To", "ApiVersion",
}  # fmt: skip
OF_A_CALL = {
    "CallSid", "AccountSid", "From", "To", "CallStatus", "ApiVersion", "Direction", "Caller", "Called",
    "CallerCity", "CallerState", "CallerZip", "CallerCountry", "CalledCity", "CalledState", "CalledZip",
    "CalledCountry",
}  # fmt: skip
CALL_STATUS = OF_A_CALL | {"CallbackSource", "SequenceNumber", "Timestamp"}
CALL_END = CALL_STATUS | {"CallDuration", "Duration", "SipResponseCode"}
GATHERED = OF_A_CALL | {"Digits", "FinishedOnKey", "msg"}
DETECTED = {"CallSid", "AccountSid", "AnsweredBy", "MachineDetectionDuration"}


def check(forms: Iterable[dict[str, str]], fields: set[str], optional: Iterable[str] = ()) -> None:
    """Each form has all these fields, and no other but the optional ones."""
    forms = list(forms)
    assert forms
    for form in forms:
        assert fields <= set(form), fields - set(form)
        assert set(form) <= fields | set(optional), set(form) - fields - set(optional)
        assert form["AccountSid"] == ACCOUNT


@pytest.fixture
def whole(twilio: Sdk, simulator: Simulator, application: Application) -> Application:
    """A call that was answered, asked, answered by a key, and ended."""
    application.says("/keys", "<Response><Say>Accepted.</Say></Response>")
    application.says("/words", question(application))
    ring(twilio, application, url=f"{application.url}/words")
    simulator.settle()
    simulator.answer(BEN)
    simulator.press(BEN, "7")
    simulator.settle()
    return application


def test_every_form_of_a_text_is_complete(
    twilio: Sdk, simulator: Simulator, application: Application
) -> None:
    twilio.messages.create(to=BEN, from_=OURS, body="T", status_callback=f"{application.url}/status")
    simulator.settle()
    simulator.order_faults({"action": "accept_then_fail:30005"})
    twilio.messages.create(to=BEN, from_=OURS, body="T", status_callback=f"{application.url}/failed")
    simulator.settle()
    simulator.reply(BEN, "4F7KP")
    check(application.forms("/inbound"), INBOUND_TEXT | PLACES)
    check(application.forms("/status"), TEXT_STATUS, ["RawDlrDoneDate"])
    check(application.forms("/failed")[-1:], TEXT_STATUS | {"ErrorCode", "ErrorMessage", "RawDlrDoneDate"})


def test_every_form_of_a_call_is_complete(whole: Application) -> None:
    check(whole.forms("/words"), OF_A_CALL | PLACES)
    check(whole.forms("/keys"), GATHERED | PLACES)
    check(whole.forms("/machine"), DETECTED)
    *steps, end = whole.forms("/call")
    check(steps, CALL_STATUS | PLACES, ["AnsweredBy"])
    check([end], CALL_END | PLACES | {"AnsweredBy"})


def test_every_step_of_a_call_has_its_number_and_its_moment(whole: Application) -> None:
    forms = whole.forms("/call")
    assert [form["SequenceNumber"] for form in forms] == ["0", "1", "2", "3"]
    moments = [parsedate_to_datetime(form["Timestamp"]) for form in forms]
    assert moments == sorted(moments)
    assert {moment.tzname() for moment in moments} == {"UTC"}
    assert {form["CallbackSource"] for form in forms} == {"call-progress-events"}
    assert forms[-1]["CallDuration"] == "1"
    assert {(form["Direction"], form["From"], form["To"]) for form in forms} == {("outbound-api", OURS, BEN)}


def test_every_form_is_signed(whole: Application) -> None:
    assert {heard.path for heard in whole.heard} == {"/words", "/keys", "/machine", "/call"}
    for heard in whole.heard:
        assert heard.is_signed(f"{whole.url}{heard.path}", TOKEN)
        assert not heard.is_signed(f"{whole.url}{heard.path}", "another token")
        assert heard.headers["Content-Type"] == "application/x-www-form-urlencoded"
        assert heard.headers["I-Twilio-Idempotency-Token"]


@pytest.mark.parametrize("voice", ["busy", "rejects", "off"])
def test_every_bad_end_of_a_call_is_complete(
    twilio: Sdk, simulator: Simulator, application: Application, voice: str
) -> None:
    simulator.change_phone(BEN, voice=voice)
    ring(twilio, application)
    simulator.settle()
    end = application.forms("/call")[-1]
    check([end], CALL_END | PLACES)
    assert (end["CallDuration"], end["Duration"]) == ("0", "0")


def test_a_fallback_is_told_the_fault(twilio: Sdk, simulator: Simulator, application: Application) -> None:
    simulator.change_phone(BEN, voice="answers")
    application.says("/words", "", status=500)
    ring(
        twilio,
        application,
        url=f"{application.url}/words",
        fallback_url=f"{application.url}/fallback",
    )
    simulator.settle()
    check(application.forms("/fallback"), OF_A_CALL | PLACES | {"ErrorCode", "ErrorUrl"})
