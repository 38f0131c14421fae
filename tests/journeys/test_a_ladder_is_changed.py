"""A coordinator changes who is paged: the night follows as they type, by keyboard and by thumb, and nothing is lost."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.conftest import DESK, PHONE, Open

LADDER = "/ladders/RET20/offer/"


def times(page: Page) -> list[str]:
    """When each step comes, as it stands in the form."""
    return [field.input_value() for field in page.locator(".rung-head input").all()]


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_the_night_follows_what_is_typed_and_says_what_is_wrong(opens: Open, size: tuple[int, int]) -> None:
    page = opens("nia", LADDER, size=size)
    night = page.locator("#night")
    expect(night).to_contain_text("03:00:00")
    page.locator("#f-0-after").fill("75")
    expect(night).to_contain_text("The first page goes out only after 75 seconds.")
    expect(night).to_contain_text("03:01:15")
    expect(page.locator("#heard")).to_contain_text("warning")
    page.locator("#f-0-after").fill("soon")
    expect(night).to_contain_text("Step 1: write the time in seconds, like 90.")
    page.get_by_role("link", name="Step 1: write the time in seconds, like 90.").click()
    page.locator("#f-0-after").fill("0")
    expect(night).not_to_contain_text("It cannot be saved yet")


def test_a_step_is_added_moved_and_removed_by_keyboard(opens: Open) -> None:
    page = opens("nia", LADDER)
    before = times(page)
    page.get_by_role("button", name="Add a step").press("Enter")
    new = page.locator(f"#f-{len(before)}-after")
    expect(new).to_be_focused()
    page.get_by_role("group", name=f"Step {len(before) + 1}").get_by_label("The network's lead").press(
        "Space"
    )
    expect(page.locator("#night")).to_contain_text("Lea Thornton: text")
    page.get_by_role("button", name=f"Move step {len(before) + 1} up").press("Enter")
    expect(page.get_by_role("button", name=f"Move step {len(before)} up")).to_be_focused()
    expect(page.locator(f"[name='{len(before) - 1}-to'][value=lead]")).to_be_checked()
    assert times(page)[: len(before)] == before
    page.get_by_role("button", name=f"Remove step {len(before)}").press("Enter")
    expect(page.locator(".rung")).to_have_count(len(before))
    expect(page.locator("[value=lead]:checked")).to_have_count(0)


def test_a_lost_connection_loses_nothing_that_was_typed(opens: Open) -> None:
    page = opens("nia", LADDER, size=PHONE)
    page.context.set_offline(True)
    page.locator("#f-0-after").fill("15")
    expect(page.locator("#night")).to_contain_text("Dido does not answer. What you typed is still here.")
    page.context.set_offline(False)
    page.locator("#f-0-after").fill("20")
    expect(page.locator("#night")).to_contain_text("03:00:20")
    expect(page.locator("#night")).not_to_contain_text("Dido does not answer")


def test_it_is_saved_once_its_warnings_were_seen_and_a_reason_was_given(opens: Open) -> None:
    page = opens("nia", LADDER, size=PHONE)
    page.locator("#f-end_after").fill("650")
    expect(page.locator("#night")).to_contain_text("03:10:50")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_role("heading", name=re.compile("Not saved yet: have you seen"))).to_be_visible()
    expect(page.locator("#f-note")).to_be_focused()
    expect(page.locator("#f-end_after")).to_have_value("650")
    page.locator("#f-note").fill("The hub needs longer")
    page.get_by_role("button", name="Save all the same").first.click()
    expect(page.get_by_role("status")).to_contain_text("Saved as version 1")
    expect(page.locator(".versions")).to_contain_text("“The hub needs longer”")
    reader = opens("ben", "/ladders/RET20/offer/")
    expect(reader.locator(".reading")).to_contain_text("At 650 s the next hub.")


def test_the_card_is_one_sheet_of_paper(opens: Open) -> None:
    page = opens("ada", "/on-call/")
    page.get_by_role("link", name="Card of Walton to print").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("The Walton Centre, Liverpool")
    paper = page.pdf(prefer_css_page_size=True)
    assert re.findall(rb"/Type\s*/Pages\b.*?/Count\s+(\d+)", paper, re.DOTALL) == [b"1"]
    page.emulate_media(media="print")
    expect(page.get_by_role("button", name="Print")).to_be_hidden()
