"""The siren: which board sounds for which card, when it stops, and who may say that a board sounds."""

import json
import re
from typing import Any

import pytest
from django.test import Client

from frontend import cards, present
from frontend.present import Card
from network import people
from network.models import Role
from paging import alarms, queries, routes
from paging.models import Fate, Page
from paging.transports.siren import Siren
from referrals import remarks, transitions
from referrals.models import Referral
from referrals.states import State
from tests.frontend.browser import Door, Phones, tick
from tests.world import LONG_AGO, World

SPOKE, HUB, OTHER_HUB = "site:RBL14", "site:RET20", "site:RM301"
NETWORK, THEIRS = "network:cheshire-and-merseyside", "network:greater-manchester"


@pytest.fixture
def phones() -> Phones:
    """Texts, calls, and the siren of the boards."""
    made = Phones()
    made.routes = routes.only(made, Phones("voice"), Siren())
    return made


def card(world: World, referral: Referral, stream: str) -> Card:
    return next(one for one in cards.of_stream(stream, now=world.now) if one.code == referral.code)


def sounding(world: World, referral: Referral, *streams: str) -> set[str]:
    """Those of these streams whose boards sound for the referral."""
    return {stream for stream in streams if card(world, referral, stream).siren}


def climbed(world: World, phones: Phones, *seconds: int) -> None:
    for after in seconds:
        tick(world, phones, after=after)


def says(client: Client, *pages: Any) -> Any:
    return client.post("/siren/", json.dumps({"pages": list(pages)}), content_type="application/json")


def siren_page() -> Page:
    return Page.objects.filter(channel="siren").latest("pk")


def test_the_boards_of_the_hub_that_does_not_answer_sound(world: World, phones: Phones) -> None:
    referral = world.refers("RET20", "RM301")
    climbed(world, phones, 0)
    assert sounding(world, referral, SPOKE, HUB, OTHER_HUB, NETWORK) == set()
    remarks.seen(referral.code, hub="RM301", **world.press("mo"))
    climbed(world, phones, 1, 89)
    assert sounding(world, referral, SPOKE, HUB, OTHER_HUB, NETWORK) == {HUB}


def test_the_coordinators_boards_sound_once_the_spoke_is_told_to_ring(world: World, phones: Phones) -> None:
    referral = world.refers("RM301")
    climbed(world, phones, 0, 90)
    assert sounding(world, referral, SPOKE, OTHER_HUB, NETWORK, THEIRS) == {OTHER_HUB}
    climbed(world, phones, 90)
    assert sounding(world, referral, SPOKE, OTHER_HUB, NETWORK, THEIRS) == {OTHER_HUB, NETWORK, THEIRS}


def test_the_boards_of_the_spoke_and_of_its_coordinators_sound_when_no_hub_has_the_patient(
    world: World, phones: Phones
) -> None:
    referral = world.a_referral(State.UNPLACED)
    climbed(world, phones, 0)
    assert sounding(world, referral, SPOKE, NETWORK) == {SPOKE, NETWORK}


def test_a_board_knows_since_when_and_for_which_pages_it_sounds(world: World, phones: Phones) -> None:
    referral = world.refers()
    climbed(world, phones, 0, 90, 90)
    shown = card(world, referral, HUB).siren
    assert shown
    first, second = Page.objects.filter(channel="siren").order_by("pk")
    assert (shown.pages, shown.hour) == (f"{first.pk} {second.pk}", "03:11:30")


def test_the_card_of_a_board_carries_it_and_no_fact_with_it(world: World, door: Door, phones: Phones) -> None:
    referral = world.refers()
    climbed(world, phones, 0, 90)
    page = siren_page()
    for address in (f"/board/{HUB}/", f"/wall/{HUB}/"):
        html = door("ben").get(address).content.decode()
        assert f'data-siren="{page.pk}" data-siren-since="2026-11-21T03:11:30.000Z"' in html
        assert "Siren since 03:11:30" in html
    assert "data-siren=" not in door("ada").get(f"/board/{SPOKE}/").content.decode()
    assert f'id="card-{referral.code}"' in door("ada").get(f"/board/{SPOKE}/").content.decode()


STOPS = {
    "answered": lambda world, code: transitions.accept(code, **world.press("ben")),
    "declined": lambda world, code: transitions.decline(code, reason="no_bed", **world.press("ben")),
    "held": lambda world, code: remarks.seen(code, **world.press("ben")),
    "withdrawn": lambda world, code: transitions.withdraw(code, reason="improved", **world.press("ada")),
}


@pytest.mark.parametrize("how", STOPS)
def test_it_stops_at_once_when(world: World, phones: Phones, how: str) -> None:
    referral = world.refers("RET20", "RM301")
    climbed(world, phones, 0, 90)
    assert card(world, referral, HUB).siren
    STOPS[how](world, referral.code)
    if how == "held":
        climbed(world, phones, 1)  # the others need no pager
    shown = [one for one in cards.of_stream(HUB, now=world.now) if one.code == referral.code]
    assert [one.siren for one in shown if one.siren] == []


def test_it_sounds_again_when_the_look_is_over(world: World, phones: Phones) -> None:
    referral = world.refers()
    climbed(world, phones, 0, 90)
    remarks.seen(referral.code, **world.press("ben"))
    climbed(world, phones, 1, 118)
    assert card(world, referral, HUB).siren is None
    climbed(world, phones, 2)
    assert card(world, referral, HUB).siren


def test_a_taken_alarm_is_silent_until_it_rings_again(world: World, phones: Phones) -> None:
    referral = world.a_referral(State.UNPLACED)
    climbed(world, phones, 0, 60, 60)
    [climb] = queries.climbs([referral], open_only=True)[referral.pk]
    alarms.take(climb.id, **world.press("nia"))
    assert sounding(world, referral, SPOKE, NETWORK) == set()
    climbed(world, phones, 600)
    assert sounding(world, referral, SPOKE, NETWORK) == {SPOKE, NETWORK}


def test_a_board_that_sounds_says_so(world: World, door: Door, phones: Phones) -> None:
    world.refers()
    climbed(world, phones, 0, 90)
    page = siren_page()
    assert says(door("hob"), page.pk).status_code == 204
    page.refresh_from_db()
    assert page.fate == Fate.DELIVERED


@pytest.mark.parametrize("username", ["ada", "mo", "nia", "lea", "zed"])
def test_another_hospital_s_board_is_not_believed(
    world: World, door: Door, phones: Phones, username: str
) -> None:
    world.refers("RET20", "RM301")
    climbed(world, phones, 0)
    remarks.seen(Referral.objects.get().code, hub="RM301", **world.press("mo"))
    climbed(world, phones, 1, 89)
    page = siren_page()
    response = says(door(username), page.pk)
    assert response.status_code == 404
    assert response.json() == {"error": "No siren of your boards is among these."}
    page.refresh_from_db()
    assert page.fate == Fate.SENT


def test_the_spoke_s_boards_are_believed_where_they_are_the_ones_that_sound(
    world: World, door: Door, phones: Phones
) -> None:
    world.a_referral(State.UNPLACED)
    climbed(world, phones, 0)
    assert says(door("wyn"), siren_page().pk).status_code == 404
    assert says(door("ada"), siren_page().pk).status_code == 204


def test_a_page_that_is_no_siren_cannot_be_said_to_sound(world: World, door: Door, phones: Phones) -> None:
    world.refers()
    climbed(world, phones, 0)
    text = Page.objects.get()
    assert says(door("ben"), text.pk).status_code == 404
    text.refresh_from_db()
    assert text.fate == Fate.SENT


def test_somebody_signed_out_cannot_say_it(world: World, phones: Phones) -> None:
    world.refers()
    climbed(world, phones, 0, 90)
    assert says(Client(), siren_page().pk).status_code == 403
    assert siren_page().fate == Fate.SENT


def test_a_page_of_another_site_cannot_make_a_board_say_it(world: World, phones: Phones) -> None:
    world.refers()
    climbed(world, phones, 0, 90)
    client = Client(enforce_csrf_checks=True)
    client.force_login(world.people["ben"])
    assert says(client, siren_page().pk).status_code == 403
    assert siren_page().fate == Fate.SENT


@pytest.mark.parametrize(
    "body",
    [
        "", "[]", "{}", '{"pages": []}', '{"pages": 3}', '{"pages": ["3"]}', '{"pages": [true]}',
        '{"pages": [0]}', '{"pages": [9223372036854775808]}', '{"pages": [1.5]}', "[" * 4000,
        json.dumps({"pages": list(range(1, 52))}),
    ],
)  # fmt: skip
def test_what_cannot_be_read_changes_nothing(world: World, door: Door, body: str) -> None:
    response = door("ben").post("/siren/", body, content_type="application/json")
    assert response.status_code == 422


def test_the_address_cannot_be_opened(world: World, door: Door) -> None:
    assert door("ben").get("/siren/").status_code == 405


def test_a_network_s_board_tells_nobody_that_it_sounds(world: World, door: Door) -> None:
    people.grant(world.people["nia"], Role.HUB, at=LONG_AGO, site=world.sites["RET20"])
    client = door("nia")
    assert "data-tell" not in client.get(f"/board/{NETWORK}/").content.decode()
    assert 'data-tell="/siren/"' in client.get(f"/board/{HUB}/").content.decode()
    assert 'data-tell="/siren/"' in client.get(f"/wall/{HUB}/").content.decode()


@pytest.mark.parametrize("address", ["/board/{}/", "/wall/{}/"])
def test_every_board_has_a_switch_for_its_sound_that_says_how_it_stands(
    world: World, door: Door, address: str
) -> None:
    page = door("ben").get(address.format(HUB)).content.decode()
    assert re.search(
        r'<button type="button" class="sound" role="switch" aria-checked="false" data-sound', page
    )


RINGS = {SPOKE: True, NETWORK: True, HUB: False}


@pytest.mark.parametrize("stream", RINGS)
def test_phone_now_is_the_first_thing_on_the_card_for_those_who_ring(
    world: World, phones: Phones, stream: str
) -> None:
    referral = world.refers()
    climbed(world, phones, 0, 90, 90)
    assert card(world, referral, stream).rings == ()
    climbed(world, phones, 120)
    shown = card(world, referral, stream)
    words = "".join(piece.text for piece in shown.waits)
    assert bool(shown.rings) is RINGS[stream]
    assert words.startswith("Arrowe Park is told to ring.") is not RINGS[stream]


def test_the_number_can_be_pressed_on_a_board_and_only_read_on_the_wall(
    world: World, door: Door, phones: Phones
) -> None:
    world.refers()
    climbed(world, phones, 0, 90, 90, 120)
    html = door("ada").get(f"/board/{SPOKE}/").content.decode()
    number = '<a class="number" href="tel:+441514960100">0151 496 0100</a>'
    assert f'<p class="ring"><b>Ring Walton now</b> {number}</p>' in html
    wall = door("ada").get(f"/wall/{SPOKE}/").content.decode()
    assert '<b>Ring Walton now</b> <span class="number">0151 496 0100</span>' in wall
    assert "tel:" not in wall
    assert "76 F" not in wall


def test_a_hub_without_a_number_is_rung_by_its_switchboard(world: World, phones: Phones, door: Door) -> None:
    world.sites["RET20"].phone = ""
    world.sites["RET20"].save()
    world.refers()
    climbed(world, phones, 0, 90, 90, 120)
    assert (
        "<b>Ring Walton now</b> <span>by its switchboard</span>"
        in door("ada").get(f"/board/{SPOKE}/").content.decode()
    )


def test_nobody_is_told_to_ring_once_somebody_deals_with_it(world: World, phones: Phones) -> None:
    referral = world.a_referral(State.PROVISIONAL)
    climbed(world, phones, 0, 60, 120)
    assert [one.hub for one in card(world, referral, SPOKE).rings] == ["Walton"]
    [climb] = queries.climbs([referral], open_only=True)[referral.pk]
    alarms.take(climb.id, **world.press("nia"))
    assert card(world, referral, SPOKE).rings == ()


def test_a_card_of_no_board_has_neither_siren_nor_number(world: World, phones: Phones) -> None:
    world.refers()
    climbed(world, phones, 0, 90, 90, 120)
    [one] = present.cards(Referral.objects.all(), now=world.now)
    assert (one.rings, one.siren) == ((), None)
