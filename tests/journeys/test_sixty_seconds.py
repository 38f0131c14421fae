"""A referral in sixty seconds: few inputs, nothing in the browser's storage, and nothing lost when a computer goes."""

from playwright.sync_api import Page, expect

from tests.journeys.conftest import DESK, PHONE, Open
from tests.journeys.test_a_patient_crosses_the_network import SECRETS, type_the_facts
from tests.machine import processes

MOST_INPUTS = 18  # at three seconds each, with the button, within the minute
COUNT = """
window.inputs = new Set();
document.addEventListener("input", (e) => inputs.add(e.target.name || e.target.id), true);
"""


def shows_the_draft(page: Page) -> bool:
    """What was typed elsewhere has come to the server by now, and from there to this page."""
    page.reload()
    return page.locator("[name=nihss]").input_value() == "14"


def stored(page: Page) -> str:
    return str(
        page.evaluate(
            "JSON.stringify([{...localStorage}, {...sessionStorage}, document.cookie, location.href])"
        )
    )


def test_a_referral_takes_few_inputs_and_is_kept_from_its_first_field(opens: Open) -> None:
    page = opens("ada", "/refer/", size=PHONE)
    page.evaluate(COUNT)
    expect(page.locator("#missing")).to_contain_text("Family name")
    with page.expect_response(lambda answer: answer.url.endswith("/refer/draft/")) as kept:
        page.locator("[name=family_name]").fill("Canary-Whitlock")
        page.locator("[name=family_name]").blur()
    assert kept.value.status == 204
    expect(page.locator("#missing")).not_to_contain_text("Family name")
    page.locator("#missing a", has_text="NIHSS").click()
    expect(page.locator("[name=nihss]")).to_be_focused()
    with page.expect_response(lambda answer: answer.url.endswith("/refer/draft/")):
        type_the_facts(page)
        page.locator("[name=callback]").blur()
    expect(page.locator("#missing")).to_be_hidden()
    assert len(page.evaluate("[...inputs]")) <= MOST_INPUTS
    assert not [secret for secret in SECRETS if secret in stored(page)]

    elsewhere = opens("ada", "/refer/", size=DESK)
    assert processes.eventually(lambda: shows_the_draft(elsewhere))
    page.close()
    expect(elsewhere.locator("[name=family_name]")).to_have_value("Canary-Whitlock")
    expect(elsewhere.locator("[name=nihss]")).to_have_value("14")
    elsewhere.get_by_role("button", name="Start anew").click()
    expect(elsewhere.locator("[name=family_name]")).to_have_value("")
