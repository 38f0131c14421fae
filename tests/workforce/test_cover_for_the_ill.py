"""Somebody falls ill: the fewest changes, judged and published like any draft, and each says who it covers for."""

from datetime import time, timedelta
from typing import Any

import pytest

from tests.workforce import drafted
from tests.world import NIGHT, World
from workforce import draft_changes, drafts, leaves, patterns, rota, rota_edits
from workforce.building import CannotAsk
from workforce.draft_rows import DraftState, RotaDraft
from workforce.models import Duty, Shift
from workforce.rota_edits import NotOnTheRota
from workforce.rota_rows import Leave, LeaveKind, RotaEvent

DAY = timedelta(days=1)
TURNS = ("ben", "cleo", "sam") * 4


@pytest.fixture
def nights(world: World) -> World:
    """Twelve nights from tomorrow, in turn; nobody is on otherwise."""
    drafted.ready(world)
    Shift.objects.all().delete()
    for number, who in enumerate(TURNS):
        start = patterns.instant((NIGHT + (number + 1) * DAY).date(), time(20))
        rota.put(world.sites["RET20"], Duty.FIRST, world.people[who], start=start, end=start + DAY / 2)
    return world


def ill(world: World, who: str, *, days: int, by: str = "nia") -> Leave:
    end = patterns.instant((NIGHT + (days + 1) * DAY).date(), time())
    return leaves.enter(
        world.people[who], LeaveKind.SICK, start=world.now, end=end, by=world.people[by], at=world.now
    )


def cover(world: World, leave: Leave, by: str = "nia") -> RotaDraft:
    draft = drafts.ask_cover(world.sites["RET20"], leave, by=world.people[by], at=world.now)
    return drafted.search(world, draft)


def names() -> list[str]:
    return [s.person.username for s in Shift.objects.order_by("period").select_related("person")]


def test_the_fewest_duties_change_hands_and_each_says_for_whom(nights: World) -> None:
    draft = cover(nights, ill(nights, "ben", days=5))
    assert draft.state == DraftState.FOUND
    changed = [line for line in draft_changes.lines(draft) if line.is_changed]
    ben = nights.people["ben"].pk
    assert [line.was for line in changed] == [ben, ben]
    assert [b.words for b in draft_changes.judged(draft)] == []
    drafts.publish(draft, by=nights.people["nia"], at=nights.now)
    assert names()[1:3] + names()[4:] == list(TURNS[1:3] + TURNS[4:])
    assert "ben" not in {names()[0], names()[3]}
    events = RotaEvent.objects.order_by("-pk")[:2]
    assert {(e.by.username, e.reason) for e in events if e.by} == {
        ("nia", "Ben Hale is away; from a draft that Nia Bevan asked for.")
    }


def test_whoever_falls_ill_on_duty_is_relieved_from_now_on(nights: World) -> None:
    nights.now = patterns.instant((NIGHT + DAY).date(), time(23))
    draft = cover(nights, ill(nights, "ben", days=3))
    lost = draft_changes.lines(draft)[0]
    assert (lost.slot.start, lost.was) == (nights.now, nights.people["ben"].pk)
    drafts.publish(draft, by=nights.people["lea"], at=nights.now)
    assert names()[0] == "ben", "what was done was done"
    on = rota.on_call(nights.sites["RET20"], at=nights.now)
    assert [s.person.username in {"cleo", "sam"} for s in on] == [True]


def test_a_rota_that_breaks_rules_already_is_mended_all_the_same(nights: World) -> None:
    rota_edits.change_figures(
        nights.networks["cheshire-and-merseyside"],
        drafted.FEW | {"night_frequency": 4},
        by=nights.people["lea"],
        at=nights.now,
        note="Four of us, soon.",
    )
    for number in range(12, 24):
        start = patterns.instant((NIGHT + (number + 1) * DAY).date(), time(20))
        who = nights.people[("ben", "ben", "sam")[number % 3]]
        rota.put(nights.sites["RET20"], Duty.FIRST, who, start=start, end=start + DAY / 2)
    draft = cover(nights, ill(nights, "cleo", days=3))
    assert draft.state == DraftState.FOUND
    assert [line.was for line in draft_changes.lines(draft) if line.is_changed] == [nights.people["cleo"].pk]


def test_where_nobody_can_take_it_nothing_else_moves_and_it_says_so(nights: World) -> None:
    for who in ("cleo", "sam"):
        leaves.enter(
            nights.people[who],
            LeaveKind.STUDY,
            start=nights.now,
            end=nights.now + 2 * DAY,
            by=nights.people[who],
            at=nights.now,
        )
    draft = cover(nights, ill(nights, "ben", days=2))
    assert draft.state == DraftState.IMPOSSIBLE
    found = draft_changes.answer(draft)
    assert found and "The night of Sunday 22 November" in " ".join(found.reasons)


def test_without_a_duty_or_a_right_there_is_nothing_to_ask(nights: World) -> None:
    with pytest.raises(CannotAsk, match="Ivy Lowe holds no duty at Walton in that time"):
        cover(nights, ill(nights, "ivy", days=5))
    leave = ill(nights, "ben", days=5)
    for by in ("ben", "una", "hob"):
        with pytest.raises(NotOnTheRota, match="Only a coordinator or lead"):
            cover(nights, leave, by=by)


def test_leave_that_was_withdrawn_is_not_covered_again(nights: World) -> None:
    leave = ill(nights, "ben", days=5)
    draft = cover(nights, leave)
    nights.wind(seconds=1)
    again: Any = drafts.again(draft, by=nights.people["nia"], at=nights.now)
    assert again.person == nights.people["ben"]
    leaves.withdraw(leave, by=nights.people["nia"], at=nights.now)
    with pytest.raises(CannotAsk, match="over, or was withdrawn"):
        drafts.again(again, by=nights.people["nia"], at=nights.now)
