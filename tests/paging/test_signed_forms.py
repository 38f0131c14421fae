"""A true signature is not enough: a form is read only where its names and values can be divided in one way."""

import pytest
from django.http import QueryDict

from paging import signed_forms
from paging.signed_forms import Shape

SID = "0123456789abcdef" * 2
TEXT = f"AccountSid=AC{SID}&Body=BCDFG&From=%2B447700900101&FromCity=&MessageSid=SM{SID}&To=%2B447700900999"
REPORT = f"AccountSid=AC{SID}&ErrorCode=30003&MessageSid=SM{SID}&MessageStatus=undelivered&To=%2B447700900101"
KEY = (
    f"AccountSid=AC{SID}&AnsweredBy=machine_start&CallSid=CA{SID}&Digits=7&Direction=outbound-api"
    "&To=%2B447700900101&msg=Gather+End"
)


@pytest.mark.parametrize(
    ("shape", "form"),
    [
        (signed_forms.SMS_INBOUND, TEXT),
        (signed_forms.SMS_INBOUND, TEXT.replace("Body=BCDFG", "Body=")),
        (signed_forms.SMS_INBOUND, TEXT.replace("Body=BCDFG", "Body=from+home%2C%0ATo+be+sure")),
        (signed_forms.SMS_INBOUND, TEXT.replace("%2B447700900101", "Vodafone")),
        (signed_forms.SMS_INBOUND, TEXT + "&NewAtTwilio=Anything+at+all"),
        (signed_forms.SMS_STATUS, REPORT),
        (signed_forms.SMS_STATUS, REPORT.replace("ErrorCode=30003&", "")),
        (signed_forms.VOICE_ANSWER, KEY),
        (signed_forms.VOICE_ANSWER, KEY.replace("AnsweredBy=machine_start&", "").replace("=7", "=*")),
        (signed_forms.VOICE_STATUS, f"CallSid=CA{SID}&CallStatus=no-answer"),
        (signed_forms.VOICE_MACHINE, f"CallSid=CA{SID}&AnsweredBy=machine_start"),
    ],
)
def test_what_twilio_sends_is_read(shape: Shape, form: str) -> None:
    assert shape.fits(QueryDict(form))


@pytest.mark.parametrize(
    ("shape", "true", "forged"),
    [
        (signed_forms.SMS_INBOUND, "Body=BCDFG", "Body=BCD&FG="),
        (signed_forms.SMS_INBOUND, "Body=BCDFG", "Body=BCDFG&Cannot="),
        (signed_forms.SMS_INBOUND, "Body=BCDFG", "Body=BCD&Body=FG"),
        (signed_forms.SMS_INBOUND, "Body=BCDFG&From=", "Body=BCDFGFrom%2B447700900101&FromX="),
        (signed_forms.SMS_INBOUND, "%2B447700900101", "%2B4477009001&01="),
        (signed_forms.SMS_INBOUND, "&From=%2B447700900101", ""),
        (signed_forms.SMS_STATUS, "&ErrorCode=30003", "&ErrorCod=e30003"),
        (signed_forms.SMS_STATUS, "&ErrorCode=30003", "&ErrorCode3=0003"),
        (signed_forms.SMS_STATUS, "&ErrorCode=30003", "&ApiVersion=2010-04-01ErrorCode30003"),
        (signed_forms.SMS_STATUS, "MessageStatus=undelivered", "MessageStatusun=delivered"),
        (signed_forms.SMS_STATUS, "=undelivered&To=", "=undeliveredTo%2B447700900101&ToX="),
        (signed_forms.SMS_STATUS, "AccountSid", "7=&AccountSid"),
        (signed_forms.VOICE_ANSWER, "AnsweredBy=machine_start", "AnsweredB=ymachine_start"),
        (signed_forms.VOICE_ANSWER, "AnsweredBy=machine_start", "AnsweredBymachine_start="),
        (signed_forms.VOICE_ANSWER, "Digits=7&Direction=", "Digits=7Direction"),
        (signed_forms.VOICE_ANSWER, "Digits=7", "CallerZip=Digits7"),
    ],
)
def test_a_form_with_another_reading_is_not(shape: Shape, true: str, forged: str) -> None:
    whole = {signed_forms.SMS_INBOUND: TEXT, signed_forms.SMS_STATUS: REPORT, signed_forms.VOICE_ANSWER: KEY}
    form = next(form for known, form in whole.items() if known is shape)
    assert true in form
    assert not shape.fits(QueryDict(form.replace(true, forged)))
