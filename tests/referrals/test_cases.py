"""The part of a logbook that writes itself: from what was really pressed, for whoever operated and whoever answered."""

from dataclasses import asdict

from referrals import cases, transitions
from referrals.models import Referral
from referrals.states import State
from tests.world import STEPS, World

WAY = ["request_ambulance", "depart", "arrive", "puncture"]


def treated(world: World, who: str, *, confirmed_by: str = "", minutes: int = 37) -> Referral:
    """A patient whom this operator accepted, treated after so many minutes."""
    referral = world.refers()
    world.wind(minutes=1)
    transitions.accept(referral.code, **world.press(who))
    if confirmed_by:
        transitions.confirm(referral.code, **world.press(confirmed_by))
    for step in WAY:
        world.wind(minutes=5)
        STEPS[step](world, referral.code)
    world.wind(minutes=minutes)
    return STEPS["end_procedure"](world, referral.code)


def test_a_procedure_under_direct_supervision_stands_in_both_logbooks(world: World) -> None:
    referral = treated(world, "dev", confirmed_by="sam")
    (mine,), (theirs,) = cases.of(world.people["dev"]), cases.of(world.people["sam"])
    assert (mine.role, theirs.role) == (cases.FIRST, cases.SUPERVISING)
    assert {**asdict(mine), "role": ""} == {**asdict(theirs), "role": ""}
    assert (mine.code, mine.hub, mine.phase, mine.operator, mine.supervisor) == (
        referral.code, "Walton", "direct", "Dev Rao", "Sam Quist",
    )  # fmt: skip
    assert (mine.minutes, mine.mtici, mine.died, mine.at) == (37, "2b", False, referral.punctured_at)


def test_an_independent_procedure_stands_in_one_logbook(world: World) -> None:
    treated(world, "ben")
    assert [case.phase for case in cases.of(world.people["ben"])] == ["independent"]
    assert cases.of(world.people["sam"]) == []


def test_the_phase_is_that_of_the_acceptance_and_not_of_today(world: World) -> None:
    treated(world, "ivy")
    (case,) = cases.of(world.people["ivy"])
    assert (case.phase, case.supervisor) == ("indirect", "Sam Quist")


def test_what_was_never_begun_is_no_procedure(world: World) -> None:
    for state in (State.ACCEPTED, State.ARRIVED, State.NOT_TREATED, State.STOOD_DOWN):
        world.a_referral(state)
    assert cases.of(world.people["ben"]) == []


def test_one_that_goes_on_has_no_end_yet_and_a_death_is_told(world: World) -> None:
    referral = world.a_referral(State.PUNCTURE)
    (case,) = cases.of(world.people["ben"])
    assert (case.minutes, case.mtici, case.died) == (None, "", False)
    world.wind(minutes=9)
    transitions.record_death(referral.code, **world.press("ada"))
    assert cases.of(world.people["ben"])[0].died is True


def test_the_newest_is_first_and_those_before_a_day_are_left_out(world: World) -> None:
    first, second = treated(world, "ben"), treated(world, "ben")
    assert [case.code for case in cases.of(world.people["ben"])] == [second.code, first.code]
    assert [case.code for case in cases.of(world.people["ben"], since=second.punctured_at)] == [second.code]


def test_nothing_of_a_patient_but_the_code_is_told(world: World) -> None:
    referral = treated(world, "ben")
    told = " ".join(str(value) for value in asdict(cases.of(world.people["ben"])[0]).values())
    for fact in (referral.nhs_number, referral.family_name, referral.given_name, referral.callback, "1950"):
        assert fact
        assert fact not in told


def test_a_code_is_known_where_its_patient_was_treated(world: World) -> None:
    referral = treated(world, "ben")
    walton, salford = world.sites["RET20"].pk, world.sites["RM301"].pk
    assert cases.was_treated_at(referral.code.lower(), walton)
    assert not cases.was_treated_at(referral.code, salford)
    assert not cases.was_treated_at(world.a_referral(State.ARRIVED).code, walton)
