"""The page's end of the feed in a real browser: how it comes back, what it says when it is not live, and who looks."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, Route, expect

from tests.journeys.conftest import Open
from tests.journeys.house import House
from tests.journeys.test_faults_heal import BOARD, refer
from tests.journeys.wires import Wires, wired

SHOWN = "Object.defineProperty(document, 'hidden', { configurable: true, get: () => %s }); "
CHANGED = "document.dispatchEvent(new Event('visibilitychange'));"
BEN = {"person": 1, "name": "Ben Hughes", "site": "Walton"}
CLEO = {"person": 2, "name": "Cleo Marsh", "site": "Walton"}
ADA = {"person": 3, "name": "Ada Okoro", "site": "Arrowe Park"}

Board = Callable[..., Wires]


@pytest.fixture
def code(house: House) -> str:
    return refer(house)


@pytest.fixture
def board(house: House, opens: Open, code: str) -> Wires:
    return wired(opens("nia"), house.url + BOARD)


@pytest.fixture
def case(house: House, opens: Open, code: str) -> Wires:
    return wired(opens("ada"), f"{house.url}/r/{code}/?full=1")


def is_live(page: Page) -> None:
    expect(page.locator("#live")).to_have_text("Live")
    expect(page.locator("#not-live")).to_be_hidden()
    expect(page.locator("html")).not_to_have_attribute("data-stale", "")


def test_each_wait_may_be_twice_as_long_until_a_beat_says_that_the_connection_holds(board: Wires) -> None:
    for wait in (1000, 2000, 4000, 4000):  # half of 2, 4, 8 and 8 seconds
        board.cut()
        board.comes_after(wait)
    board.hello()
    is_live(board.page)
    board.cut()
    board.comes_after(4000)
    board.hello()
    board.beat()
    is_live(board.page)
    board.cut()
    board.comes_after(1000)


def test_boards_that_are_cut_at_one_moment_come_back_at_moments_of_their_own(board: Wires) -> None:
    for chance, wait in ((0.05, 100), (0.95, 1900)):
        board.hello()
        board.beat()
        is_live(board.page)
        board.page.evaluate("chance => { globalThis.chance = chance }", chance)
        board.cut()
        board.comes_after(wait)


def test_a_server_that_ends_is_come_back_to_within_the_time_that_it_names(board: Wires, code: str) -> None:
    board.hello()
    board.beat()
    is_live(board.page)
    board.say({"type": "bye", "reason": "restart", "after": 6})
    expect(board.page.locator("#live")).to_have_text("Reconnecting")
    expect(board.page.locator(f"#card-{code}")).to_be_visible()
    board.comes_after(3000)
    board.hello()
    is_live(board.page)


def test_silence_is_not_live_and_everything_stays(board: Wires, code: str) -> None:
    board.hello()
    board.beat()
    is_live(board.page)
    board.page.clock.run_for(13_000)
    is_live(board.page)
    board.page.clock.run_for(2_000)
    expect(board.page.get_by_text("NOT LIVE since")).to_be_visible()
    expect(board.page.locator("html")).to_have_attribute("data-stale", "")
    expect(board.page.locator(f"#card-{code}")).to_be_visible()
    board.page.clock.run_for(2_000)
    assert board.are(2), "it comes back by itself"
    board.hello()
    is_live(board.page)


def test_the_strip_is_asked_for_each_minute_by_a_page_that_somebody_can_see(board: Wires) -> None:
    asked: list[str] = []

    def answers(route: Route) -> None:
        asked.append(route.request.url)
        route.fulfill(content_type="text/html", body='<p class="mine-strip">One patient waits</p>')

    board.page.route("**/mine/strip/", answers)
    board.page.evaluate(SHOWN % "true")
    board.page.clock.run_for(61_000)
    board.count()
    assert asked == []
    board.page.evaluate(SHOWN % "false")
    board.page.clock.run_for(61_000)  # no event says that a named successor is overdue
    expect(board.page.locator("#mine")).to_contain_text("One patient waits")
    assert len(asked) == 1


def test_what_waited_while_the_machine_slept_is_not_believed(board: Wires, code: str) -> None:
    board.hello()
    board.beat()
    is_live(board.page)
    board.page.clock.set_system_time(board.page.evaluate("Date.now() + 60000"))  # no timer goes on in sleep
    board.beat()
    board.page.clock.run_for(1_000)
    expect(board.page.get_by_text("NOT LIVE since")).to_be_visible()
    expect(board.page.locator(f"#card-{code}")).to_be_visible()
    board.page.clock.run_for(2_000)
    assert board.are(2)
    board.hello()
    is_live(board.page)


def test_a_beat_is_as_old_as_it_is_late(board: Wires) -> None:
    board.hello()
    board.beat()
    is_live(board.page)
    board.page.clock.run_for(10_000)
    board.beat(late=10)
    is_live(board.page)
    board.page.clock.run_for(5_000)
    expect(board.page.get_by_text("NOT LIVE since")).to_be_visible()


def test_a_page_whose_clock_is_set_back_still_notices_silence(board: Wires) -> None:
    board.hello()
    is_live(board.page)
    hour_ago = board.page.evaluate("Date.now() - 3600000")
    board.page.clock.set_system_time(hour_ago)
    board.page.clock.run_for(15_000)
    expect(board.page.get_by_text("NOT LIVE since")).to_be_visible()


def test_a_page_that_wakes_up_or_comes_online_asks_at_once_and_only_if_it_must(board: Wires) -> None:
    board.hello()
    is_live(board.page)
    board.page.evaluate(CHANGED)
    board.page.evaluate("dispatchEvent(new Event('online'))")
    assert board.count() == 1
    board.page.clock.run_for(8_000)
    board.page.evaluate(CHANGED)
    board.page.clock.run_for(1)
    assert board.are(2)
    board.cut()
    board.page.evaluate("dispatchEvent(new Event('online'))")
    board.comes_after(500)  # with everybody else who was woken by the same


@pytest.mark.parametrize("what", ["a gap", "a beat that knows more"])
def test_what_is_missing_is_asked_for_again_and_then_taken_anew(board: Wires, what: str) -> None:
    position = int(board.asked["since"])

    def is_missing() -> None:
        board.hello(position + 2)
        if what == "a gap":
            board.say({"type": "event", "position": position + 2, "referral": "ZZZZ", "card": None})
        else:
            board.beat(position + 2)

    is_missing()
    expect(board.page.locator("#live")).to_have_text("Reconnecting")
    board.comes_after(1000)
    assert board.asked["since"] == str(position)
    with board.page.expect_request(lambda asked: "/lanes/" in asked.url):
        is_missing()


def test_nobody_is_being_paged_is_said_on_top_and_goes_away(board: Wires, case: Wires) -> None:
    for wires in (board, case):
        wires.hello()
        wires.beat(pager_age=16)
        alarm = wires.page.get_by_role("alert").filter(
            has_text="Nobody is being paged: the pager has not worked since"
        )
        expect(alarm).to_be_visible()
        expect(alarm).to_contain_text("Phone the hub.")
        is_live(wires.page)
        wires.beat(pager_age=14)
        expect(alarm).to_be_hidden()
        wires.beat(pager_age=None)
        expect(wires.page.get_by_text("the pager has not started. Phone the hub.")).to_be_visible()
        wires.beat()
        expect(wires.page.get_by_text("Nobody is being paged")).to_be_hidden()


def test_a_card_says_where_somebody_has_it_open(board: Wires, code: str) -> None:
    card = board.page.locator(f"#card-{code}")
    board.hello()
    board.say(*({"type": "presence", "referral": code, "people": people} for people in ([], [BEN, CLEO])))
    expect(card).to_contain_text("Walton has it open")
    board.say({"type": "presence", "referral": code, "people": [ADA, BEN]})
    expect(card).to_contain_text("Arrowe Park and Walton have it open")
    board.say({"type": "presence", "referral": "GONE", "people": [BEN]})
    board.hello()
    expect(card).not_to_contain_text("open")


def test_a_case_says_who_else_looks_and_nobody_looks_at_themselves(case: Wires, code: str) -> None:
    others = case.page.locator("#others")
    assert case.asked["case"] == code
    case.hello(you=ADA["person"])
    case.say({"type": "presence", "referral": code, "people": [ADA]})
    expect(others).to_be_hidden()
    case.say({"type": "presence", "referral": code, "people": [ADA, BEN]})
    expect(others).to_have_text("Ben Hughes, Walton, has it open")
    case.say({"type": "presence", "referral": code, "people": [ADA, BEN, CLEO]})
    expect(others).to_have_text("Ben Hughes (Walton) and Cleo Marsh (Walton) have it open")
    case.say({"type": "presence", "referral": "ZZZZ", "people": []})
    case.say({"type": "presence", "referral": code, "people": []})
    expect(others).to_be_hidden()


def test_a_page_that_nobody_sees_is_not_looking(case: Wires, code: str) -> None:
    case.hello(you=3)
    case.beat()
    case.page.evaluate(SHOWN % "true" + CHANGED)
    case.page.clock.run_for(9_000)
    assert case.count() == 1, "somebody who comes back soon was never away"
    case.beat()
    case.page.clock.run_for(1_500)
    assert case.are(2)
    assert "case" not in case.asked
    case.hello()
    case.page.evaluate(SHOWN % "false" + CHANGED)
    case.page.clock.run_for(1)
    assert case.are(3)
    assert case.asked["case"] == code
