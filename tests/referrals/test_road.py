"""On the road: the crew's word moves the arrival, and a patient who is worse waits for the hub's answer."""

from datetime import timedelta
from typing import Any

import pytest

from referrals import road, soonest, transitions, usual, verbs
from referrals.models import Event, Offer, OfferState, Referral
from referrals.ranking import Ranked
from referrals.refusals import BadInput, NotAllowed, NotVisible, WrongState
from referrals.states import State
from tests.world import World, loses_role


def worse(world: World, state: State = State.DEPARTED, **said: Any) -> Referral:
    """A patient in this state is reported worse."""
    referral = world.a_referral(state)
    world.wind(minutes=5)
    return road.worsen(referral.code, **said, **world.press("ada"))


def instructed(world: World, referral: Referral, who: str = "ben", **said: Any) -> Referral:
    world.wind(minutes=1)
    return verbs.do(referral.code, "instruct", said, by=world.people[who], now=world.now, via="web")


def test_a_delay_is_added_to_the_drive_and_the_next_one_to_what_was_said(world: World) -> None:
    referral = world.a_referral(State.DEPARTED)
    left = referral.departed_at
    assert left
    world.wind(minutes=10)
    referral = road.delay(referral.code, minutes="15", **world.press("ada"))
    assert (referral.expected_at, referral.expected_said_at) == (left + timedelta(minutes=27 + 15), world.now)
    world.wind(minutes=1)
    referral = road.delay(referral.code, minutes="5", **world.press("ada"))
    assert referral.expected_at == left + timedelta(minutes=27 + 20)


def test_a_delay_said_after_the_time_counts_from_now(world: World) -> None:
    referral = world.a_referral(State.DEPARTED)
    world.wind(minutes=50)
    assert road.delay(referral.code, minutes="10", **world.press("ada")).expected_at == world.now + timedelta(
        minutes=10
    )


def diverted(world: World, **said: str) -> Referral:
    """Eleven minutes from Arrowe Park, on the way to Walton; Mo has agreed to take the patient at Salford."""
    referral = worse(world)
    world.wind(minutes=5)
    return instructed(world, referral, instruction="divert", to="RM301 mo", **said)


def test_after_a_diversion_nobody_knows_the_arrival_until_the_minutes_from_there_are_said(
    world: World,
) -> None:
    referral = diverted(world)
    assert road.arrival_is_unknown(referral)
    with pytest.raises(WrongState) as refusal:
        road.delay(referral.code, minutes="10", **world.press("mo"))
    assert refusal.value.code == "no_arrival", "later than what?"
    world.wind(minutes=2)
    referral = road.expect(referral.code, minutes="25", **world.press("mo"))
    assert (referral.expected_at, referral.expected_said_at) == (world.now + timedelta(minutes=25), world.now)
    said = world.now
    world.wind(minutes=1)
    referral = road.delay(referral.code, minutes="10", **world.press("mo"))
    assert referral.expected_at == said + timedelta(minutes=35)


def walton_and_salford(world: World) -> list[Ranked]:
    """The two hubs as they are ranked for another patient of Arrowe Park."""
    return [
        one.ranked for one in soonest.hubs(world.sites["RBL14"], now=world.now) if one.hub.code != "RR801"
    ]


def test_where_the_groin_is_soonest_goes_by_what_was_said_and_by_whole_journeys_alone(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(usual, "FEWEST", 1)
    coming = world.a_referral(State.DEPARTED)
    assert {one.code: one.ahead for one in walton_and_salford(world)} == {"RET20": 1, "RM301": 0}
    road.expect(coming.code, minutes="600", **world.press("ben"))
    assert {one.ahead for one in walton_and_salford(world)} == {0}
    referral = diverted(world, minutes="3")
    world.wind(minutes=3)
    transitions.arrive(referral.code, **world.press("mo"))
    assert all(one.conveyance is None for one in walton_and_salford(world)), "a part of another road"


def test_the_minutes_can_be_said_with_the_diversion(world: World) -> None:
    referral = diverted(world, minutes="18")
    assert (referral.diverted_at, referral.expected_at) == (world.now, world.now + timedelta(minutes=18))
    assert Event.objects.get(referral=referral, verb="instruct").details["to_door"] == 18


@pytest.mark.parametrize("instruction", ["continue", "critical_care", "stand_down"])
def test_only_a_diversion_has_other_minutes(world: World, instruction: str) -> None:
    referral = worse(world)
    with pytest.raises(BadInput) as refusal:
        instructed(world, referral, instruction=instruction, minutes="20")
    assert list(refusal.value.fields) == ["minutes"]


def test_whoever_is_diverted_before_they_leave_is_counted_from_the_door_out(world: World) -> None:
    referral = worse(world, State.AMBULANCE_REQUESTED)
    with pytest.raises(BadInput):
        instructed(world, referral, instruction="divert", to="RM301 mo", minutes="20")
    instructed(world, referral, instruction="divert", to="RM301 mo")
    world.wind(minutes=2)
    left = transitions.depart(referral.code, **world.press("ada"))
    assert not road.arrival_is_unknown(left)
    referral = road.delay(left.code, minutes="5", **world.press("ada"))
    assert referral.expected_at == world.now + timedelta(minutes=53 + 5), (
        "the drive from Arrowe Park to Salford"
    )


def test_a_departure_that_is_told_after_the_diversion_leaves_the_arrival_unknown(world: World) -> None:
    referral = worse(world, State.AMBULANCE_REQUESTED)
    left = world.now
    referral = instructed(world, referral, instruction="divert", to="RM301 mo")
    press = world.press("ada") | {"at": left, "now": world.now}
    assert road.arrival_is_unknown(transitions.depart(referral.code, **press))


def test_a_diversion_that_is_typed_with_the_minute_of_the_departure_was_on_the_road(world: World) -> None:
    world.wind(seconds=20)
    referral = world.a_referral(State.DEPARTED)
    minute = world.now.replace(second=0, microsecond=0)
    road.worsen(referral.code, **world.press("ada"))
    press = world.press("ben") | {"at": minute}
    assert road.arrival_is_unknown(road.instruct(referral.code, instruction="divert", to="RM301 mo", **press))


def test_a_word_that_is_older_than_the_last_one_changes_nothing(world: World) -> None:
    referral = diverted(world)
    before = world.now - timedelta(minutes=2)
    world.wind(minutes=4)
    with pytest.raises(WrongState):
        road.expect(referral.code, minutes="9", **world.press("mo") | {"at": before, "now": world.now})
    referral = road.expect(referral.code, minutes="25", **world.press("mo"))
    older = world.press("mo") | {"at": world.now - timedelta(minutes=1), "now": world.now}
    with pytest.raises(WrongState):
        road.expect(referral.code, minutes="40", **older)
    referral.refresh_from_db()
    assert referral.expected_at == world.now + timedelta(minutes=25)


def test_a_delay_from_before_the_minutes_were_said_is_not_added_to_them(world: World) -> None:
    referral = world.a_referral(State.DEPARTED)
    pressed = world.wind(minutes=5)
    world.wind(minutes=4)
    said = road.expect(referral.code, minutes="25", **world.press("ben")).expected_at
    world.wind(minutes=3)
    with pytest.raises(WrongState):
        road.delay(referral.code, minutes="10", **world.press("ada") | {"at": pressed})
    referral.refresh_from_db()
    assert referral.expected_at == said
    assert said
    later = road.delay(referral.code, minutes="10", **world.press("ada"))
    assert later.expected_at == said + timedelta(minutes=10)


@pytest.mark.parametrize("minutes", ["0", "601", "-5", "ten", "", "1e2"])
def test_a_delay_is_a_number_of_minutes(world: World, minutes: str) -> None:
    referral = world.a_referral(State.DEPARTED)
    with pytest.raises(BadInput):
        verbs.do(
            referral.code, "delay", {"minutes": minutes}, by=world.people["ada"], now=world.now, via="web"
        )


def test_the_crew_is_not_with_the_patient_before_it_was_asked_for(world: World) -> None:
    referral = world.a_referral(State.AMBULANCE_REQUESTED)
    press = world.press("ada") | {"at": world.now - timedelta(minutes=5)}
    with pytest.raises(BadInput):
        road.crew_at_spoke(referral.code, **press)
    assert road.crew_at_spoke(referral.code, **world.press("ada")).crew_at_spoke_at == world.now
    with pytest.raises(WrongState):
        road.crew_at_spoke(referral.code, **world.press("ada"))


@pytest.mark.parametrize("state", [State.ACCEPTED, State.AMBULANCE_REQUESTED, State.DEPARTED])
def test_whoever_is_worse_waits_for_the_hub_wherever_they_are_on_the_way(world: World, state: State) -> None:
    referral = worse(world, state, gcs="9", systolic="210", nihss="20", text="Vomiting")
    assert (referral.state, road.waits_for_hub(referral)) == (state, True)
    details = Event.objects.get(referral=referral, verb="worsen").details
    assert details == {"gcs": 9, "systolic": 210, "nihss": 20, "text": "Vomiting"}
    assert referral.nihss == 14, "what was found on the road is not the spoke's finding"


@pytest.mark.parametrize(
    ("field", "value"), [("gcs", "2"), ("gcs", "16"), ("systolic", "29"), ("nihss", "43")]
)
def test_what_cannot_be_measured_is_refused(world: World, field: str, value: str) -> None:
    found: dict[str, Any] = {field: value}
    with pytest.raises(BadInput) as refusal:
        worse(world, **found)
    assert list(refusal.value.fields) == [field]


def test_the_hub_tells_the_crew_to_go_on_and_a_new_report_waits_anew(world: World) -> None:
    referral = instructed(world, worse(world), instruction="continue", text="Nurse gives labetalol")
    assert (referral.state, referral.instruction, road.waits_for_hub(referral)) == (
        State.DEPARTED,
        "continue",
        False,
    )
    with pytest.raises(WrongState):
        instructed(world, referral, instruction="critical_care")
    assert road.waits_for_hub(road.worsen(referral.code, **world.press("ada")))


@pytest.mark.parametrize(("who", "refusal"), [("ada", NotAllowed), ("nia", NotAllowed), ("mo", NotVisible)])
def test_only_the_hub_that_has_the_patient_answers_the_crew(world: World, who: str, refusal: Any) -> None:
    with pytest.raises(refusal):
        instructed(world, worse(world), who, instruction="continue")


def test_the_hub_stands_the_transfer_down_in_the_same_answer(world: World) -> None:
    referral = instructed(world, worse(world), instruction="stand_down")
    assert (referral.state, referral.end_reason) == (State.STOOD_DOWN, "worse")
    event = Event.objects.get(referral=referral, verb="instruct")
    assert (event.before, event.after) == (State.DEPARTED, State.STOOD_DOWN)


def test_a_diverted_patient_is_the_other_hubs_with_whoever_agreed_there(world: World) -> None:
    before = road.delay(worse(world).code, minutes="20", **world.press("ada"))
    referral = instructed(world, before, instruction="divert", to="RM301 mo")
    assert (referral.state, str(referral.hub), str(referral.operator)) == (
        State.DEPARTED,
        "Salford",
        "Mo Idris",
    )
    assert referral.expected_at is None, "the way is another one"
    offers = dict(Offer.objects.filter(referral=referral).values_list("hub__code", "state"))
    assert offers == {"RET20": OfferState.WITHDRAWN, "RM301": OfferState.ACCEPTED}
    told = Event.objects.get(referral=referral, verb="instruct").details
    assert list(told.pop("judged")) == ["RM301"]
    assert told == {
        "instruction": "divert",
        "hub": "RM301",
        "agreed_with": "Mo Idris",
        "seat": "operator",
        "owner": "Mo Idris",
        "owner_id": world.people["mo"].pk,
    }
    with pytest.raises(NotVisible):
        transitions.arrive(referral.code, **world.press("ben"))
    assert transitions.arrive(referral.code, **world.press("mo")).state == State.ARRIVED


def test_nobody_is_diverted_to_somebody_who_is_no_operator_there_any_more(world: World) -> None:
    referral = worse(world)
    hubs = [world.sites["RM301"], world.sites["RR801"]]
    assert [held.person.username for held in road.who_may_agree(hubs, at=world.now)] == ["mo", "yan"]
    loses_role(world, "mo")
    assert [held.person.username for held in road.who_may_agree(hubs, at=world.now)] == ["yan"]
    with pytest.raises(BadInput):
        instructed(world, referral, instruction="divert", to="RM301 mo")


@pytest.mark.parametrize(
    "to", ["", "RM301", "RM301 nobody", "RM301 ben", "RET20 cleo", "RBN01 wyn", "RM301 dev"]
)
def test_nobody_is_diverted_without_an_independent_operator_there_who_agreed(world: World, to: str) -> None:
    referral = worse(world)
    with pytest.raises(BadInput):
        instructed(world, referral, instruction="divert", to=to)
    referral.refresh_from_db()
    assert road.waits_for_hub(referral)
