"""What becomes of offers: several hubs, declines, an offer that nobody answered, and offering again."""

import pytest

from network import permissions
from referrals import queries, soonest, transitions, verbs
from referrals.models import Referral
from referrals.refusals import BadInput, NotAllowed, NotVisible, WrongState
from referrals.states import State
from tests.world import World


def offers(referral: Referral) -> dict[str, str]:
    return dict(referral.offers.order_by("pk").values_list("hub__code", "state"))


def sees(world: World, who: str, referral: Referral) -> bool:
    rights = permissions.rights(world.people[who], at=world.now)
    return queries.visible(rights).filter(pk=referral.pk).exists()


def lapses(world: World, referral: Referral, hub: str = "RET20") -> Referral:
    return transitions.lapse(referral.code, hub=hub, by=None, at=world.now, now=world.now, via="clock")


def test_the_decline_of_one_hub_leaves_the_others_and_the_last_leaves_the_patient_unplaced(
    world: World,
) -> None:
    referral = world.refers("RET20", "RM301")
    done = transitions.decline(referral.code, reason="no_bed", text="Full.", **world.press("ben"))
    assert (done.state, offers(done)) == (State.REFERRED, {"RET20": "declined", "RM301": "open"})
    assert done.events.get(number=2).details == {"hub": "RET20", "reason": "no_bed", "text": "Full."}
    assert not sees(world, "ben", referral)
    assert sees(world, "mo", referral)
    world.wind(minutes=3)
    done = transitions.decline(referral.code, reason="too_late", **world.press("mo"))
    assert (done.state, done.unplaced_at) == (State.UNPLACED, world.now)
    assert not sees(world, "mo", referral)
    assert sees(world, "ada", referral)


def test_a_hub_that_declined_cannot_accept_any_more(world: World) -> None:
    referral = world.refers("RET20", "RM301")
    transitions.decline(referral.code, reason="no_bed", **world.press("ben"))
    with pytest.raises(WrongState, match=r"The offer of .* to Walton is declined"):
        transitions.accept(referral.code, **world.press("cleo"))


def test_an_acceptance_withdraws_the_other_offers_and_their_hubs_see_it_no_more(world: World) -> None:
    referral = world.refers("RET20", "RM301", "RR801")
    assert sees(world, "mo", referral)
    done = transitions.accept(referral.code, **world.press("ben"))
    assert offers(done) == {"RET20": "accepted", "RM301": "withdrawn", "RR801": "withdrawn"}
    for hub in ("RM301", "RR801"):
        offer = done.offers.get(hub__code=hub)
        assert (offer.closed_at, offer.closed_by) == (world.now, world.people["ben"])
    assert not sees(world, "mo", referral)
    assert not sees(world, "una", referral)
    assert sees(world, "cleo", referral)
    with pytest.raises(WrongState, match="already accepted by Ben Hale for Walton"):
        transitions.accept(referral.code, **world.press("mo"))


def test_an_offer_that_nobody_answered_leaves_the_patient_unplaced_and_may_still_be_accepted(
    world: World,
) -> None:
    referral = world.refers()
    done = lapses(world, referral)
    assert (done.state, offers(done)) == (State.UNPLACED, {"RET20": "lapsed"})
    assert done.events.get(number=2).by is None
    done = transitions.accept(referral.code, **world.press("ben"))
    assert (done.state, offers(done)) == (State.ACCEPTED, {"RET20": "accepted"})


def test_one_lapsed_offer_of_two_leaves_the_other_open(world: World) -> None:
    referral = world.refers("RET20", "RM301")
    assert lapses(world, referral).state == State.REFERRED
    done = transitions.decline(referral.code, reason="no_bed", **world.press("mo"))
    assert done.state == State.UNPLACED
    done = transitions.decline(referral.code, reason="no_bed", **world.press("ben"))
    assert (done.state, offers(done)) == (State.UNPLACED, {"RET20": "declined", "RM301": "declined"})


def test_nobody_but_the_clock_ends_an_unanswered_offer(world: World) -> None:
    referral = world.refers()
    with pytest.raises(NotAllowed, match="Only the clock"):
        transitions.lapse(referral.code, hub="RET20", **world.press("ada"))


def test_an_unplaced_patient_is_offered_again_also_to_a_hub_that_let_it_lapse(world: World) -> None:
    referral = world.refers()
    lapses(world, referral)
    done = transitions.re_offer(referral.code, hubs=["RET20", "RM301"], **world.press("nia"))
    assert (done.state, done.unplaced_at) == (State.REFERRED, None)
    states = sorted(done.offers.values_list("hub__code", "state"))
    assert states == [("RET20", "open"), ("RET20", "withdrawn"), ("RM301", "open")]
    assert sees(world, "mo", referral)
    assert transitions.accept(referral.code, **world.press("ben")).state == State.ACCEPTED
    assert sees(world, "ben", referral)


def test_a_hub_whose_offer_is_open_already_is_not_asked_twice(world: World) -> None:
    referral = world.refers()
    done = transitions.re_offer(referral.code, hubs=["RET20"], **world.press("ada"))
    assert done.offers.count() == 1


def test_a_hub_may_be_asked_again_after_it_declined(world: World) -> None:
    referral = world.a_referral(State.UNPLACED)
    transitions.re_offer(referral.code, hubs=["RET20"], **world.press("ada"))
    assert transitions.accept(referral.code, **world.press("cleo")).operator == world.people["cleo"]


def test_the_clock_offers_an_unanswered_patient_to_the_next_hub(world: World) -> None:
    referral = world.refers()
    hub = soonest.next_hub(referral, now=world.now)
    assert hub == world.sites["RM301"]
    press = world.press(None, via="clock")
    transitions.re_offer(referral.code, hubs=[hub.code], **press)
    assert lapses(world, referral).state == State.REFERRED
    assert offers(referral) == {"RET20": "lapsed", "RM301": "open"}


@pytest.mark.parametrize(
    ("hubs", "sentence"),
    [
        ([], "Choose at least one hub."),
        (["RBN01"], "RBN01 is not a thrombectomy hub"),
        (["XXXXX", "RET20"], "XXXXX is not a thrombectomy hub"),
        (["RBL14"], "RBL14 is not a thrombectomy hub"),
    ],
)
def test_a_hub_that_is_none_is_named(world: World, hubs: list[str], sentence: str) -> None:
    with pytest.raises(BadInput, match=sentence):
        transitions.re_offer(world.a_referral(State.UNPLACED).code, hubs=hubs, **world.press("ada"))


def test_a_withdrawn_referral_has_no_open_offer_and_its_hubs_see_it_no_more(world: World) -> None:
    referral = world.refers("RET20", "RM301")
    transitions.withdraw(referral.code, reason="improved", **world.press("ada"))
    assert offers(referral) == {"RET20": "withdrawn", "RM301": "withdrawn"}
    assert not sees(world, "ben", referral)
    with pytest.raises(WrongState, match=r"The offer of .* to Walton is withdrawn"):
        transitions.accept(referral.code, **world.press("ben"))


def test_a_provisional_acceptance_ends_with_the_referral(world: World) -> None:
    referral = world.a_referral(State.PROVISIONAL)
    done = transitions.withdraw(referral.code, reason="haemorrhage", **world.press("ada"))
    assert (done.state, offers(done)) == (State.WITHDRAWN, {"RET20": "withdrawn"})


def test_a_hub_that_was_never_asked_is_told_that_there_is_no_such_referral(world: World) -> None:
    referral = world.refers("RET20")
    for verb, said in (("accept", {}), ("ask", {"text": "?"}), ("decline", {"reason": "no_bed"})):
        with pytest.raises(NotVisible):
            verbs.do(referral.code, verb, said, by=world.people["mo"], now=world.now, via="web")


def test_an_operator_of_two_hubs_may_name_the_one_that_answers(world: World) -> None:
    referral = world.refers("RET20", "RM301")
    with pytest.raises(NotVisible):
        transitions.accept(referral.code, hub="RM301", **world.press("ben"))
    assert transitions.accept(referral.code, hub="ret20", **world.press("ben")).hub == world.sites["RET20"]
