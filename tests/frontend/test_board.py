"""The board: each person's own patients, in few queries, from a position on which the feed goes on without a gap."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from network import people
from network.models import Person, Role
from paging.models import Beat
from realtime.models import Stream
from referrals import transitions
from referrals.states import State
from tests.world import LONG_AGO, NIGHT, World

OURS = "network:cheshire-and-merseyside"


@pytest.fixture(autouse=True)
def clock(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The screens' clock is the world's."""
    monkeypatch.setattr("django.utils.timezone.now", lambda: world.now)


def signed_in(world: World, username: str) -> Client:
    client = Client()
    client.force_login(world.people[username])
    return client


def text(response: Any) -> str:
    return response.content.decode()


def codes(response: Any) -> list[str]:
    return re.findall(r'id="card-(\w+)"', text(response))


def test_somebody_signed_out_is_sent_to_the_sign_in(world: World, client: Client) -> None:
    assert client.get("/").headers["Location"] == reverse("sign-in")
    assert client.get("/board/").headers["Location"].startswith(reverse("sign-in"))


def test_somebody_signed_in_is_sent_to_the_board(world: World) -> None:
    assert signed_in(world, "ada").get("/").headers["Location"] == reverse("board")


@pytest.mark.parametrize(
    ("username", "place"),
    [
        ("ada", "Arrowe Park Hospital, Wirral"),
        ("ben", "The Walton Centre, Liverpool"),
        ("nia", "Cheshire And Merseyside"),
    ],
)
def test_each_person_comes_to_the_board_of_their_place(world: World, username: str, place: str) -> None:
    assert f'<span class="place">{place}</span>' in text(signed_in(world, username).get("/board/"))


def test_a_coordinator_of_a_hub_comes_to_the_network_and_may_switch(world: World) -> None:
    people.grant(world.people["nia"], Role.HUB, at=LONG_AGO, site=world.sites["RET20"])
    page = text(signed_in(world, "nia").get("/board/"))
    assert f'data-stream="{OURS}"' in page
    assert reverse("board-of", args=["site:RET20"]) in page


@pytest.mark.parametrize(
    "key", ["site:RET20", "network:west-yorkshire-and-harrogate", "site:NONE", "nonsense"]
)
def test_a_board_that_is_not_yours_is_not_there(world: World, key: str) -> None:
    client = signed_in(world, "ada")
    for name in ("board-of", "board-lanes", "wall"):
        assert client.get(reverse(name, args=[key])).status_code == 404


def test_somebody_without_a_role_is_told_why_there_is_no_board(world: World) -> None:
    client = Client()
    client.force_login(Person.objects.create_user("new", name="New Body"))
    assert "You have no board yet" in text(client.get("/board/"))


def test_a_board_shows_the_patients_of_its_stream_and_no_others(world: World) -> None:
    ours = world.refers("RM301")
    theirs = world.refers("RET20", by="wyn", spoke="RBN01")
    assert codes(signed_in(world, "ada").get("/board/")) == [ours.code]
    assert codes(signed_in(world, "ben").get("/board/")) == [theirs.code]
    assert set(codes(signed_in(world, "nia").get("/board/"))) == {ours.code, theirs.code}
    assert codes(signed_in(world, "zed").get("/board/")) == []


def test_every_state_has_its_place_on_the_board(world: World) -> None:
    all_codes = {world.a_referral(state).code for state in set(State) - {State.NEW}}
    assert set(codes(signed_in(world, "nia").get("/board/"))) == all_codes


def test_the_page_carries_the_position_from_which_the_feed_goes_on(world: World) -> None:
    world.a_referral(State.ACCEPTED)
    stream = Stream.objects.get(key="site:RBL14")
    for address in ("/board/", "/board/site:RBL14/lanes/", "/wall/site:RBL14/"):
        page = text(signed_in(world, "ada").get(address))
        assert f'data-stream="site:RBL14" data-since="{stream.head}" data-epoch="{stream.epoch}"' in page


def test_a_board_costs_the_same_number_of_queries_however_many_patients_it_has(world: World) -> None:
    client = signed_in(world, "nia")

    def cost() -> int:
        with CaptureQueriesContext(connection) as caught:
            client.get("/board/")
        return len(caught)

    world.refers("RET20", "RM301")
    world.a_referral(State.DEPARTED)
    client.get("/board/")
    few = cost()
    for _ in range(4):
        world.refers("RET20", "RM301")
        world.a_referral(State.DEPARTED)
        world.a_referral(State.TREATED)
    assert cost() == few


def test_the_counts_are_a_sentence(world: World) -> None:
    client = signed_in(world, "nia")
    assert "No patient" in text(client.get("/board/"))
    world.refers()
    assert "1 patient, 1 waiting for an answer" in text(client.get("/board/"))
    world.a_referral(State.ACCEPTED)
    world.a_referral(State.WITHDRAWN)
    assert "2 patients, 1 waiting for an answer" in text(client.get("/board/"))


def test_the_hubs_say_who_is_on_call_and_where_nobody_is(world: World) -> None:
    client = signed_in(world, "nia")
    page = text(client.get("/board/"))
    assert "<b>Walton</b> <span>Ben Hale, Cleo Marsh (second on call), Sam Quist (supervisor)</span>" in page
    world.wind(days=3)
    client = signed_in(world, "nia")
    assert '<b>Walton</b> <span class="late">nobody on call</span>' in text(client.get("/board/"))


def test_a_hub_that_was_asked_is_shown_though_it_is_of_another_network(world: World) -> None:
    client = signed_in(world, "nia")
    assert "Salford" not in text(client.get("/board/"))
    world.refers("RM301")
    assert "<b>Salford</b> <span>Mo Idris</span>" in text(client.get("/board/"))


def test_the_wall_has_no_fact_of_a_patient_and_nothing_to_press_but_the_sound(world: World) -> None:
    referral = world.refers()
    page = text(signed_in(world, "nia").get(f"/wall/{OURS}/"))
    assert referral.code in page
    assert "NIHSS" not in page
    assert "76 F" not in page
    for nothing in ("<form", "<nav", f'href="/r/{referral.code}/"'):
        assert nothing not in page
    assert re.findall(r"<button[^>]*?data-([a-z-]+) hidden", page) == [
        "siren-on", "siren-silence", "siren-again", "sound",
    ]  # fmt: skip
    assert page.count("<button") == 4
    assert "NIHSS" not in text(signed_in(world, "nia").get(f"/board/{OURS}/lanes/?wall=1"))


def test_the_fragment_is_the_board_without_the_page(world: World) -> None:
    referral = world.refers()
    response = signed_in(world, "ada").get("/board/site:RBL14/lanes/")
    assert codes(response) == [referral.code]
    assert "<html" not in text(response)


def test_a_silent_pager_is_said_in_red(world: World) -> None:
    client = signed_in(world, "ada")
    assert "the pager has not started." in text(client.get("/board/"))
    beat = Beat.objects.create(pager="one", ticked_at=NIGHT - timedelta(seconds=10), took=0.1)
    assert "Nobody is being paged" not in text(client.get("/board/"))
    beat.ticked_at = NIGHT - timedelta(seconds=16)
    beat.save()
    assert "the pager has not worked since 03:09:44." in text(client.get("/board/"))


def test_no_page_holds_a_style_or_a_script_of_its_own(world: World) -> None:
    referral = world.refers()
    pages = [
        signed_in(world, "nia").get("/board/"),
        signed_in(world, "nia").get(f"/wall/{OURS}/"),
        signed_in(world, "ada").get(f"/r/{referral.code}/"),
        signed_in(world, "ben").get(f"/r/{referral.code}/answer/"),
        signed_in(world, "ben").get("/nowhere/"),
    ]
    for page in map(text, pages):
        assert not re.search(r"<style|\sstyle=|\son\w+=|<script(?![^>]*\ssrc=)", page)


def test_what_the_board_shows_is_gone_from_a_hub_whose_offer_was_withdrawn(world: World) -> None:
    referral = world.refers("RET20", "RM301")
    assert codes(signed_in(world, "mo").get("/board/")) == [referral.code]
    transitions.accept(referral.code, **world.press("ben"))
    assert codes(signed_in(world, "mo").get("/board/")) == []


@pytest.mark.parametrize("address", ["/board/", "/board/site:RBL14/lanes/", "/wall/site:RBL14/"])
def test_a_board_cannot_be_posted_to(world: World, address: str) -> None:
    assert signed_in(world, "ada").post(address).status_code == 405
