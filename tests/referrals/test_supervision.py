"""Nobody is left alone above their competence: what an acceptance means in each phase, and who may confirm it."""

import pytest

from network import people
from network.models import Role
from referrals import transitions
from referrals.models import OfferState
from referrals.refusals import NotAllowed, WrongState
from referrals.states import State
from tests.world import LONG_AGO, World
from workforce import phases, rota
from workforce.models import Duty, Phase, Shift, Specialty


def test_an_independent_operator_accepts_alone(world: World) -> None:
    done = transitions.accept(world.refers().code, **world.press("ben"))
    assert (done.state, done.operator, done.supervisor) == (State.ACCEPTED, world.people["ben"], None)


def test_under_indirect_supervision_the_acceptance_is_final_and_names_the_supervisor(world: World) -> None:
    done = transitions.accept(world.refers().code, **world.press("ivy"))
    assert (done.state, done.operator, done.supervisor) == (
        State.ACCEPTED,
        world.people["ivy"],
        world.people["sam"],
    )
    assert done.events.get(number=2).details["phase"] == Phase.INDIRECT


def test_under_direct_supervision_the_supervisor_confirms(world: World) -> None:
    referral = world.refers("RET20", "RM301")
    done = transitions.accept(referral.code, **world.press("dev"))
    assert (done.state, done.accepted_at, done.supervisor) == (State.PROVISIONAL, None, world.people["sam"])
    offers = dict(done.offers.values_list("hub__code", "state"))
    assert offers == {"RET20": OfferState.PROVISIONAL, "RM301": OfferState.WITHDRAWN}
    world.wind(minutes=2)
    done = transitions.confirm(referral.code, **world.press("sam"))
    assert (done.state, done.accepted_at, done.operator) == (State.ACCEPTED, world.now, world.people["dev"])
    assert done.offers.filter(state=OfferState.ACCEPTED).count() == 1


def test_the_supervisor_may_decline_what_was_accepted_provisionally(world: World) -> None:
    referral = world.a_referral(State.PROVISIONAL)
    for who in ("dev", "ben", "hob"):
        with pytest.raises(NotAllowed, match="Only the supervisor"):
            transitions.decline(referral.code, reason="no_operator", **world.press(who))
    done = transitions.decline(referral.code, reason="no_operator", **world.press("sam"))
    assert (done.state, done.hub, done.operator, done.supervisor, done.provisional_at) == (
        State.UNPLACED,
        None,
        None,
        None,
        None,
    )
    assert done.offers.get().state == OfferState.DECLINED
    transitions.re_offer(referral.code, hubs=["RET20"], **world.press("ada"))
    assert transitions.accept(referral.code, **world.press("ben")).state == State.ACCEPTED


def test_nobody_confirms_their_own_acceptance_even_as_supervisor_on_call(world: World) -> None:
    Shift.objects.filter(duty=Duty.SUPERVISOR).delete()
    start, end = world.now.replace(hour=0), world.now.replace(hour=23)
    rota.put(world.sites["RET20"], Duty.SUPERVISOR, world.people["dev"], start=start, end=end)
    referral = world.a_referral(State.PROVISIONAL)
    with pytest.raises(NotAllowed):
        transitions.confirm(referral.code, **world.press("dev"))


def test_an_independent_supervisor_on_call_confirms_for_the_named_one(world: World) -> None:
    Shift.objects.filter(hub=world.sites["RET20"]).delete()
    start, end = world.now.replace(hour=0), world.now.replace(hour=23)
    referral = world.a_referral(State.PROVISIONAL)
    with pytest.raises(NotAllowed):
        transitions.confirm(referral.code, **world.press("cleo"))
    rota.put(world.sites["RET20"], Duty.SUPERVISOR, world.people["cleo"], start=start, end=end)
    done = transitions.confirm(referral.code, **world.press("cleo"))
    assert (done.state, done.supervisor) == (State.ACCEPTED, world.people["cleo"])


def test_a_supervisor_on_call_who_is_in_training_confirms_nothing(world: World) -> None:
    Shift.objects.filter(hub=world.sites["RET20"]).delete()
    start, end = world.now.replace(hour=0), world.now.replace(hour=23)
    rota.put(world.sites["RET20"], Duty.SUPERVISOR, world.people["ivy"], start=start, end=end)
    referral = world.a_referral(State.PROVISIONAL)
    with pytest.raises(NotAllowed):
        transitions.confirm(referral.code, **world.press("ivy"))


def test_an_operator_without_an_authorisation_at_this_hub_cannot_accept(world: World) -> None:
    people.grant(world.people["mo"], Role.OPERATOR, at=LONG_AGO, site=world.sites["RET20"])
    referral = world.refers()
    with pytest.raises(NotAllowed, match="not authorised to operate at Walton"):
        transitions.accept(referral.code, **world.press("mo"))
    assert referral.events.count() == 1


def test_an_authorisation_that_ended_or_has_not_begun_is_none(world: World) -> None:
    referral = world.refers()
    walton = world.sites["RET20"]
    mo = world.people["mo"]
    people.grant(mo, Role.OPERATOR, at=LONG_AGO, site=walton)
    later = world.now.replace(hour=4)
    phases.authorise(mo, walton, specialty=Specialty.IR, phase=Phase.INDEPENDENT, at=later)
    with pytest.raises(NotAllowed, match="not authorised"):
        transitions.accept(referral.code, **world.press("mo"))
    world.wind(hours=1)
    assert transitions.accept(referral.code, hub="RET20", **world.press("mo")).operator == mo


def test_a_second_acceptance_is_told_who_has_the_patient(world: World) -> None:
    referral = world.a_referral(State.PROVISIONAL)
    with pytest.raises(WrongState, match=r"was provisionally accepted by Dev Rao for Walton at 03:11"):
        transitions.accept(referral.code, **world.press("ben"))
    transitions.confirm(referral.code, **world.press("sam"))
    with pytest.raises(WrongState, match=r"was already accepted by Dev Rao for Walton"):
        transitions.accept(referral.code, **world.press("ben"))
