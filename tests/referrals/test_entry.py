"""How a patient enters: referred, pre-alerted, or straight to a hub; and never twice by accident."""

from datetime import timedelta
from functools import partial
from typing import Any

import pytest

from network import permissions
from referrals import entry, queries, transitions, verbs
from referrals.entry import Entered
from referrals.models import Referral
from referrals.refusals import BadInput, NotAllowed, WrongState
from referrals.states import State
from tests.together import at_once
from tests.world import World, facts


def refer(world: World, who: str, spoke: str, *hubs: str, separate: bool = False, **changes: Any) -> Entered:
    said = facts(world.now, **changes)
    return entry.refer(
        spoke=spoke, hubs=list(hubs or ["RET20"]), said=said, separate=separate, **world.press(who)
    )


def admit(world: World, who: str = "ben", hub: str = "RET20", **changes: Any) -> Entered:
    return entry.admit(hub=hub, said=facts(world.now, **changes), **world.press(who))


def pre_alert(world: World, who: str = "ada", spoke: str = "RBL14", **changes: Any) -> Entered:
    said = {"cta_at": None, "occlusion": None, "side": None, **changes}
    return entry.pre_alert(spoke=spoke, said=facts(world.now, **said), **world.press(who))


def visible(world: World, who: str) -> set[str]:
    return {r.code for r in queries.visible(permissions.rights(world.people[who], at=world.now))}


def test_a_referral_says_what_was_typed_and_waits_for_its_hub(world: World) -> None:
    done = refer(world, "ada", "RBL14", "RET20", "RM301")
    referral = done.referral
    assert (done.joined, referral.state, referral.version) == (False, State.REFERRED, 1)
    assert (referral.nhs_number, referral.nihss, referral.occlusion) == ("9990000018", 14, "M1")
    details = referral.events.get().details
    assert details["hubs"] == ["RET20", "RM301"]
    assert set(details["judged"]) == {"RET20", "RM301"}
    assert visible(world, "ben") == visible(world, "mo") == visible(world, "nia") == {referral.code}
    assert visible(world, "wyn") == set()


def test_the_same_nhs_number_from_the_same_spoke_is_the_live_referral(world: World) -> None:
    first = refer(world, "ada", "RBL14").referral
    again = refer(world, "ada", "RBL14", nhs_number="999 000 0018")
    assert again == Entered(first, joined=True)
    assert (Referral.objects.count(), first.events.count()) == (1, 1)


def test_another_spoke_of_the_network_joins_the_live_referral_and_sees_it(world: World) -> None:
    live = refer(world, "ada", "RBL14").referral
    assert visible(world, "wyn") == set()
    done = refer(world, "wyn", "RBN01")
    assert done == Entered(live, joined=True)
    assert visible(world, "wyn") == {live.code}
    event = live.events.get(number=2)
    assert (event.verb, event.by, event.details) == ("join", world.people["wyn"], {"site": "RBN01"})
    assert transitions.withdraw(live.code, reason="improved", **world.press("wyn")).state == State.WITHDRAWN


def test_two_spokes_that_enter_one_patient_at_once_make_one_referral(open_world: World) -> None:
    outcomes = at_once(
        [
            partial(refer, open_world, "ada", "RBL14"),
            partial(refer, open_world, "wyn", "RBN01"),
            partial(pre_alert, open_world, "wyn", "RBN01"),
            partial(refer, open_world, "ada", "RBL14", "RM301"),
        ]
    )
    assert len({outcome.referral.pk for outcome in outcomes}) == 1
    referral = Referral.objects.get()
    assert referral.state == State.REFERRED
    assert set(referral.parties.values_list("site__code", flat=True)) >= {"RBL14", "RBN01"}
    assert referral.version == referral.events.count()


def test_a_different_patient_is_entered_separately_on_purpose(world: World) -> None:
    first = refer(world, "ada", "RBL14").referral
    second = refer(world, "ada", "RBL14", separate=True)
    assert not second.joined
    assert second.referral.code != first.code


def test_without_an_nhs_number_nobody_joins(world: World) -> None:
    for _ in range(2):
        assert not refer(world, "ada", "RBL14", nhs_number=None).joined
    assert Referral.objects.count() == 2


def test_a_referral_that_has_ended_is_not_joined(world: World) -> None:
    first = refer(world, "ada", "RBL14").referral
    transitions.withdraw(first.code, reason="improved", **world.press("ada"))
    second = refer(world, "ada", "RBL14")
    assert not second.joined
    assert second.referral.code != first.code


def test_another_networks_spoke_gets_a_referral_of_its_own_and_learns_nothing(world: World) -> None:
    ours = refer(world, "ada", "RBL14").referral
    theirs = refer(world, "zed", "RCB55", "RR801")
    assert not theirs.joined
    assert visible(world, "zed") == {theirs.referral.code}
    assert ours.events.count() == 1


def test_a_pre_alert_asks_nobody_until_the_cta_is_done(world: World) -> None:
    alerted = pre_alert(world).referral
    assert (alerted.state, alerted.offers.count()) == (State.PRE_ALERTED, 0)
    assert visible(world, "ben") == set()
    said = {"hubs": ["RET20"], "cta_at": world.now.isoformat(), "occlusion": "M1", "side": "left"}
    done = verbs.do(alerted.code, "refer", said, by=world.people["ada"], now=world.now, via="web")
    assert (done.state, done.nihss, done.occlusion) == (State.REFERRED, 14, "M1")
    assert visible(world, "ben") == {alerted.code}
    with pytest.raises(WrongState):
        verbs.do(alerted.code, "refer", said, by=world.people["ada"], now=world.now, via="web")


def test_a_pre_alert_that_is_referred_still_has_to_say_what_a_referral_says(world: World) -> None:
    alerted = entry.pre_alert(
        spoke="RBL14",
        said={"arrived_at": world.now.isoformat(), "callback": "0151 496 0123"},
        **world.press("ada"),
    ).referral
    with pytest.raises(BadInput) as refusal:
        verbs.do(alerted.code, "refer", {"nihss": 7}, by=world.people["ada"], now=world.now, via="web")
    assert {"hubs", "cta_at", "family_name"} <= set(refusal.value.fields)
    assert "nihss" not in refusal.value.fields


def test_the_referral_of_a_pre_alerted_patient_asks_the_hub_at_once(world: World) -> None:
    """Joining the pre-alert alone would leave the patient with nobody asked."""
    alerted = pre_alert(world).referral
    done = refer(world, "ada", "RBL14")
    assert (done.referral.pk, done.joined, done.referral.state) == (alerted.pk, False, State.REFERRED)
    assert visible(world, "ben") == {alerted.code}


def test_another_spokes_referral_of_a_pre_alerted_patient_asks_the_hub_and_keeps_the_first_door(
    world: World,
) -> None:
    alerted = pre_alert(world).referral
    world.wind(minutes=30)
    done = refer(world, "wyn", "RBN01")
    assert (done.referral.pk, done.joined, done.referral.state) == (alerted.pk, True, State.REFERRED)
    assert (done.referral.spoke, done.referral.arrived_at) == (world.sites["RBL14"], alerted.arrived_at)
    assert visible(world, "wyn") == visible(world, "ben") == {alerted.code}


def test_a_hubs_own_patient_enters_by_arriving(world: World) -> None:
    done = admit(world).referral
    assert (done.state, done.hub, done.operator) == (State.ARRIVED, world.sites["RET20"], world.people["ben"])
    assert done.hub_arrived_at == done.arrived_at == done.events.get().at
    assert done.events.get().verb == "arrive"
    with pytest.raises(WrongState, match="Ben Hale for Walton"):
        transitions.accept(done.code, **world.press("cleo"))


def test_a_hubs_own_patient_goes_home_by_the_hubs_own_hands(world: World) -> None:
    code = admit(world).referral.code
    transitions.puncture(code, **world.press("ben"))
    transitions.end_procedure(code, mtici="3", **world.press("ben"))
    transitions.amend(code, said={"nihss": 4}, **world.press("hob"))
    transitions.request_repatriation(code, **world.press("hob"))
    assert transitions.repatriate(code, **world.press("hob")).state == State.REPATRIATED


def test_the_door_of_a_hubs_own_patient_is_corrected_once(world: World) -> None:
    code = admit(world).referral.code
    arrived = world.now - timedelta(minutes=50)
    done = transitions.amend(code, said={"arrived_at": arrived.isoformat()}, **world.press("ben"))
    assert done.arrived_at == done.hub_arrived_at == arrived


@pytest.mark.parametrize(
    ("who", "hub"), [("ada", "RET20"), ("mo", "RET20"), ("zed", "RR801"), ("nia", "RET20")]
)
def test_only_the_hubs_own_people_admit(world: World, who: str, hub: str) -> None:
    with pytest.raises(NotAllowed):
        admit(world, who, hub)


def test_a_hospital_that_is_no_hub_admits_nobody_straight(world: World) -> None:
    with pytest.raises(NotAllowed):
        admit(world, "ada", "RBL14")
    with pytest.raises(BadInput) as refusal:
        admit(world, "ben", "NOWHERE")
    assert list(refusal.value.fields) == ["hub"]


@pytest.mark.parametrize(
    ("who", "spoke"), [("ada", "RBN01"), ("ben", "RBL14"), ("nia", "RBL14"), ("zed", "RBL14")]
)
def test_nobody_refers_from_a_hospital_where_they_do_not_work(world: World, who: str, spoke: str) -> None:
    with pytest.raises(NotAllowed, match="not in its team"):
        refer(world, who, spoke)
    assert not Referral.objects.exists()


@pytest.mark.parametrize("spoke", ["NOWHERE", "", "\x00", "RBL14'--"])
def test_a_hospital_that_does_not_exist_is_named(world: World, spoke: str) -> None:
    with pytest.raises(BadInput, match="There is no hospital") as refusal:
        refer(world, "ada", spoke)
    assert list(refusal.value.fields) == ["spoke"]


@pytest.mark.parametrize(
    ("hubs", "sentence"),
    [(["RBN01"], "not a thrombectomy hub"), ([], "at least one hub"), (["RBL14"], "not a thrombectomy hub")],
)
def test_a_hub_outside_the_list_is_refused_together_with_the_other_faults(
    world: World, hubs: list[str], sentence: str
) -> None:
    with pytest.raises(BadInput) as refusal:
        entry.refer(spoke="RBL14", hubs=hubs, said=facts(world.now, nihss=99), **world.press("ada"))
    assert sentence in refusal.value.fields["hubs"]
    assert "nihss" in refusal.value.fields


def test_a_hub_does_not_refer_to_itself(world: World) -> None:
    with pytest.raises(BadInput, match="Walton is where the patient already is"):
        entry.refer(
            spoke="RET20",
            hubs=["RET20"],
            said=facts(world.now),
            **world.press(_spoke_doctor_at_walton(world)),
        )


def _spoke_doctor_at_walton(world: World) -> str:
    from_walton = world.people["ada"].memberships.get()
    from_walton.pk, from_walton.site = None, world.sites["RET20"]
    from_walton.save(force_insert=True)
    return "ada"
