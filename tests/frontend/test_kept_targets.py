"""A card, a list and a case count against the targets that stood when the referral began, whatever is decided later."""

from datetime import timedelta
from typing import Any

from frontend import cards, mine_sheet
from frontend.clocks import Clock
from network import permissions
from referrals import rulebook, transitions
from referrals.states import State
from tests.frontend.browser import Door, see, text
from tests.world import World

NETWORK = "network:cheshire-and-merseyside"


def decide(world: World, based_on: int = 0, **minutes: tuple[float, float]) -> None:
    """The lead's next version, a minute later."""
    world.wind(minutes=1)
    rights = permissions.rights(world.people["lea"], at=world.now)
    network = world.networks["cheshire-and-merseyside"]
    rulebook.put_targets(network, minutes, based_on=based_on, reason="Ours", rights=rights, at=world.now)


def allowed(clock: Clock) -> timedelta | None:
    """How long until red."""
    return clock.late - clock.since if clock.late and clock.since else None


def test_cards_and_lists_count_by_the_targets_that_stood_when_the_referral_began(world: World) -> None:
    before = world.refers()
    decide(world, answer=(5, 10))
    between = world.refers()
    decide(world, 1, answer=(6, 12))
    after = world.refers()
    rights = permissions.rights(world.people["ada"], at=world.now)
    shown = {card.code: allowed(card.clock) for card in cards.of_stream(NETWORK, now=world.now)}
    listed = {line.code: allowed(line.clock) for line in mine_sheet.sheet(rights, now=world.now).held}
    assert shown == listed
    assert shown == {
        before.code: timedelta(minutes=3),
        between.code: timedelta(minutes=10),
        after.code: timedelta(minutes=12),
    }


def test_head_way_and_clocks_of_a_case_say_the_same_target(world: World, door: Door) -> None:
    decide(world, dido=(30, 40), groin=(5, 25))
    waiting, leaving = world.a_referral(State.ACCEPTED), world.a_referral(State.AMBULANCE_REQUESTED)
    decide(world, 1, dido=(90, 120), groin=(50, 55))
    page = text(see(door("ada"), waiting))
    assert "of 0:40 door to door out" in page
    assert "of 40 min" in page
    transitions.depart(leaving.code, **world.press("ada"))
    left = text(see(door("ada"), leaving))
    assert '<b class="late">' in left[left.index('class="dido"') :][:80], "45 min and more, of 40"
    transitions.arrive(leaving.code, **world.press("ben"))
    at_hub = text(see(door("ben"), leaving))
    assert "of 0:25 door to groin" in at_hub
    assert "of 25 min" in at_hub


def test_a_row_that_was_read_without_its_targets_has_them_all_the_same(
    world: World, django_assert_num_queries: Any
) -> None:
    decide(world, dido=(30, 40))
    referral = world.refers()
    with django_assert_num_queries(1):
        assert rulebook.held(referral)["dido"].minutes == (30, 40)
        assert rulebook.held(referral)["groin"].version == "2024"
