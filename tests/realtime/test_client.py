"""The reference client against a feed that says what the test wants: each rule of docs/realtime.md, one by one."""

import asyncio
import subprocess
import sys
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosedError

from realtime.client import Board
from tests.realtime.wires import (
    CUT,
    NEVER,
    SILENT,
    STREAM,
    Night,
    ScriptEnds,
    beat,
    bye,
    card,
    event,
    hello,
    plays,
    reset,
)


class Counting(Board):
    """Notes every event that it applies."""

    applied: list[int]

    def apply(self, frame: Any) -> None:
        self.__dict__.setdefault("applied", []).append(frame["position"])
        super().apply(frame)


class DeafToGaps(Board):
    """The negative control: takes what comes, and never asks what it missed."""

    async def _missing(self, head: int) -> None:
        pass


async def test_a_board_begins_with_a_snapshot_and_goes_on_with_events() -> None:
    night = Night([[hello(7), event(8), beat(8)]], [{"QQQQ": card(3, "QQQQ")}])
    board = await plays(night)
    assert night.asked == [{"stream": STREAM}]
    assert board.cards == {"QQQQ": card(3, "QQQQ"), "R7K2": card(8)}
    assert (board.position, board.epoch, night.taken) == (8, "one", 1)


async def test_a_board_that_was_cut_goes_on_where_it_was_without_a_snapshot() -> None:
    night = Night([[hello(7), event(8), CUT], [hello(10), [event(9), event(10, "KKKK")]]])
    board = await plays(night)
    assert night.asked[1] == {"stream": STREAM, "since": "8", "epoch": "one"}
    assert board.cards == {"R7K2": card(9), "KKKK": card(10, "KKKK")}
    assert night.taken == 1


@pytest.mark.parametrize(
    "fault",
    [OSError("refused"), TimeoutError(), ConnectionClosedError(None, None), SILENT],
)
async def test_a_connection_that_cannot_be_opened_or_breaks_is_tried_again(fault: Any) -> None:
    night = Night([fault, [hello(1), fault], [hello(1), "no JSON"], [hello(1), event(2)]])
    board = await plays(night)
    assert (board.position, len(night.asked), len(night.waits)) == (2, 4, 4)


async def test_a_gap_is_asked_for_again() -> None:
    night = Night([[hello(1), event(2), event(4)], [hello(4), [event(3), event(4)]]])
    board = await plays(night, Counting)
    assert night.asked[1]["since"] == "2"
    assert vars(board)["applied"] == [2, 3, 4]
    assert night.taken == 1


async def test_a_beat_tells_that_the_last_event_was_missed() -> None:
    night = Night([[hello(1), event(2), beat(3)], [hello(3), event(3)]])
    board = await plays(night, Counting)
    assert night.asked[1]["since"] == "2"
    assert vars(board)["applied"] == [2, 3]


async def test_what_was_asked_for_again_in_vain_is_taken_from_a_snapshot() -> None:
    visits = [[hello(1), beat(3)], [hello(3), beat(3), event(4)]]
    night = Night(visits, [{}, {"R7K2": card(3)}])
    board = await plays(night)
    assert night.taken == 2
    assert (board.position, board.cards) == (4, {"R7K2": card(4)})


async def test_a_gap_at_a_place_that_was_right_meanwhile_is_asked_for_again() -> None:
    night = Night([[hello(1), beat(2)], [hello(1), beat(3)], [hello(3), [event(2), event(3)]]])
    board = await plays(night)
    assert (board.position, len(night.asked), night.taken) == (3, 3, 1)


async def test_a_client_without_the_gap_check_ends_with_something_else() -> None:
    """The negative control: one frame is dropped on its way, the same script for both."""

    def dropped() -> Night:
        whole = [hello(5), event(3), event(4, gone=True), event(5, "KKKK")]
        return Night([[hello(1), event(2), event(3), event(5, "KKKK"), beat(5)], [hello(5), whole[2:]]])

    right, wrong = await plays(dropped()), await plays(dropped(), DeafToGaps)
    assert right.cards == {"KKKK": card(5, "KKKK")}
    assert wrong.position == right.position == 5
    assert wrong.cards != right.cards


async def test_an_event_that_comes_twice_counts_once() -> None:
    night = Night([[hello(1), event(2), event(2), [event(1), event(2), event(3)]]])
    board = await plays(night, Counting)
    assert vars(board)["applied"] == [2, 3]


async def test_an_older_version_never_covers_a_newer_one_and_a_card_that_is_none_goes() -> None:
    told = [event(2, version=4), event(3, "KKKK"), event(4, "KKKK", gone=True), event(5, "NNNN", gone=True)]
    night = Night([[hello(1), *told, event(6, version=5)]], [{"R7K2": card(5)}])
    board = await plays(night, Counting)
    assert vars(board)["applied"] == [2, 3, 4, 5, 6]
    assert board.cards == {"R7K2": card(5)}
    older = Night([[hello(1), event(2, version=4)]], [{"R7K2": card(5)}])
    assert (await plays(older)).cards == {"R7K2": card(5)}


async def test_an_equal_version_replaces_because_a_page_repeats_it() -> None:
    paged = event(2, version=5)
    paged["card"]["waits_for"] = "Ben, paged at 03:12"
    board = await plays(Night([[hello(1), paged]], [{"R7K2": card(5)}]))
    assert board.cards == {"R7K2": paged["card"]}


@pytest.mark.parametrize(
    "greeting",
    [
        [hello(900), reset(900)],  # too far behind
        [hello(3, "two"), reset(3)],  # another epoch
        [hello(3, "two")],  # the same, from a server that leaves the rest to us
        [hello(1)],  # a head before our position
        [hello(1), reset(1)],
    ],
)
async def test_a_position_that_means_nothing_any_more_is_given_up_for_one_snapshot(
    greeting: list[Any],
) -> None:
    head = greeting[0]["head"]
    night = Night([[hello(1), event(2)], [*greeting, event(head + 1)]], [{}, {"KKKK": card(1, "KKKK")}])
    board = await plays(night)
    assert night.taken == 2
    assert board.cards == {"KKKK": card(1, "KKKK"), "R7K2": card(head + 1)}
    assert (board.position, board.epoch) == (head + 1, greeting[0]["epoch"])


async def test_a_reset_to_a_later_head_needs_another_snapshot() -> None:
    night = Night([[hello(1), reset(5), event(6)]], [{}, {"KKKK": card(5, "KKKK")}])
    board = await plays(night)
    assert (board.position, night.taken, sorted(board.cards)) == (6, 2, ["KKKK", "R7K2"])


@pytest.mark.parametrize("fault", [None, OSError("no answer"), NEVER])
async def test_a_snapshot_that_fails_is_tried_again_and_what_is_shown_stays(fault: Exception | None) -> None:
    visits = [[hello(1), event(2)], [hello(9, "two"), reset(9)], [hello(9, "two"), reset(9)]]
    night = Night(visits, [{}, fault, {"KKKK": card(9, "KKKK")}])
    board = night.board()
    night.sleep, shown = _noting(night, board)  # type: ignore[method-assign]
    board.sleep = night.sleep
    with pytest.raises(ScriptEnds):
        await board.follow()
    assert shown == [["R7K2"], ["R7K2"], ["KKKK"]]
    assert night.asked[2] == {"stream": STREAM, "since": "2", "epoch": "one"}


def _noting(night: Night, board: Board) -> tuple[Any, list[list[str]]]:
    """A sleep that notes what is shown meanwhile."""
    sleep, shown = night.sleep, []

    async def noting(seconds: float) -> None:
        shown.append(sorted(board.cards))
        await sleep(seconds)

    return noting, shown


@pytest.mark.parametrize("reason", ["signed_out", "not_allowed"])
async def test_whoever_may_not_watch_is_told_why_and_shows_nothing_more(reason: str) -> None:
    night = Night([[hello(1), event(2), bye(reason)], [hello(2)]])
    board = night.board()
    assert await board.follow() == reason
    assert (board.bye, board.ended, board.cards, board.is_live(night.now)) == (reason, True, {}, False)
    assert len(night.asked) == 1
    assert night.wires[0].closed


@pytest.mark.parametrize("reason", ["bad_position", "frame_too_long", "too_many_frames"])
async def test_a_fault_of_the_client_is_not_repeated(reason: str) -> None:
    board = Night([[hello(1), event(2), bye(reason)]]).board()
    assert await board.follow() == reason
    assert board.cards == {"R7K2": card(2)}


@pytest.mark.parametrize("reason", ["try_again", "slow", "too_many", "one that comes with a later version"])
async def test_any_other_bye_is_waited_out(reason: str) -> None:
    night = Night([[hello(1), event(2), bye(reason)], [hello(3), event(3)]])
    board = await plays(night)
    assert (night.asked[1]["since"], board.bye, board.position) == ("2", reason, 3)


async def test_other_rights_begin_with_another_snapshot() -> None:
    night = Night([[hello(1), event(2), bye("rights_changed")], [hello(2)]], [{}, {"KKKK": card(1, "KKKK")}])
    board = await plays(night)
    assert night.asked[1] == {"stream": STREAM}
    assert board.cards == {"KKKK": card(1, "KKKK")}


async def test_who_looks_at_what_is_forgotten_at_each_hello_and_when_the_right_to_it_ends() -> None:
    ben = {"person": 1, "name": "Ben Hale", "site": "Walton"}
    seen = [{"type": "presence", "referral": code, "people": [ben]} for code in ("R7K2", "KKKK")]
    night = Night([[hello(1), seen], [hello(1), seen[0], bye("not_allowed")]])
    board = night.board()
    forgotten: list[Any] = []
    board.sleep, sleep = night.sleep, night.sleep

    async def noting(seconds: float) -> None:
        forgotten.append(dict(board.looking))
        await sleep(seconds)

    board.sleep = noting
    await board.follow()
    assert forgotten == [{"R7K2": [ben], "KKKK": [ben]}]
    assert board.looking == {}


async def test_a_beat_tells_when_a_pager_last_worked() -> None:
    night = Night([[hello(1), beat(1) | {"pager": "2026-11-21T03:09:59Z"}]])
    assert (await plays(night)).pager == "2026-11-21T03:09:59Z"


async def test_a_frame_of_a_later_version_is_passed_over() -> None:
    night = Night([[hello(1), {"type": "weather"}, event(2)]])
    assert (await plays(night)).position == 2


async def test_a_board_that_is_cancelled_closes_its_connection() -> None:
    night = Night([[hello(1), event(2), SILENT]])
    board = night.board()
    board.within = asyncio.timeout
    following = asyncio.create_task(board.follow())
    await night.silent.wait()
    following.cancel()
    with pytest.raises(asyncio.CancelledError):
        await following
    assert night.wires[0].closed


def test_the_client_needs_nothing_of_django() -> None:
    asked = (
        "import sys, realtime.client; print(*sorted({'django', 'channels', 'network'} & set(sys.modules)))"
    )
    ran = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == ""
