"""A month at Walton from its rota to the logbooks: built, mended when somebody falls ill, and a night of learning."""

import re
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from playwright.sync_api import Page, expect

from tests.journeys.conftest import PHONE, Open
from tests.journeys.house import House
from tests.machine import processes
from tests.world import facts

LONDON = ZoneInfo("Europe/London")
STARS = {"Ben Hughes": "ben", "Cleo Marsh": "cleo", "Sam Whitfield": "sam"}
DAY = timedelta(days=1)


def a_month_ahead() -> date:
    """The first day of a month for which nothing is written yet."""
    return (datetime.now(LONDON).date() + timedelta(days=75)).replace(day=1)


def build(lea: Page, month: date) -> None:
    """The lead asks the solver for the weeks of the month, sees that every rule is kept, and publishes."""
    lea.get_by_role("link", name="Build a rota").click()
    supervised = lea.get_by_role("button", name=re.compile("^Remove supervisor"))
    for left in range(supervised.count(), 0, -1):  # who operates is enough: a taker is found in any rota
        supervised.first.click()
        expect(supervised).to_have_count(left - 1)
    pattern = lea.locator("form", has=lea.get_by_role("button", name="Add"))
    if not pattern.is_visible():
        lea.get_by_text("Add a duty").click()
    pattern.locator("[name=duty]").select_option("first")
    for name in ("from", "until"):
        pattern.locator(f"[name={name}]").fill("08:00")
    for box in pattern.locator("[name=weekdays]").all():
        box.check(force=True)
    pattern.get_by_role("button", name="Add").click()
    asked = lea.locator("form", has=lea.get_by_role("button", name="Search for a fair rota"))
    asked.locator("[name=first]").fill(
        (month - DAY).isoformat()
    )  # that duty ends in the morning of the first
    asked.locator("[name=weeks]").fill("5")
    asked.get_by_role("button", name="Search for a fair rota").click()
    expect(lea.locator("#part-draft")).to_contain_text("Every rule is kept")
    lea.get_by_role("button", name="Publish").click()
    expect(lea.locator("body")).to_contain_text("The draft is published")
    lea.goto(f"{lea.url.split('/rota/')[0]}/rota/RET20/{month:%Y-%m}/")


def holders(page: Page) -> dict[int, list[str]]:
    """Who comes on on each day of the month."""
    days = page.locator("li.day").all()
    return {number: day.locator(".entry b").all_inner_texts() for number, day in enumerate(days, start=1)}


def test_a_rota_is_built_and_mended_and_a_night_stands_in_both_logbooks(house: House, opens: Open) -> None:
    month = a_month_ahead()
    address = f"/rota/RET20/{month:%Y-%m}/"
    lea = opens("lea", address)
    expect(lea.locator("main")).to_contain_text("gap ahead: nobody can take a patient")
    build(lea, month)
    expect(lea.locator("main")).to_contain_text("Somebody is first on call throughout.")
    expect(lea.locator("#breaches")).to_have_count(0)
    one_falls_ill_and_another_takes_the_night(opens, lea, month, address)
    code = a_patient_is_accepted_at_three(house, opens)
    the_supervisor_confirms(house, opens, code)
    the_patient_is_treated(house, code)
    for owner, words in (("dev", "First operator"), ("sam", "Supervising")):
        book = opens(owner, f"/logbook/{owner}/")
        line = book.locator("table.lines tr", has_text=code)
        for said in (words, "Direct supervision", "20 min", "45 min", "Vasospasm"):
            expect(line).to_contain_text(said)


def one_falls_ill_and_another_takes_the_night(opens: Open, lea: Page, month: date, address: str) -> None:
    days = holders(lea)
    ill, taker, number = a_swap(days)
    day = month.replace(day=number)
    sick = opens(STARS[ill], "/me/rota/", size=PHONE)
    leave = sick.locator("form", has=sick.get_by_role("button", name="Enter leave"))
    leave.locator("[name=kind]").select_option("sick")
    for name in ("first", "last"):
        leave.locator(f"[name={name}]").fill(day.isoformat())
    leave.get_by_role("button", name="Enter leave").click()
    expect(sick.locator("body")).to_contain_text("Swap whatever duties lie in it.")
    lea.reload()
    expect(lea.locator(f"#day-{number} .entry.is-late")).to_contain_text(ill)
    duty = sick.locator("div.leave", has_text=f"{day:%a} {day.day} {day:%b}").first
    duty.get_by_text("Ask for a swap").click()
    duty.locator("[name=why]").fill("I am ill.")
    duty.get_by_role("button", name="Ask my colleagues").click()
    colleague = opens(STARS[taker], address, size=PHONE)
    colleague.get_by_role("button", name="Offer to take it").click()
    expect(colleague.locator("body")).to_contain_text("Your offer stands.")
    lea.reload()
    lea.get_by_role("button", name="Approve").click()
    expect(lea.locator("body")).to_contain_text("The swap is made.")
    lea.goto(lea.url.split("/rota/")[0] + address)
    expect(lea.locator(f"#day-{number} .entry b").first).to_have_text(taker)
    expect(lea.locator("#breaches")).to_have_count(0)


def a_swap(days: dict[int, list[str]]) -> tuple[str, str, int]:
    """One of the cast, another who is not on beside that day, and the day."""
    for number in range(8, 25):
        ill, *others = days[number]
        beside = {*others, *days[number - 1], *days[number + 1]}
        free = [name for name in STARS if name not in {ill, *beside}]
        if ill in STARS and ill not in beside and free:
            return ill, free[0], number
    raise AssertionError(f"nobody of the cast can take a night: {days}")


def three_o_clock() -> datetime:
    """The last three in the morning that was long enough ago for everything that follows it."""
    now = datetime.now(LONDON)
    today = datetime.combine(now.date(), time(3), tzinfo=LONDON)
    return today if now - today > timedelta(hours=3) else today - DAY


def a_patient_is_accepted_at_three(house: House, opens: Open) -> str:
    three = three_o_clock()
    said = facts(three - timedelta(minutes=8), nhs_number=None)
    entered = {"spoke": "RBL14", "hubs": ["RET20"], "at": (three - timedelta(minutes=5)).isoformat()}
    status, answer = house.ask("ada", "/referrals", said | entered)
    assert status == 201, answer
    code = str(answer["code"])
    status, answer = house.ask("dev", f"/referrals/{code}/accept", {"hub": "RET20", "at": three.isoformat()})
    assert status == 200, answer
    dev = opens("dev", f"/r/{code}/?full=1", size=PHONE)
    expect(dev.locator("#part-head")).to_contain_text("Supervisor to confirm")
    return code


def the_supervisor_confirms(house: House, opens: Open, code: str) -> None:
    phones, sam = house.phones(), house.number("sam")
    asked = re.compile(rf"{code}.*Reply (\w+) confirm")
    assert processes.eventually(lambda: any(map(asked.search, phones.received(sam))))
    found = next(filter(None, map(asked.search, phones.received(sam))))
    phones.reply(sam, found[1])
    expect(opens("ada", f"/r/{code}/").locator("#part-head")).to_contain_text("Accepted")


def the_patient_is_treated(house: House, code: str) -> None:
    three = three_o_clock()

    def at(minutes: int) -> str:
        return (three + timedelta(minutes=minutes)).isoformat()

    opened = {"mtici": "2c", "reperfused_at": at(80), "complications": ["vasospasm"]}
    for who, verb, minutes, said in (
        ("ada", "request_ambulance", 5, {"category": "C2"}),
        ("ada", "depart", 20, {}),
        ("dev", "arrive", 50, {}),
        ("dev", "puncture", 60, {}),
        ("dev", "end_procedure", 105, opened),
    ):
        status, answer = house.ask(who, f"/referrals/{code}/{verb}", {**said, "at": at(minutes)})
        assert status == 200, answer
