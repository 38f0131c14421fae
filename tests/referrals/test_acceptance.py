"""One acceptance: however many press at once, one hub and one operator take the patient and the others are told who."""

import threading
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from network import people
from network.models import Person, Role
from referrals import transitions
from referrals.models import Event, Offer, OfferState, Referral
from referrals.refusals import WrongState
from referrals.states import State
from tests.together import PATIENCE, at_once
from tests.world import LONG_AGO, World
from workforce import phases
from workforce.models import Phase, Specialty


def operators(world: World, hub: str, number: int) -> list[Person]:
    """So many more independent operators at this hub."""
    made = []
    for index in range(number):
        person = Person.objects.create_user(f"{hub}-{index}", name=f"Operator {index} of {hub}")
        people.grant(person, Role.OPERATOR, at=LONG_AGO, site=world.sites[hub])
        phases.authorise(
            person, world.sites[hub], specialty=Specialty.INR, phase=Phase.INDEPENDENT, at=LONG_AGO
        )
        made.append(person)
    return made


def accepts(world: World, code: str, person: Person) -> Callable[[], Any]:
    return partial(transitions.accept, code, by=person, at=world.now, now=world.now)


def check_one_winner(outcomes: list[Any], crowd: list[Person], code: str) -> Person:
    """Exactly one of the crowd has the patient, and every other was told who."""
    winners = [
        person for person, outcome in zip(crowd, outcomes, strict=True) if isinstance(outcome, Referral)
    ]
    assert len(winners) == 1, f"{len(winners)} acceptances"
    (winner,) = winners
    referral = Referral.objects.get(code=code)
    assert (referral.state, referral.operator) == (State.ACCEPTED, winner)
    for outcome in outcomes:
        if not isinstance(outcome, Referral):
            assert isinstance(outcome, WrongState), outcome
            assert outcome.code == "already_taken"
            assert winner.name in outcome.message
            assert referral.hub is not None
            assert referral.hub.short_name in outcome.message
    return winner


def test_of_sixteen_who_accept_at_once_one_has_the_patient_and_the_others_are_told_who(
    open_world: World,
) -> None:
    referral = open_world.refers()
    crowd = operators(open_world, "RET20", 16)
    outcomes = at_once([accepts(open_world, referral.code, person) for person in crowd])
    check_one_winner(outcomes, crowd, referral.code)
    assert Event.objects.filter(referral=referral, verb="accept").count() == 1
    assert Offer.objects.filter(referral=referral, state=OfferState.ACCEPTED).count() == 1


def test_of_two_hubs_that_accept_at_once_one_has_the_patient_and_the_other_no_longer_sees_it(
    open_world: World,
) -> None:
    referral = open_world.refers("RET20", "RM301")
    crowd = operators(open_world, "RET20", 8) + operators(open_world, "RM301", 8)
    outcomes = at_once([accepts(open_world, referral.code, person) for person in crowd])
    winner = check_one_winner(outcomes, crowd, referral.code)
    assert sorted(referral.offers.values_list("state", flat=True)) == [
        OfferState.ACCEPTED,
        OfferState.WITHDRAWN,
    ]
    hub = referral.offers.get(state=OfferState.ACCEPTED).hub
    assert winner.memberships.get().site == hub
    assert list(referral.parties.filter(is_hub=True, until=None).values_list("site", flat=True)) == [hub.pk]


def test_the_check_catches_an_acceptance_that_only_reads_before_it_writes(open_world: World) -> None:
    """The negative control: without the lock both read “referred”, and both are told that they have the patient."""
    referral = open_world.refers()
    crowd = operators(open_world, "RET20", 2)
    both_have_read = threading.Barrier(2)

    def read_check_save(person: Person) -> Referral:
        read = Referral.objects.get(code=referral.code)
        both_have_read.wait(PATIENCE)
        if read.state != State.REFERRED:
            raise WrongState("already_taken", "too late")
        Referral.objects.filter(pk=read.pk).update(
            state=State.ACCEPTED, accepted_at=open_world.now, operator=person, hub=open_world.sites["RET20"]
        )
        return read

    outcomes = at_once([partial(read_check_save, person) for person in crowd])
    with pytest.raises(AssertionError, match="2 acceptances"):
        check_one_winner(outcomes, crowd, referral.code)


def test_an_acceptance_and_a_withdrawal_at_once_leave_one_of_them(open_world: World) -> None:
    referral = open_world.refers()
    withdraw = partial(transitions.withdraw, referral.code, reason="improved", **open_world.press("ada"))
    outcomes = at_once([accepts(open_world, referral.code, open_world.people["ben"]), withdraw])
    done = [outcome for outcome in outcomes if isinstance(outcome, Referral)]
    assert len(done) == 1
    referral.refresh_from_db()
    assert referral.state == done[0].state
    assert referral.version == 2
    assert not referral.offers.filter(state=OfferState.OPEN).exists()
