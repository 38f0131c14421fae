"""What a call says and asks: TwiML as Twilio plays it, keys and where they go, and an application that fails."""

from dataclasses import replace

import pytest

from paging.simulator.client import ControlError
from paging.simulator.config import SimulatorConfig
from paging.simulator.running import Simulator, running
from tests.paging.simulator.application import Application
from tests.paging.simulator.calling import BEN, question, ring
from tests.paging.simulator.conftest import TOKEN, Sdk

SORRY = ["We're sorry, an application error has occurred.", "Goodbye."]
ASKED = ["Referral R, 7, from Arrowe Park.", "To accept, press 7."]
NOTHING = ["Nothing was recorded.", "Goodbye."]
ACCEPTED = "<Response><Say>Accepted.</Say><Pause length='1'/><Say>Goodbye.</Say><Hangup/></Response>"


def answered(twilio: Sdk, simulator: Simulator, application: Application, **changes: object) -> str:
    """A call that Ben has answered; returns its sid."""
    sid = str(ring(twilio, application, **changes).sid)
    simulator.settle()
    simulator.answer(BEN)
    return sid


def test_words_are_heard_line_by_line(twilio: Sdk, simulator: Simulator, application: Application) -> None:
    twiml = (
        "<Response><Say voice='Polly.Amy' language='en-GB' loop='2'>One   two.\n Three! Four?</Say>"
        "<Pause/><Say>A <break/> &amp; B</Say></Response>"
    )
    answered(twilio, simulator, application, twiml=twiml)
    assert simulator.heard(BEN) == ["One two.", "Three!", "Four?", "One two.", "Three!", "Four?", "A & B"]


def test_a_key_is_posted_signed_and_the_answer_is_played(
    twilio: Sdk, simulator: Simulator, application: Application
) -> None:
    application.says("/keys", ACCEPTED)
    sid = answered(
        twilio, simulator, application, twiml=question(application, action="/keys?page=81&amp;step=1")
    )
    call = simulator.press(BEN, "7")
    assert (call["heard"], call["pressed"]) == ([*ASKED, "Accepted.", "Goodbye."], "7")
    simulator.settle()
    assert twilio.calls(sid).fetch().status == "completed"
    [heard] = [heard for heard in application.heard if heard.path.startswith("/keys")]
    assert heard.path == "/keys?page=81&step=1"
    assert heard.is_signed(f"{application.url}/keys?page=81&step=1", TOKEN)
    assert (heard.form["Digits"], heard.form["CallSid"], heard.form["CallStatus"]) == (
        "7",
        sid,
        "in-progress",
    )
    assert [line["http_status"] for line in simulator.ledger("voice")] == [200]


def test_a_star_may_ask_for_the_words_again(
    twilio: Sdk, simulator: Simulator, application: Application
) -> None:
    application.says("/keys", question(application), ACCEPTED)
    answered(twilio, simulator, application, twiml=question(application))
    assert simulator.press(BEN, "*")["heard"] == [*ASKED, *ASKED]
    assert simulator.press(BEN, "7")["heard"] == [*ASKED, *ASKED, "Accepted.", "Goodbye."]
    assert [form["Digits"] for form in application.forms("/keys")] == ["*", "7"]


def test_whoever_presses_nothing_is_asked_again_and_then_told_so(
    twilio: Sdk, simulator: Simulator, application: Application
) -> None:
    answered(twilio, simulator, application, twiml=question(application, times=2))
    assert simulator.let_time_pass(BEN)["heard"] == [*ASKED, *ASKED]
    call = simulator.let_time_pass(BEN)
    assert (call["heard"], call["status"]) == ([*ASKED, *ASKED, *NOTHING], "completed")
    assert application.forms("/keys") == []


def test_the_time_for_a_key_passes_by_itself(
    twilio: Sdk, simulator: Simulator, application: Application
) -> None:
    twiml = '<Response><Gather timeout="0" action="/keys"><Say>Now.</Say></Gather><Say>Late.</Say></Response>'
    answered(twilio, simulator, application, twiml=twiml)
    simulator.settle(everything=True)
    assert simulator.heard(BEN) == ["Now.", "Late."]


def test_an_empty_result_is_posted_where_that_is_asked_for(
    twilio: Sdk, simulator: Simulator, application: Application
) -> None:
    application.says("/keys", ACCEPTED)
    answered(twilio, simulator, application, twiml=question(application, extra='actionOnEmptyResult="true"'))
    simulator.let_time_pass(BEN)
    assert [form["Digits"] for form in application.forms("/keys")] == [""]


@pytest.mark.parametrize(
    ("gather", "keys", "digits", "finished_on"),
    [
        ('numDigits="3"', "7182", "718", ""),
        ('numDigits="3"', "71#8", "71", "#"),
        ("", "7182#", "7182", "#"),
        ('numDigits="2" finishOnKey=""', "7#", "7#", ""),
        ('finishOnKey="*"', "7#*", "7#", "*"),
    ],
)
def test_keys_are_gathered_until_enough_or_the_last_one(
    *,
    twilio: Sdk,
    simulator: Simulator,
    application: Application,
    gather: str,
    keys: str,
    digits: str,
    finished_on: str,
) -> None:
    application.says("/keys", ACCEPTED)
    twiml = f'<Response><Gather {gather} action="{application.url}/keys"/></Response>'
    answered(twilio, simulator, application, twiml=twiml)
    for key in keys:
        if simulator.calls(BEN)[0]["connected"]:
            simulator.press(BEN, key)
    [form] = application.forms("/keys")
    assert (form["Digits"], form["FinishedOnKey"], form["msg"]) == (digits, finished_on, "Gather End")


def test_keys_pressed_before_the_time_is_up_are_sent_and_a_lone_last_key_is_nothing(
    twilio: Sdk, simulator: Simulator, application: Application
) -> None:
    application.says("/keys", ACCEPTED)
    gather = f'<Gather numDigits="4" action="{application.url}/keys"/>'
    answered(twilio, simulator, application, twiml=f"<Response>{gather}{gather}</Response>")
    simulator.press(BEN, "#")
    assert application.forms("/keys") == []
    simulator.press(BEN, "71")
    assert application.forms("/keys") == []
    simulator.let_time_pass(BEN)
    assert [form["Digits"] for form in application.forms("/keys")] == ["71"]


def test_a_key_cuts_the_words_of_its_question_short(
    config: SimulatorConfig, twilio: Sdk, application: Application
) -> None:
    application.says("/keys", "<Response><Hangup/></Response>")
    twiml = question(application, times=2)
    with running(replace(config, pace=600.0)) as simulator:
        twilio.api.base_url = simulator.url
        ring(twilio, application, twiml=twiml)
        simulator.settle()
        simulator.answer(BEN, wait=False)
        while not simulator.calls(BEN)[0]["listening"]:
            assert simulator.calls(BEN)[0]["status"] != "completed"
        assert simulator.press(BEN, "7")["heard"] == ASKED[:1]
        simulator.settle()
    assert [form["Digits"] for form in application.forms("/keys")] == ["7"]


def test_a_key_that_nobody_asked_for_is_not_heard(
    config: SimulatorConfig, twilio: Sdk, application: Application
) -> None:
    with running(replace(config, pace=600.0)) as simulator:
        twilio.api.base_url = simulator.url
        ring(twilio, application, twiml="<Response><Pause length='9'/><Gather action='/keys'/></Response>")
        simulator.settle()
        simulator.answer(BEN, wait=False)
        while not simulator.calls(BEN)[0]["connected"]:
            assert simulator.calls(BEN)[0]["status"] != "completed"
        call = simulator.press(BEN, "7", wait=False)
        assert (call["pressed"], call["listening"]) == ("7", False)
        with pytest.raises(ControlError) as refused:
            simulator.let_time_pass(BEN)
        assert refused.value.status == 409
        simulator.hang_up(BEN)
    assert application.forms("/keys") == []


@pytest.mark.parametrize("keys", ["", "a", "7 7", "77x"])
def test_a_phone_has_twelve_keys(
    twilio: Sdk, simulator: Simulator, application: Application, keys: str
) -> None:
    answered(twilio, simulator, application, twiml=question(application))
    with pytest.raises(ControlError) as refused:
        simulator.press(BEN, keys)
    assert refused.value.status == 400


def test_words_are_fetched_signed_when_somebody_answers(
    twilio: Sdk, simulator: Simulator, application: Application
) -> None:
    application.says("/words", question(application, action="/keys"))
    application.says("/keys", ACCEPTED)
    url = f"{application.url}/words?page=81"
    sid = ring(twilio, application, url=url, machine_detection="Enable", async_amd="false").sid
    simulator.settle()
    assert application.forms("/words?page=81") == []
    simulator.answer(BEN)
    [heard] = [heard for heard in application.heard if heard.path == "/words?page=81"]
    assert heard.is_signed(url, TOKEN)
    assert heard.form.items() >= {("CallSid", sid), ("CallStatus", "in-progress"), ("AnsweredBy", "human")}
    simulator.press(BEN, "7")
    assert application.forms("/keys")[0]["AnsweredBy"] == "human"
    assert application.forms("/machine") == []


def test_addresses_are_read_against_the_document_and_an_empty_one_is_the_document_itself(
    twilio: Sdk, simulator: Simulator, application: Application
) -> None:
    application.says(
        "/a/words", "<Response><Redirect>more</Redirect></Response>", "<Response><Say>End.</Say></Response>"
    )
    application.says("/a/more", "<Response><Gather numDigits='1'/></Response>")
    application.says("/end", "<Response><Redirect>/a/words</Redirect></Response>")
    answered(twilio, simulator, application, url=f"{application.url}/a/words")
    application.says("/a/more", "<Response><Redirect method='POST'>../end</Redirect></Response>")
    simulator.press(BEN, "7")
    simulator.settle()
    paths = [heard.path for heard in application.heard if heard.path not in {"/call", "/machine"}]
    assert paths == ["/a/words", "/a/more", "/a/more", "/end", "/a/words"]
    assert simulator.heard(BEN) == ["End."]


def test_plain_text_is_spoken(twilio: Sdk, simulator: Simulator, application: Application) -> None:
    application.answers("Plain words.", content_type="text/plain")
    answered(twilio, simulator, application, url=f"{application.url}/words", status_callback="")
    assert simulator.heard(BEN) == ["Plain words."]


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
        application.slow_seconds = 0.4
        assert simulator.press(BEN, "7")["heard"] == [*ASKED, *SORRY]
        [line] = simulator.ledger("voice")
        assert (line["attempts"], line["http_status"]) == (1, None)
        assert [line["code"] for line in simulator.ledger("debugger")] == [11200]


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


def test_whoever_puts_the_phone_down_hears_no_more_but_the_key_was_told(
    twilio: Sdk, simulator: Simulator, application: Application
) -> None:
    application.says("/keys", ACCEPTED)
    answered(twilio, simulator, application, twiml=question(application))

    def door(_: dict[str, str]) -> None:
        simulator.hang_up(BEN)

    application.doors["/keys"] = door
    simulator.press(BEN, "7")
    simulator.settle()
    [call] = simulator.calls(BEN)
    assert (call["heard"], call["status"]) == (ASKED, "completed")
    assert [line["http_status"] for line in simulator.ledger("voice")] == [200]
