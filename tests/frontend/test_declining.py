"""Declining on the screens: the next hub is offered where the network allows it, and a second opinion says of what."""

from network.models import Network
from referrals import transitions
from tests.frontend.browser import Door, act, see, text
from tests.world import World


def test_the_next_hub_is_named_where_the_network_hands_on(world: World, door: Door) -> None:
    referral = world.refers()
    page = f"/r/{referral.code}/answer/"
    assert "Yes, Salford at once" not in text(door("ben").get(page))
    Network.objects.update(offers_next_hub=True)
    assert "Yes, Salford at once" in text(door("ben").get(page))
    pressed = act(door("ben"), referral, "decline", hub="RET20", reason="no_suite", onward="yes")
    assert pressed.status_code == 303
    assert "Arrowe Park → Salford" in text(see(door("ada"), referral))


def test_whoever_is_asked_for_a_second_opinion_reads_who_declined_and_why(world: World, door: Door) -> None:
    referral = world.refers()
    assert "Ask for a second opinion" not in text(see(door("ada"), referral))
    transitions.decline(
        referral.code, reason="outside_criteria", clause="core", hub="RET20", **world.press("ben")
    )
    assert "Ask for a second opinion" in text(see(door("ada"), referral))
    asked = act(door("ada"), referral, "second_opinion", hubs=["RM301"], text="ASPECTS 5, but a young brain?")
    assert asked.status_code == 303
    page = text(door("mo").get(f"/r/{referral.code}/answer/"))
    assert "declined by Walton · Outside our criteria · Infarct core or ASPECTS" in page
    assert "Ada Okoro asks: “ASPECTS 5, but a young brain?”" in page
