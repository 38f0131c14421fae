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
    assert processes.eventually(lambda: is_back(house, victim, old), seconds=60)
    code = refer(house)
    expect(board.locator(f"#card-{code}")).to_be_visible(timeout=30_000)
    expect(board.locator(f"#card-{before}")).to_be_visible()
    assert processes.eventually(lambda: paged(house, code), seconds=30)
    expect(board.locator("#live")).to_contain_text("Live", timeout=30_000)
    assert processes.eventually(lambda: house.get("/readyz") == 200, seconds=30)


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
        expect(board.get_by_text("NOT LIVE since")).to_be_visible(timeout=40_000)
        expect(board.locator(f"#card-{code}")).to_be_visible()  # greyed, never emptied
    finally:
        os.kill(web, signal.SIGCONT)
    expect(board.get_by_text("NOT LIVE since")).to_be_hidden(timeout=40_000)
    expect(board.locator("#live")).to_contain_text("Live")
