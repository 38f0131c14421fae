"""Somebody pages themself and proves another number, and somebody else says that they look: each seen as it happens."""

import re
from datetime import UTC, datetime

from playwright.sync_api import expect

from tests.journeys.conftest import PHONE, Open
from tests.journeys.house import House
from tests.machine.processes import eventually
from tests.world import facts

FREE = "+447700900098"  # a number that nobody of the cast has


def last_text(house: House, number: str, pattern: str) -> str:
    """What the last text on this phone has where the pattern says."""
    found: list[str] = []

    def shows() -> bool:
        texts = house.phones().received(number)
        found[:] = re.findall(pattern, texts[-1]) if texts else []
        return bool(found)

    assert eventually(shows)
    return found[0]


def test_a_test_of_one_s_own_phone_is_watched_until_it_is_answered(house: House, opens: Open) -> None:
    page = opens("cleo", "/me/phone/", size=PHONE)
    page.get_by_role("button", name="Page myself now").click()
    test = page.locator("#part-test")
    expect(test).to_contain_text("delivered, no answer yet")
    expect(test.locator("time[data-tick]")).to_have_text(re.compile(r"1:\d\d"))
    number = house.number("cleo")
    house.phones().reply(number, last_text(house, number, r"DIDO TEST.* Reply (\w{5}) "), wait=False)
    expect(test).to_contain_text(re.compile(r"answered after \d+ s"))
    expect(page.get_by_role("button", name="Page myself now")).to_be_visible()


def test_another_number_is_proved_by_the_code_that_comes_to_it(house: House, opens: Open) -> None:
    page = opens("zed", "/me/phone/", size=PHONE)
    old = page.locator(".my-number").inner_text()
    page.get_by_label("Mobile number").fill("0151 496 0100")
    page.get_by_role("button", name="Send me a code").click()
    expect(page.locator("#number-fault")).to_contain_text("0151 496 0100 is not a mobile number")
    page.get_by_label("Mobile number").fill("07700 900098")
    page.get_by_role("button", name="Send me a code").click()
    expect(page.locator("#part-number")).to_contain_text("Show that 07700 900098 is yours")
    expect(page.locator(".my-number")).to_have_text(old)
    page.get_by_label("The code in the text").fill(last_text(house, FREE, r"DIDO: (\w{5}) is the code"))
    page.get_by_role("button", name="This is my number").click()
    expect(page.locator(".my-number")).to_have_text("07700 900098")


def test_a_look_holds_the_ladder_and_is_seen_by_everybody_without_a_reload(house: House, opens: Open) -> None:
    said = facts(datetime.now(UTC), nhs_number=None) | {"spoke": "RBL14", "hubs": ["RET20"]}
    status, referred = house.ask("ada", "/referrals", said)
    assert status == 201, referred
    code = referred["code"]
    answer, case = opens("ben", f"/r/{code}/answer/", size=PHONE), opens("ada", f"/r/{code}/")
    expect(case.locator("#part-ladder")).to_contain_text("Ben Hughes")
    answer.get_by_role("button", name="Seen, looking").click()
    expect(answer.locator(".look")).to_contain_text("You are looking: nobody else is paged before")
    expect(answer.get_by_role("button", name="Seen, looking")).to_be_hidden()
    expect(answer.get_by_role("button", name="Accept for Walton")).to_be_visible()
    expect(case.locator("#part-head")).to_contain_text("Ben Hughes is looking: nobody else is paged before")
    status, told = house.ask("ada", f"/referrals/{code}/withdraw", {"reason": "improved"})
    assert status == 200, told
