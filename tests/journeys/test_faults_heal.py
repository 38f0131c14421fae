"""Valkey, the web process and the pager are killed in the middle of a night: nothing is lost, and all heals."""

import os
import signal
from datetime import UTC, datetime

import pytest
from playwright.sync_api import expect

from tests.journeys.conftest import Open
from tests.journeys.house import House
from tests.machine import processes
from tests.world import facts

BOARD = "/board/network:cheshire-and-merseyside/"
SAYS_WHEN_AWAY = """
globalThis.unbroken = true;
new MutationObserver(() => {
  globalThis.wasAway ||= !document.querySelector("#live").textContent.includes("Live");
}).observe(document.body, { subtree: true, childList: true, characterData: true });
"""


def refer(house: House) -> str:
    """A new patient at Arrowe Park, by a program."""
    said = facts(datetime.now(UTC), nhs_number=None) | {"spoke": "RBL14", "hubs": ["RET20"]}
    status, answer = house.ask("ada", "/referrals", said)
    assert (status, answer["state"]) == (201, "referred"), answer
    return str(answer["code"])


def paged(house: House, code: str) -> bool:
    return any(code in text for text in house.phones().received(house.number("ben")))


@pytest.mark.parametrize("victim", ["valkey", "manage.py pager", "config.web"])
def test_a_killed_process_loses_nothing_and_comes_back(house: House, opens: Open, victim: str) -> None:
    house.ask("ada", "/streams")
    board = opens("nia", BOARD)
    expect(board.locator("#live")).to_contain_text("Live")
    before = refer(house)
    expect(board.locator(f"#card-{before}")).to_be_visible()
    old = house.process(victim)
    os.kill(old, signal.SIGKILL)
    assert processes.eventually(lambda: is_back(house, victim, old))
    code = refer(house)
    expect(board.locator(f"#card-{code}")).to_be_visible()
    expect(board.locator(f"#card-{before}")).to_be_visible()
    assert processes.eventually(lambda: paged(house, code))
    expect(board.locator("#live")).to_contain_text("Live")
    assert processes.eventually(lambda: house.get("/readyz") == 200)


def is_back(house: House, victim: str, old: int) -> bool:
    running = [pid for pid, command in processes.belonging_to(house.home).items() if victim in command]
    return bool(running) and old not in running and house.get("/healthz") == 200


def test_a_board_that_is_not_told_the_truth_says_so(house: House, opens: Open) -> None:
    board = opens("nia", BOARD)
    expect(board.locator("#live")).to_contain_text("Live")
    code = refer(house)
    expect(board.locator(f"#card-{code}")).to_be_visible()
    web = house.process("config.web")
    os.kill(web, signal.SIGSTOP)  # half dead: the socket stays open, and nothing comes
    try:
        expect(board.get_by_text("NOT LIVE since")).to_be_visible()
        expect(board.locator(f"#card-{code}")).to_be_visible()  # greyed, never emptied
    finally:
        os.kill(web, signal.SIGCONT)
    expect(board.get_by_text("NOT LIVE since")).to_be_hidden()
    expect(board.locator("#live")).to_contain_text("Live")


def test_a_web_process_that_is_restarted_takes_no_board_down(house: House, opens: Open) -> None:
    boards = [opens("nia", BOARD) for _ in range(3)]
    code = refer(house)
    for board in boards:
        expect(board.locator("#live")).to_contain_text("Live")
        expect(board.locator(f"#card-{code}")).to_be_visible()
        board.evaluate(SAYS_WHEN_AWAY)
    old = house.process("config.web")
    os.kill(old, signal.SIGTERM)
    for board in boards:
        assert processes.eventually(lambda board=board: bool(board.evaluate("globalThis.wasAway")))  # type: ignore[misc]
        expect(board.locator(f"#card-{code}")).to_be_visible()
    assert processes.eventually(lambda: is_back(house, "config.web", old))
    new = refer(house)
    for board in boards:
        expect(board.locator(f"#card-{new}")).to_be_visible()
        expect(board.locator("#live")).to_contain_text("Live")
        assert board.evaluate("globalThis.unbroken"), "the page was loaded anew"


def test_a_pager_that_hangs_is_said_on_every_screen_until_it_works_again(house: House, opens: Open) -> None:
    code = refer(house)
    screens = [opens("nia", BOARD), opens("ada", f"/r/{code}/?full=1"), opens("ben", f"/r/{code}/answer/")]
    pager = house.process("manage.py pager")
    os.kill(pager, signal.SIGSTOP)
    try:
        for screen in screens:
            expect(screen.get_by_text("Nobody is being paged:")).to_be_visible()
            expect(screen.locator("#live")).to_contain_text("Live")
    finally:
        os.kill(pager, signal.SIGCONT)
    for screen in screens:
        expect(screen.get_by_text("Nobody is being paged:")).to_be_hidden()


def test_who_has_a_case_open_is_seen_on_its_card_and_its_page(house: House, opens: Open) -> None:
    code = refer(house)
    board, case = opens("nia", BOARD), opens("ada", f"/r/{code}/?full=1")
    card, others = board.locator(f"#card-{code}"), case.locator("#others")
    expect(card).to_contain_text("Arrowe Park has it open")
    expect(others).to_be_hidden()
    ben = opens("ben", f"/r/{code}/answer/")
    expect(others).to_have_text("Ben Hughes, Walton, has it open")
    expect(ben.locator("#others")).to_have_text("Ada Okoro, Arrowe Park, has it open")
    expect(card).to_contain_text("Arrowe Park and Walton have it open")
    ben.context.close()
    expect(others).to_be_hidden()
    expect(card).to_contain_text("Arrowe Park has it open")
