"""A patient whom no hub has: the spoke's board sounds once it may, is silenced, and is quiet when it is over."""

from datetime import UTC, datetime

from playwright.sync_api import Page, expect

from tests.journeys.conftest import Open
from tests.journeys.house import House
from tests.world import facts

COUNTS_THE_TONES = """
let sounding = 0;
const count = (step) => { document.documentElement.dataset.tones = sounding += step; };
const start = OscillatorNode.prototype.start;
OscillatorNode.prototype.start = function (...when) {
  count(1);
  this.addEventListener("ended", () => count(-1));
  return start.apply(this, when);
};
"""


def unplaced(house: House) -> str:
    """A patient from Arrowe Park whom Walton has declined."""
    said = facts(datetime.now(UTC), nhs_number=None) | {"spoke": "RBL14", "hubs": ["RET20"]}
    status, referred = house.ask("ada", "/referrals", said)
    assert status == 201, referred
    code = str(referred["code"])
    status, told = house.ask("ben", f"/referrals/{code}/decline", {"hub": "RET20", "reason": "no_bed"})
    assert status == 200, told
    return code


def ends(house: House, code: str) -> None:
    status, told = house.ask("ada", f"/referrals/{code}/withdraw", {"reason": "improved"})
    assert status == 200, told


def check_it_sounds(page: Page) -> None:
    expect(page.get_by_role("switch", name="Sound")).to_be_checked()
    expect(page.locator("[data-siren-sound]")).to_have_text("")
    expect(page.get_by_role("button", name="Silence on this board for 60 s")).to_be_visible()
    assert page.evaluate("document.documentElement.hasAttribute('data-siren')")


def test_a_board_sounds_for_a_patient_without_a_hub_until_somebody_acts(house: House, opens: Open) -> None:
    board = opens("ada", "/board/site:RBL14/")
    bar = board.locator("[data-siren-bar]")
    expect(board.get_by_role("switch", name="Sound")).not_to_be_checked()
    expect(bar).to_be_hidden()
    code = unplaced(house)
    expect(bar).to_contain_text(f"Siren: {code}, Arrowe Park to no hub")
    expect(bar).to_contain_text("This board is silent: switch the sound on.")
    bar.get_by_role("button", name="Sound on").click()
    check_it_sounds(board)
    case = opens("nia", f"/r/{code}/?full=1")
    expect(case.locator("#part-ladder")).to_contain_text("boards sound")
    bar.get_by_role("button", name="Silence on this board for 60 s").click()
    expect(bar).to_contain_text("Silenced on this board until")
    assert not board.evaluate("document.documentElement.hasAttribute('data-siren')")
    bar.get_by_role("button", name="Sound again").click()
    check_it_sounds(board)
    board.reload()
    expect(bar).to_be_visible()
    board.locator(".counts").first.click()  # a browser may want to be pressed once more
    check_it_sounds(board)
    ends(house, code)
    expect(bar).to_be_hidden()
    expect(case.locator("#part-ladder")).to_contain_text("boards sounded")


def test_the_wall_has_the_same_siren_and_the_coordinator_s_board_too(house: House, opens: Open) -> None:
    wall, desk = opens("ada", "/wall/site:RBL14/"), opens("nia", "/board/network:cheshire-and-merseyside/")
    hub = opens("ben", "/board/site:RET20/")
    code = unplaced(house)
    for page in (wall, desk):
        expect(page.locator("[data-siren-bar]")).to_contain_text(f"Siren: {code}")
        page.get_by_role("switch", name="Sound").click()
        check_it_sounds(page)
    expect(hub.locator("[data-siren-bar]")).to_be_hidden()
    ends(house, code)
    for page in (wall, desk):
        expect(page.locator("[data-siren-bar]")).to_be_hidden()


def test_what_is_heard_begins_and_ends_with_the_siren(house: House, opens: Open) -> None:
    board = opens("ada", "/board/site:RBL14/")
    board.context.add_init_script(COUNTS_THE_TONES)
    board.reload()
    tones = board.locator("html")
    board.get_by_role("switch", name="Sound").click()
    code = unplaced(house)
    expect(tones).to_have_attribute("data-tones", "2")
    board.get_by_role("button", name="Silence on this board for 60 s").click()
    expect(tones).to_have_attribute("data-tones", "0")
    board.get_by_role("button", name="Sound again").click()
    expect(tones).to_have_attribute("data-tones", "2")
    ends(house, code)
    expect(tones).to_have_attribute("data-tones", "0")
