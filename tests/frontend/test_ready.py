"""The hub gets ready on the screens: ticked by the hub, seen by both, with the arrival counted down."""

from referrals.states import State
from tests.frontend.browser import Door, act, see, text
from tests.world import World


def test_the_hub_ticks_and_the_spoke_sees_who_and_when(world: World, door: Door) -> None:
    referral = world.a_referral(State.ACCEPTED)
    for who in ("ada", "hob"):
        page = text(see(door(who), referral))
        assert "Walton gets ready" in page
        assert "0 of 5 ready" in page
        assert "Not left yet, 27 min by road." in page
    assert act(door("hob"), referral, "ready", item="suite").status_code == 303
    page = text(see(door("ada"), referral))
    assert "1 of 5 ready" in page
    assert "Hob Nunn, 03:11" in page
    assert f"/r/{referral.code}/not_ready/" not in page
    assert f"/r/{referral.code}/not_ready/" in text(see(door("hob"), referral))
    assert act(door("ada"), referral, "ready", item="bed").status_code == 403


def test_the_arrival_is_counted_down(world: World, door: Door) -> None:
    referral = world.a_referral(State.DEPARTED)
    world.wind(minutes=10)
    page = text(see(door("hob"), referral))
    assert "At the door in " in page
    assert "17:00" in page
    world.wind(minutes=20)
    assert "Expected since 03:40." in text(see(door("hob"), referral))


def test_where_no_hub_has_the_patient_nothing_is_made_ready(world: World, door: Door) -> None:
    for state in (State.REFERRED, State.UNPLACED, State.PUNCTURE):
        assert "gets ready" not in text(see(door("ada"), world.a_referral(state)))


def test_a_lead_writes_the_networks_list(world: World, door: Door) -> None:
    address = "/readiness/cheshire-and-merseyside/"
    assert "Angiography suite" in text(door("lea").get(address))
    saved = door("lea").post(address, {"items": "Suite two\nBed", "based_on": "0"})
    assert (saved.status_code, saved["Location"]) == (303, address)
    refused = door("nia").post(address, {"items": "Lift", "based_on": "0"})
    assert (refused.status_code, "Lift" in text(refused)) == (409, True)
    for odd in ("²", "", "one", "9" * 5000):
        assert door("lea").post(address, {"items": "Lift", "based_on": odd}).status_code == 409, odd[:5]
    assert "Suite two" in text(see(door("ada"), world.a_referral(State.ACCEPTED)))
    for stranger in ("ada", "una"):
        assert door(stranger).get(address).status_code == 404
