"""The way back on the screens, and the hand-over summary."""

from referrals import homeward
from referrals.states import State
from tests.frontend.browser import Door, act, see, text
from tests.world import World


def test_the_hub_sees_whether_a_bed_back_is_promised(world: World, door: Door) -> None:
    referral = world.a_referral(State.ACCEPTED)
    assert "Arrowe Park has not promised a bed back yet." in text(see(door("ben"), referral))
    assert act(door("ada"), referral, "promise_bed", text="HASU 3").status_code == 303
    assert "Arrowe Park has promised a bed back: HASU 3" in text(see(door("ben"), referral))


def test_a_caution_counts_down_and_says_who_says_so(world: World, door: Door) -> None:
    referral = world.a_referral(State.TREATED)
    world.wind(minutes=60)
    page = text(see(door("ben"), referral))
    assert "Better not before <b>4 h after the end of the procedure: 07:16</b>" in page
    assert "Frontiers in Stroke" in page
    homeward.find_haemorrhage(referral.code, **world.press("ben"))
    assert "24 h after a haemorrhage: Sun 04:16" in text(see(door("ben"), referral)), "tomorrow has its day"
    world.wind(hours=4)
    assert "Over: 4 h after the end of the procedure" in text(see(door("ben"), referral))


def test_the_summary_tells_the_next_team_what_was_done(world: World, door: Door) -> None:
    referral = world.a_referral(State.REPATRIATING)
    homeward.find_haemorrhage(referral.code, text="Small, no mass effect", **world.press("ben"))
    homeward.offer_bed(referral.code, text="HASU 7", **world.press("ada"))
    address = f"/r/{referral.code}/hand-over/"
    assert address in text(see(door("ada"), referral))
    for who in ("ada", "ben", "nia"):
        page = text(door(who).get(address))
        for words in (
            "CANARY-WHITLOCK, Peregrine",
            "Thrombectomy, mTICI 2b",
            "HASU 7",
            "Small, no mass effect",
            "4 h after the end of the procedure: 21 Nov 07:16",
        ):
            assert words in page
    for stranger in ("zed", "mo", "wyn"):
        assert door(stranger).get(address).status_code == 404
