"""The same key twice gives the first answer again; a key used for something else is refused."""

from functools import partial

import pytest

from referrals import entry, remarks, transitions
from referrals.models import Event, Referral
from referrals.refusals import BadInput, NotAllowed, WrongState
from referrals.states import State
from tests.together import at_once
from tests.world import World, facts


def test_the_same_key_twice_changes_once_and_gives_the_same_answer(world: World) -> None:
    referral = world.refers()
    first = transitions.accept(referral.code, **world.press("ben", key="k"))
    world.wind(minutes=1)
    again = transitions.accept(referral.code, **world.press("ben", key="k"))
    assert (again.pk, again.version, again.accepted_at) == (first.pk, first.version, first.accepted_at)
    assert referral.events.filter(verb="accept").count() == 1


def test_the_same_key_enters_one_patient(world: World) -> None:
    said = facts(world.now, nhs_number=None)
    enter = partial(entry.refer, spoke="RBL14", hubs=["RET20"], said=said, **world.press("ada", key="k"))
    first, again = enter(), enter()
    assert (first.referral, first.joined) == (again.referral, again.joined)
    assert Referral.objects.count() == 1


def test_the_same_key_gives_the_same_answer_where_a_live_referral_was_joined(world: World) -> None:
    said = facts(world.now)
    live = entry.refer(spoke="RBL14", hubs=["RET20"], said=said, **world.press("ada")).referral
    enter = partial(entry.refer, spoke="RBN01", hubs=["RET20"], said=said, **world.press("wyn", key="k"))
    assert [enter(), enter()] == [entry.Entered(live, joined=True)] * 2
    assert live.events.count() == 2


def test_the_same_key_from_two_threads_at_once_is_one_acceptance_and_one_answer(open_world: World) -> None:
    referral = open_world.refers()
    press = partial(transitions.accept, referral.code, **open_world.press("ben", key="k"))
    outcomes = at_once([press] * 4)
    assert {outcome.version for outcome in outcomes} == {2}
    assert Event.objects.filter(referral=referral).count() == 2


def test_the_same_key_from_two_threads_at_once_enters_one_patient(open_world: World) -> None:
    said = facts(open_world.now, nhs_number=None)
    press = open_world.press("ada", key="k")
    outcomes = at_once([partial(entry.refer, spoke="RBL14", hubs=["RET20"], said=said, **press)] * 4)
    assert len({outcome.referral.pk for outcome in outcomes}) == 1
    assert Referral.objects.count() == 1


def test_a_key_used_for_another_verb_or_another_referral_is_refused(world: World) -> None:
    one, other = world.refers(), world.refers()
    remarks.ask(one.code, text="Perfusion?", **world.press("ben", key="k"))
    with pytest.raises(WrongState, match="already used for something else"):
        transitions.accept(one.code, **world.press("ben", key="k"))
    with pytest.raises(WrongState, match="already used for another referral"):
        remarks.ask(other.code, text="Perfusion?", **world.press("ben", key="k"))
    assert (one.events.count(), other.events.count()) == (2, 1)


def test_a_key_with_which_a_referral_was_joined_does_nothing_else(world: World) -> None:
    said = facts(world.now)
    live = entry.refer(spoke="RBL14", hubs=["RET20"], said=said, **world.press("ada")).referral
    entry.refer(spoke="RBN01", hubs=["RET20"], said=said, **world.press("wyn", key="k"))
    with pytest.raises(WrongState, match="already used for something else"):
        transitions.withdraw(live.code, reason="improved", **world.press("wyn", key="k"))
    live.refresh_from_db()
    assert live.state == State.REFERRED


def test_another_persons_same_key_is_another_key(world: World) -> None:
    referral = world.refers()
    remarks.ask(referral.code, text="One", **world.press("ben", key="k"))
    remarks.ask(referral.code, text="Two", **world.press("cleo", key="k"))
    assert referral.events.filter(verb="ask").count() == 2


def test_a_refused_press_does_not_use_up_its_key(world: World) -> None:
    referral = world.refers()
    with pytest.raises(NotAllowed):
        transitions.accept(referral.code, **world.press("hob", key="k"))
    assert (
        transitions.decline(referral.code, reason="no_bed", **world.press("hob", key="k")).state
        == State.UNPLACED
    )


@pytest.mark.parametrize("key", ["x" * 181, "nul\x00", "half \ud800"])
def test_a_key_that_cannot_be_kept_is_bad_input(world: World, key: str) -> None:
    with pytest.raises(BadInput, match="idempotency key"):
        transitions.accept(world.refers().code, **world.press("ben", key=key))


def test_a_code_that_cannot_be_one_is_simply_not_there(world: World) -> None:
    for code in ("", "\x00", "AB/C", "ZZZZ", "a" * 5000):
        with pytest.raises(Exception, match="no such referral"):
            transitions.accept(code, **world.press("ben"))


def test_a_key_used_again_for_another_patient_is_refused_and_loses_nobody_in_silence(world: World) -> None:
    enter = partial(entry.refer, spoke="RBL14", hubs=["RET20"], **world.press("ada", key="k"))
    first = enter(said=facts(world.now, nhs_number=None))
    with pytest.raises(WrongState, match="another patient"):
        enter(said=facts(world.now, nhs_number=None, family_name="Canary-Underhill"))
    assert enter(said=facts(world.now, nhs_number=None)).referral == first.referral
    assert Referral.objects.count() == 1
