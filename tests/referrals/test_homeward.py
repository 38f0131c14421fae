"""The way back: promises, cautions with their hours, and what is kept of them."""

from datetime import timedelta

import pytest

from referrals import going_home, homeward
from referrals.models import Event
from referrals.refusals import BadInput, WrongState
from referrals.states import State
from tests.world import NIGHT, World


def test_the_cautions_are_four_hours_after_the_procedure_and_a_day_after_a_haemorrhage() -> None:
    found = going_home.cautions(treated_at=NIGHT, haemorrhage_at=NIGHT + timedelta(hours=1))
    assert [(one.id, one.until) for one in found] == [
        ("procedure", NIGHT + timedelta(hours=4)),
        ("haemorrhage", NIGHT + timedelta(hours=25)),
    ]
    assert all(one.source for one in found)
    assert going_home.cautions(treated_at=None, haemorrhage_at=None) == []


def test_a_promise_is_kept_with_its_moment_and_can_be_said_anew(world: World) -> None:
    referral = world.a_referral(State.ACCEPTED)
    homeward.promise_bed(referral.code, text="HASU 3", **world.press("ada"))
    world.wind(minutes=5)
    referral = homeward.promise_bed(referral.code, text="HASU 5", **world.press("ada"))
    assert (referral.bed_promised_at, referral.bed_promise) == (world.now, "HASU 5")


@pytest.mark.parametrize(
    ("hours", "held"), [(1, ["procedure", "haemorrhage"]), (5, ["haemorrhage"]), (26, [])]
)
def test_the_ambulance_home_keeps_which_cautions_held_and_is_never_refused_for_one(
    world: World, hours: int, held: list[str]
) -> None:
    referral = world.a_referral(State.REPATRIATING)
    homeward.find_haemorrhage(referral.code, **world.press("ben"))
    world.wind(hours=hours)
    done = homeward.request_return(
        referral.code, category="IFT3", cad="99", escort="nurse", **world.press("ben")
    )
    details = Event.objects.get(referral=done, verb="request_return").details
    assert details.get("cautions", []) == held
    assert details["home_rules"] == going_home.VERSION
    assert (done.return_category, done.return_cad, done.return_escort) == ("IFT3", "99", "nurse")


def test_a_haemorrhage_is_not_found_before_the_puncture(world: World) -> None:
    referral = world.a_referral(State.TREATED)
    assert referral.punctured_at
    early = {"at": referral.punctured_at - timedelta(minutes=2)}
    with pytest.raises(BadInput):
        homeward.find_haemorrhage(referral.code, **world.press("ben") | early)


def test_whoever_bleeds_at_the_door_goes_home_with_the_caution_and_not_before_it_was_found(
    world: World,
) -> None:
    referral = world.a_referral(State.NOT_TREATED)
    assert referral.hub_arrived_at
    early = {"at": referral.hub_arrived_at - timedelta(minutes=2)}
    with pytest.raises(BadInput, match="the arrival at the hub"):
        homeward.find_haemorrhage(referral.code, **world.press("ben") | early)
    done = homeward.find_haemorrhage(referral.code, **world.press("ben"))
    assert done.haemorrhage_at == world.now
    assert done.state == State.NOT_TREATED


def test_whoever_left_the_hub_cannot_leave_again(world: World) -> None:
    referral = world.a_referral(State.REPATRIATING)
    homeward.leave_hub(referral.code, **world.press("ben"))
    with pytest.raises(WrongState):
        homeward.leave_hub(referral.code, **world.press("ben"))
