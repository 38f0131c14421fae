"""What a call says: TwiML as Twilio plays it, from the order, from an address, and from document to document."""

from dataclasses import replace

from paging.simulator.config import SimulatorConfig
from paging.simulator.running import Simulator, running
from tests.paging.simulator.application import Application
from tests.paging.simulator.calling import ACCEPTED, ASKED, BEN, answered, question, ring
from tests.paging.simulator.conftest import TOKEN, Sdk


def test_words_are_heard_line_by_line(twilio: Sdk, simulator: Simulator, application: Application) -> None:
    twiml = (
        "<Response><Say voice='Polly.Amy' language='en-GB' loop='2'>One   two.\n Three! Four?</Say>"
        "<Pause/><Say>A <break/> &amp; B</Say></Response>"
    )
    answered(twilio, simulator, application, twiml=twiml)
    assert simulator.heard(BEN) == ["One two.", "Three!", "Four?", "One two.", "Three!", "Four?", "A & B"]


def test_the_words_of_a_question_are_heard_to_the_end_where_nobody_presses(
    config: SimulatorConfig, twilio: Sdk, application: Application
) -> None:
    with running(replace(config, pace=0.001)) as simulator:
        twilio.api.base_url = simulator.url
        answered(twilio, simulator, application, twiml=question(application))
        assert simulator.heard(BEN) == ASKED


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
