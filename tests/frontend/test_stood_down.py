"""The case says who knows that the transfer is stood down."""

from referrals.states import State
from tests.frontend.browser import Door, act, see, text
from tests.world import World


def test_whoever_took_the_patient_says_that_they_have_seen_it(world: World, door: Door) -> None:
    referral = world.a_referral(State.STOOD_DOWN)
    page = text(see(door("ada"), referral))
    assert "Stood down: who knows" in page
    assert "not seen yet" in page
    assert "I have seen it" not in page, "she stood it down herself"
    assert "I have seen it" in text(see(door("ben"), referral))
    assert act(door("ben"), referral, "noted").status_code == 303
    assert "seen at 03:12" in text(see(door("ada"), referral))
    assert "I have seen it" not in text(see(door("ben"), referral))
    assert act(door("ben"), referral, "noted", note="again").status_code == 409


def test_where_nothing_is_stood_down_there_is_no_such_list(world: World, door: Door) -> None:
    for state in (State.ACCEPTED, State.WITHDRAWN, State.DEPARTED):
        assert "who knows" not in text(see(door("ada"), world.a_referral(state)))
