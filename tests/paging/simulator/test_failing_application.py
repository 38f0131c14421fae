"""An application that fails in the middle of a call: tried again, replaced, apologised for, and noted."""

from dataclasses import replace

import pytest

from paging.simulator.config import SimulatorConfig
from paging.simulator.running import Simulator, running
from tests.paging.simulator.application import NEVER, Application
from tests.paging.simulator.calling import ACCEPTED, ASKED, BEN, SORRY, answered, question, ring
from tests.paging.simulator.conftest import Sdk


@pytest.mark.parametrize(
    ("text", "content_type", "status", "code"),
    [
        ("", "text/xml", 500, 11200),
        ("", "text/xml", 403, 11200),
        ("", "text/xml", 200, 12100),
        ("", "text/xml", 204, 12100),
        ("<Response><Say>", "text/xml", 200, 12100),
        ("<Answer/>", "text/xml", 200, 12100),
        ("{}", "application/json", 200, 12300),
        (f"<Response><Say>{'a' * 64_000}</Say></Response>", "text/xml", 200, 11750),
        ("<Response><Dial>+447700900102</Dial></Response>", "text/xml", 200, 12200),
        ("<Response><Say rate='fast'>One.</Say></Response>", "text/xml", 200, 12200),
        ("<Response><Say loop='0'>One.</Say></Response>", "text/xml", 200, 12200),
        ("<Response><Pause length='long'/></Response>", "text/xml", 200, 12200),
        ("<Response><Gather input='speech'/></Response>", "text/xml", 200, 12200),
        ("<Response><Gather finishOnKey='x'/></Response>", "text/xml", 200, 13310),
        ("<Response><Gather><Hangup/></Gather></Response>", "text/xml", 200, 12200),
        ("<Response><Redirect method='GET'>/x</Redirect></Response>", "text/xml", 200, 12200),
        ("<Response><Redirect>ftp://127.0.0.1/x</Redirect></Response>", "text/xml", 200, 11100),
    ],
)  # fmt: skip
def test_an_application_that_fails_is_apologised_for_and_noted(
    *,
    twilio: Sdk,
    simulator: Simulator,
    application: Application,
    text: str,
    content_type: str,
    status: int,
    code: int,
) -> None:
    application.answers(text, content_type=content_type, status=status)
    sid = ring(twilio, application, twiml=question(application), status_callback="", machine_detection="").sid
    simulator.settle()
    simulator.answer(BEN)
    call = simulator.press(BEN, "7")
    assert (call["heard"], call["status"]) == ([*ASKED, *SORRY], "completed")
    [line] = simulator.ledger("debugger")
    assert (line["code"], line["sid"]) == (code, sid)
    assert line["message"]
    assert len(application.forms("/keys")) == 1


def test_an_application_that_cannot_be_reached_is_tried_once_more(
    twilio: Sdk, simulator: Simulator, application: Application
) -> None:
    twiml = '<Response><Gather numDigits="1" action="http://127.0.0.1:1/keys"/></Response>'
    answered(twilio, simulator, application, twiml=twiml)
    assert simulator.press(BEN, "7")["heard"] == SORRY
    assert [line["attempts"] for line in simulator.ledger("voice")] == [2]
    assert [line["code"] for line in simulator.ledger("debugger")] == [11205]


def test_an_application_that_is_too_slow_is_not_tried_again(
    config: SimulatorConfig, twilio: Sdk, application: Application
) -> None:
    with running(replace(config, total_timeout=0.1)) as simulator:
        twilio.api.base_url = simulator.url
        answered(
            twilio,
            simulator,
            application,
            twiml=question(application),
            status_callback="",
            machine_detection="",
        )
        application.slow_seconds = NEVER
        assert simulator.press(BEN, "7")["heard"] == [*ASKED, *SORRY]
        [line] = simulator.ledger("voice")
        assert (line["attempts"], line["http_status"]) == (1, None)
        assert [line["code"] for line in simulator.ledger("debugger")] == [11200]


def test_an_address_may_ask_for_less_patience(
    twilio: Sdk, simulator: Simulator, application: Application
) -> None:
    twiml = question(application, action="/keys#tt=100")
    answered(twilio, simulator, application, twiml=twiml, status_callback="", machine_detection="")
    application.slow_seconds = NEVER
    assert simulator.press(BEN, "7")["heard"] == [*ASKED, *SORRY]


def test_words_without_an_address_of_their_own_lead_nowhere(
    twilio: Sdk, simulator: Simulator, application: Application
) -> None:
    answered(twilio, simulator, application, twiml="<Response><Redirect/></Response>")
    assert simulator.heard(BEN) == SORRY
    assert [line["code"] for line in simulator.ledger("debugger")] == [11100]


def test_the_fallback_is_told_what_went_wrong_and_speaks_instead(
    twilio: Sdk, simulator: Simulator, application: Application
) -> None:
    application.says("/keys", "", status=503)
    application.says("/fallback", "<Response><Say>Please use the app.</Say></Response>")
    answered(
        twilio,
        simulator,
        application,
        twiml=question(application),
        fallback_url=f"{application.url}/fallback",
    )
    assert simulator.press(BEN, "7")["heard"] == [*ASKED, "Please use the app."]
    [form] = application.forms("/fallback")
    assert (form["ErrorCode"], form["ErrorUrl"]) == ("11200", f"{application.url}/keys")


def test_a_fallback_that_fails_too_is_apologised_for(
    twilio: Sdk, simulator: Simulator, application: Application
) -> None:
    fallback = f"{application.url}/fallback"
    application.says("/fallback", "", status=500)
    answered(twilio, simulator, application, twiml="<Answer/>", fallback_url=fallback)
    assert simulator.heard(BEN) == SORRY
    assert [line["code"] for line in simulator.ledger("debugger")] == [12100, 11200]


@pytest.mark.parametrize(
    ("wishes", "statuses", "asked"),
    [
        ("rc=2&rp=5xx", [503, 503, 200], 3),
        ("rp=all", [503, 200], 2),
        ("rc=9&rp=4xx,5xx", [429, 503, 503, 503, 503, 200], 6),
        ("rc=2", [503], 1),
        ("rc=2&rp=4xx", [503], 1),
        ("rc=two&rp=sometimes&tt=x", [503], 1),
    ],
)
def test_an_address_may_ask_for_further_tries(
    *,
    twilio: Sdk,
    simulator: Simulator,
    application: Application,
    wishes: str,
    statuses: list[int],
    asked: int,
) -> None:
    application.pages["/keys"] = [(status, ACCEPTED if status == 200 else "") for status in statuses]
    answered(
        twilio,
        simulator,
        application,
        twiml=question(application, action=f"/keys#{wishes.replace('&', '&amp;')}"),
    )
    heard = simulator.press(BEN, "7")["heard"]
    assert heard == [*ASKED, *(["Accepted.", "Goodbye."] if statuses[-1] == 200 else SORRY)]
    posts = [post for post in application.heard if post.path == "/keys"]
    assert len(posts) == asked
    assert len({post.headers["I-Twilio-Idempotency-Token"] for post in posts}) == 1
