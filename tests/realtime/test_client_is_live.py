"""When the reference client may say that it is live, since when it may not, and how long it waits to come back."""

from typing import Any

import pytest

from realtime.client import FIRST_WAIT, LONGEST_WAIT, SILENCE
from tests.realtime.wires import (
    CUT,
    SILENT,
    Night,
    Passing,
    ScriptEnds,
    beat,
    card,
    event,
    hello,
    plays,
    reset,
)


async def test_a_board_that_hears_nothing_says_since_when_and_keeps_what_it_shows() -> None:
    night = Night([[hello(1), event(2), Passing(5), beat(2), SILENT]])
    board = night.board()
    assert (board.is_live(night.now), board.stale_since) == (False, None)
    with pytest.raises(ScriptEnds):
        await board.follow()
    assert night.limits == {SILENCE}
    assert board.stale_since == 1005
    assert board.is_live(1005)
    assert board.is_live(1005 + SILENCE - 0.1)
    assert not board.is_live(1005 + SILENCE)
    assert not board.is_live(1004), "the clock was set back"
    assert board.cards == {"R7K2": card(2)}


@pytest.mark.parametrize(
    "second",
    [
        [hello(9)],
        [hello(9), event(3)],
        [hello(9), beat(9)],
        [hello(9), event(3), event(5)],
        [hello(9), reset(9)],
    ],
)
async def test_frames_alone_are_not_the_truth_while_something_is_missing(second: list[Any]) -> None:
    night = Night([[hello(1), event(2), CUT], [Passing(9), *second]], [{}, None])
    assert (await plays(night)).stale_since == 1000


@pytest.mark.parametrize("second", [[hello(2)], [hello(3), event(3)], [hello(2), event(3)]])
async def test_a_board_that_has_all_the_server_had_is_live_again(second: list[Any]) -> None:
    night = Night([[hello(1), event(2), CUT], [Passing(9), *second]])
    assert (await plays(night)).stale_since == 1000 + night.waits[0], "when this connection was asked for"


async def test_what_waited_while_the_machine_slept_is_not_believed() -> None:
    night = Night([[hello(1), beat(1), Passing(SILENCE), beat(1), event(2)], [hello(2), event(2)]])
    board = await plays(night)
    assert night.asked[1]["since"] == "1"
    assert board.stale_since == 1000 + SILENCE + night.waits[0]


async def test_a_beat_is_as_old_as_it_is_later_than_the_promptest() -> None:
    night = Night([[hello(1), beat(1), Passing(5), beat(1, at=5), Passing(9), beat(1, at=7)]])
    assert (await plays(night)).stale_since == 1007


async def test_a_line_that_gets_slower_and_slower_is_given_up() -> None:
    slow = [Passing(8), beat(1, at=4), Passing(8), beat(1, at=5), Passing(8), beat(1, at=6), event(2)]
    night = Night([[hello(1), beat(1), *slow], [hello(1), beat(1, at=24), Passing(3), beat(1, at=27)]])
    board = await plays(night)
    assert (len(night.asked), board.position) == (2, 1)
    assert board.stale_since == night.now - night.waits[-1]


async def test_a_board_is_as_old_as_its_snapshot_was_asked_for() -> None:
    night = Night([[hello(1)]])
    slow = night.snapshot

    async def slowly() -> Any:
        night.now += 4
        return await slow()

    board = night.board()
    board.snapshot = slowly
    with pytest.raises(ScriptEnds):
        await board.follow()
    assert board.stale_since == 1000


@pytest.mark.parametrize("chance", [0.0, 0.3, 1.0])
async def test_each_wait_may_be_twice_as_long_and_none_is_longer_than_the_longest(chance: float) -> None:
    night = Night([OSError("refused")] * 2000, chance=chance)
    await plays(night)
    longest = [min(FIRST_WAIT * 2.0**number, LONGEST_WAIT) for number in range(8)]
    assert night.waits[:8] == [chance * most for most in longest]
    assert set(night.waits[8:]) == {chance * LONGEST_WAIT}


async def test_only_a_connection_that_lasted_makes_the_next_wait_short() -> None:
    visits = [CUT, CUT, [hello(1)], [hello(1)], [hello(1), beat(1)]]
    night = Night(visits, chance=1.0)
    await plays(night)
    assert night.waits == [2, 4, 8, 8, 2]


async def test_a_server_that_ends_is_come_back_to_within_the_time_that_it_names() -> None:
    ends = {"type": "bye", "reason": "restart", "after": 6.0}
    night = Night([[hello(1), beat(1), ends], [hello(1), beat(1), CUT]], chance=0.5)
    board = await plays(night)
    assert night.asked[1]["since"] == "1"
    assert (night.waits, board.bye) == ([3.0, 1.0], "restart")
