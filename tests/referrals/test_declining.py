"""A decline that goes on: the criterion, the next hub in the same tap, and a second opinion."""

import pytest

from network.models import Network
from referrals import declining, ledger, transitions, verbs
from referrals.models import Event, Referral
from referrals.refusals import BadInput, WrongState
from referrals.soonest import Around
from referrals.states import State
from tests.world import World


def hands_on(world: World) -> None:
    Network.objects.filter(pk=world.networks["cheshire-and-merseyside"].pk).update(offers_next_hub=True)


def declined(world: World, referral: Referral, key: str = "", **said: str) -> Referral:
    return verbs.do(referral.code, "decline", said, by=world.people["ben"], now=world.now, via="web", key=key)


def test_a_decline_names_the_criterion(world: World) -> None:
    referral = declined(world, world.refers(), reason="outside_criteria", clause="core")
    details = Event.objects.get(referral=referral, verb="decline").details
    assert (details["reason"], details["clause"], details["hub"]) == ("outside_criteria", "core", "RET20")
    with pytest.raises(BadInput):
        declined(world, world.refers(), reason="outside_criteria", clause="weather")


def test_the_next_hub_is_asked_in_the_same_tap_where_the_network_allows_it(world: World) -> None:
    hands_on(world)
    referral = world.refers()
    for _ in range(2):  # pressed twice, it is done once
        done = declined(world, referral, key="k1", reason="no_bed", onward="yes")
    assert done.state == State.REFERRED
    assert [offer.hub.code for offer in done.offers.filter(state="open")] == ["RM301"]
    events = list(Event.objects.filter(referral=referral).order_by("number"))
    assert [(e.verb, e.by and e.by.username, e.after) for e in events] == [
        ("refer", "ada", "referred"),
        ("decline", "ben", "unplaced"),
        ("re_offer", None, "referred"),
    ]


def test_the_longest_key_hands_on_once_as_well(world: World) -> None:
    hands_on(world)
    referral, key = world.refers(), "k" * ledger.LONGEST_KEY
    for _ in range(2):
        assert declined(world, referral, key=key, reason="no_bed", onward="yes").state == State.REFERRED
    assert Event.objects.filter(referral=referral).count() == 3


def test_where_the_network_does_not_allow_it_nothing_is_done(world: World) -> None:
    referral = world.refers()
    assert declining.onward_hub(Around(referral, now=world.now)) is None
    with pytest.raises(BadInput):
        declined(world, referral, reason="no_bed", onward="yes")
    assert Event.objects.filter(referral=referral).count() == 1
    assert declined(world, referral, reason="no_bed", onward="no").state == State.UNPLACED


def test_while_another_hub_is_asked_nobody_else_is(world: World) -> None:
    hands_on(world)
    referral = declined(world, world.refers("RET20", "RM301"), reason="no_bed", onward="yes")
    assert referral.state == State.REFERRED
    assert not Event.objects.filter(referral=referral, verb="re_offer").exists()


def test_where_no_hub_is_left_the_patient_is_unplaced(world: World) -> None:
    hands_on(world)
    referral = world.refers("RET20", "RM301", "RR801")
    transitions.decline(referral.code, reason="no_bed", **world.press("mo"))
    transitions.decline(referral.code, reason="no_bed", **world.press("yan"))
    assert declined(world, referral, reason="no_bed", onward="yes").state == State.UNPLACED


def test_a_second_opinion_is_an_offer_to_a_hub_that_has_not_declined(world: World) -> None:
    referral = world.refers()
    with pytest.raises(WrongState):
        declining.second_opinion(referral.code, hubs=["RM301"], text="Too large?", **world.press("ada"))
    declined(world, referral, reason="established_infarct")
    with pytest.raises(BadInput):
        declining.second_opinion(referral.code, hubs=["RET20"], text="Sure?", **world.press("ada"))
    asked = declining.second_opinion(referral.code, hubs=["RM301"], text="Too large?", **world.press("ada"))
    assert asked.state == State.REFERRED
    assert transitions.accept(referral.code, **world.press("mo")).state == State.ACCEPTED
