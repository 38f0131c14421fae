"""Swaps and leave: who may ask, offer, approve and withdraw, what the rules say before, and what changes hands."""

from datetime import timedelta

import pytest

from tests.world import NIGHT, World
from workforce import leaves, rota, rota_edits, rota_plan, swaps
from workforce.models import Duty, Shift
from workforce.rota_edits import Breaks, NotOnTheRota
from workforce.rota_rows import CallOut, Deed, Leave, LeaveKind, RotaEvent, Swap, SwapState

DAY = timedelta(days=1)
FREE = NIGHT + 4 * DAY


def duty(world: World, who: str, *, days: int = 0, hub: str = "RET20", kind: Duty = Duty.FIRST) -> Shift:
    start = FREE + days * DAY
    return rota.put(world.sites[hub], kind, world.people[who], start=start, end=start + timedelta(hours=12))


def holder(world: World, shift: Shift) -> str:
    (found,) = Shift.objects.filter(hub=shift.hub, duty=shift.duty, period=shift.period)
    return found.person.username


def asked(world: World, shift: Shift) -> Swap:
    return swaps.ask(shift, by=shift.person, at=world.now, why="My daughter’s play.")


def test_a_swap_is_asked_for_offered_and_approved_and_both_duties_change_hands(world: World) -> None:
    mine, yours = duty(world, "ben"), duty(world, "cleo", days=3)
    swap = asked(world, mine)
    swaps.offer(swap, by=world.people["cleo"], at=world.now, in_return=yours)
    assert (holder(world, mine), holder(world, yours)) == ("ben", "cleo")
    swaps.approve(swap, by=world.people["nia"], at=world.now)
    assert (holder(world, mine), holder(world, yours)) == ("cleo", "ben")
    swap.refresh_from_db()
    assert (swap.state, swap.settled_at) == (SwapState.APPROVED, world.now)
    deeds = list(RotaEvent.objects.filter(by__isnull=False).order_by("pk").values_list("deed", flat=True))
    assert deeds == [Deed.SWAP_ASKED, Deed.SWAP_OFFERED, Deed.SWAP_APPROVED, Deed.SWAP_APPROVED]


def test_a_duty_may_be_taken_over_for_nothing(world: World) -> None:
    mine = duty(world, "ben")
    swap = asked(world, mine)
    swaps.offer(swap, by=world.people["sam"], at=world.now)
    swaps.approve(swap, by=world.people["lea"], at=world.now)
    assert holder(world, mine) == "sam"


def test_the_rules_are_asked_before_anybody_agrees(world: World) -> None:
    mine = duty(world, "ben")
    swap = asked(world, mine)
    dev, lea = world.people["dev"], world.people["lea"]
    with pytest.raises(Breaks, match="direct supervision"):
        swaps.offer(swap, by=dev, at=world.now)
    swap.refresh_from_db()
    assert swap.state == SwapState.ASKED
    swaps.offer(swap, by=dev, at=world.now, reason="Sam Quist will be there.")
    with pytest.raises(Breaks, match="direct supervision"):
        swaps.approve(swap, by=lea, at=world.now)
    assert holder(world, mine) == "ben"
    swaps.approve(swap, by=lea, at=world.now, reason="Sam Quist has told me so.")
    event = RotaEvent.objects.filter(deed=Deed.SWAP_APPROVED).get()
    assert (event.reason, bool(event.breaches)) == ("Sam Quist has told me so.", True)


def test_each_step_is_for_those_whose_it_is(world: World) -> None:
    mine = duty(world, "ben")
    with pytest.raises(NotOnTheRota, match="Only whoever holds a duty"):
        swaps.ask(mine, by=world.people["cleo"], at=world.now)
    swap = asked(world, mine)
    with pytest.raises(NotOnTheRota, match="under way already"):
        asked(world, mine)
    for who in ("ben", "mo", "ada", "nia"):
        with pytest.raises(NotOnTheRota, match="You cannot offer"):
            swaps.offer(swap, by=world.people[who], at=world.now)
    with pytest.raises(NotOnTheRota, match="Nobody offers"):
        swaps.approve(swap, by=world.people["lea"], at=world.now)
    swaps.offer(swap, by=world.people["cleo"], at=world.now)
    for who in ("cleo", "ben", "una"):
        with pytest.raises(NotOnTheRota, match="Only a coordinator or lead"):
            swaps.approve(swap, by=world.people[who], at=world.now)
        with pytest.raises(NotOnTheRota, match="Only a coordinator or lead"):
            swaps.refuse(swap, by=world.people[who], at=world.now, reason="No.")
    with pytest.raises(NotOnTheRota, match="not your swap"):
        swaps.withdraw(swap, by=world.people["sam"], at=world.now)


def test_an_offer_is_taken_back_and_a_question_withdrawn(world: World) -> None:
    swap = asked(world, duty(world, "ben"))
    swaps.offer(swap, by=world.people["cleo"], at=world.now)
    swaps.withdraw(swap, by=world.people["cleo"], at=world.now)
    swap.refresh_from_db()
    assert (swap.state, swap.offerer) == (SwapState.ASKED, None)
    swaps.withdraw(swap, by=world.people["ben"], at=world.now)
    swap.refresh_from_db()
    assert swap.state == SwapState.WITHDRAWN
    with pytest.raises(NotOnTheRota, match="settled: withdrawn"):
        swaps.withdraw(swap, by=world.people["ben"], at=world.now)


def test_a_refusal_says_why(world: World) -> None:
    mine = duty(world, "ben")
    swap = asked(world, mine)
    with pytest.raises(NotOnTheRota, match="Say why"):
        swaps.refuse(swap, by=world.people["lea"], at=world.now, reason="")
    swaps.refuse(swap, by=world.people["lea"], at=world.now, reason="You swapped twice this month.")
    swap.refresh_from_db()
    assert (swap.state, holder(world, mine)) == (SwapState.REFUSED, "ben")


def test_a_swap_is_not_made_of_a_rota_that_has_changed_or_begun(world: World) -> None:
    mine, yours = duty(world, "ben"), duty(world, "cleo", days=3)
    swap = asked(world, mine)
    swaps.offer(swap, by=world.people["cleo"], at=world.now, in_return=yours)
    rota_edits.assign(
        yours.hub, "first", None, start=yours.period.lower, end=yours.period.upper, by=world.people["lea"],
        at=world.now, reason="Closed.",
    )  # fmt: skip
    with pytest.raises(NotOnTheRota, match="The rota has changed: Cleo Marsh"):
        swaps.approve(swap, by=world.people["lea"], at=world.now)
    with pytest.raises(NotOnTheRota, match="This duty has begun"):
        swaps.approve(swap, by=world.people["lea"], at=FREE)
    with pytest.raises(NotOnTheRota, match="This duty has begun"):
        swaps.ask(mine, by=world.people["ben"], at=FREE)
    assert swaps.open_at([mine.hub_id], after=FREE) == []
    assert swaps.open_at([mine.hub_id], after=world.now) == [swap]


def test_what_is_given_in_return_is_one_s_own_and_ahead(world: World) -> None:
    swap = asked(world, duty(world, "ben"))
    with pytest.raises(NotOnTheRota, match="a duty of your own"):
        swaps.offer(swap, by=world.people["cleo"], at=world.now, in_return=duty(world, "sam", days=3))


def test_a_swap_that_would_put_somebody_on_twice_is_refused_at_the_offer(world: World) -> None:
    swap = asked(world, duty(world, "ben"))
    duty(world, "cleo", kind=Duty.SECOND)
    with pytest.raises(NotOnTheRota, match="Cleo Marsh is on call twice"):
        swaps.offer(swap, by=world.people["cleo"], at=world.now, reason="I can do both.")


def away(world: World, who: str, by: str) -> Leave:
    return leaves.enter(
        world.people[who],
        LeaveKind.ANNUAL,
        start=FREE - DAY,
        end=FREE + DAY,
        by=world.people[by],
        at=world.now,
    )


@pytest.mark.parametrize("by", ["ben", "lea", "nia"])
def test_leave_is_entered_by_whom_it_concerns_and_by_the_network(world: World, by: str) -> None:
    shift = duty(world, "ben")
    leave = away(world, "ben", by)
    rules = rota_plan.rules_of(shift.hub.network)
    found = rota_plan.judged([shift.hub], rules, start=FREE, end=FREE + DAY)
    assert "Ben Hale is on leave, and on call at Walton" in " ".join(b.words for b in found)
    with pytest.raises(NotOnTheRota, match="has leave on some of these days already"):
        away(world, "ben", by)
    leaves.withdraw(leave, by=world.people[by], at=world.now)
    assert not Leave.objects.exists()
    deeds = list(RotaEvent.objects.filter(by__isnull=False).order_by("pk").values_list("deed", flat=True))
    assert deeds == [Deed.LEAVE, Deed.LEAVE_ENDED]


@pytest.mark.parametrize("by", ["cleo", "una", "ada"])
def test_nobody_else_enters_or_withdraws_leave(world: World, by: str) -> None:
    with pytest.raises(NotOnTheRota, match="You cannot enter leave"):
        away(world, "ben", by)
    leave = away(world, "ben", "ben")
    with pytest.raises(NotOnTheRota, match="You cannot change the leave"):
        leaves.withdraw(leave, by=world.people[by], at=world.now)


def test_leave_that_has_begun_ends_now_and_what_is_past_stays(world: World) -> None:
    leave = away(world, "ben", "ben")
    leaves.withdraw(leave, by=world.people["ben"], at=FREE)
    assert Leave.objects.get().period.upper == FREE
    leave.refresh_from_db()
    with pytest.raises(NotOnTheRota, match="past"):
        leaves.withdraw(leave, by=world.people["ben"], at=FREE + DAY)
    with pytest.raises(NotOnTheRota, match="past"):
        leaves.enter(
            world.people["cleo"],
            LeaveKind.SICK,
            start=NIGHT - DAY,
            end=NIGHT,
            by=world.people["cleo"],
            at=NIGHT,
        )
    with pytest.raises(NotOnTheRota, match="before the first"):
        leaves.enter(
            world.people["cleo"], LeaveKind.SICK, start=FREE, end=FREE, by=world.people["cleo"], at=NIGHT
        )


def test_whoever_was_called_out_notes_it_and_a_full_day_of_rest_is_due(world: World) -> None:
    night = duty(world, "ben")
    start = night.period.lower.replace(hour=20)
    Shift.objects.filter(pk=night.pk).delete()
    hub, ben = night.hub, world.people["ben"]
    night = rota.put(hub, Duty.FIRST, ben, start=start, end=start + timedelta(hours=12))
    rota.put(hub, Duty.FIRST, ben, start=start + DAY, end=start + DAY + timedelta(hours=12))
    morning = start + timedelta(hours=12)
    out = {"start": start + timedelta(hours=5), "end": start + timedelta(hours=8), "at": morning}
    with pytest.raises(NotOnTheRota, match="Only whoever was on call"):
        leaves.called_out(night, by=world.people["lea"], **out)
    with pytest.raises(NotOnTheRota, match="within the shift"):
        leaves.called_out(night, by=ben, **(out | {"at": start}))
    leaves.called_out(night, by=ben, **out)
    assert CallOut.objects.get().hub == hub
    rules = rota_plan.rules_of(hub.network)
    found = [b.rule for b in rota_plan.judged([hub], rules, start=start, end=start + 3 * DAY)]
    assert "rest_after_call_out" in found
