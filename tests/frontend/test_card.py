"""The card for the day the computers are down: who is on, with their numbers, for those who work in that network."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from network import sites
from network.models import Link, Person, PhoneTrouble, Site
from tests import world as worlds
from tests.frontend.browser import Door, text
from tests.frontend.ladder_desk import fill_the_rota, said, save, step
from tests.world import LONG_AGO, World
from workforce import phases, rota
from workforce.models import Duty, Phase, Shift, Specialty

CARD = "/on-call/card/"
QUERIES = 11


def card(door: Door, who: str = "nia", asked: str = "") -> Any:
    response = door(who).get(CARD + asked)
    assert response.status_code == 200
    return response


def words(response: Any) -> str:
    """The sheets as they are read on paper."""
    main = re.search(r"<main>(.*)</main>", text(response))
    assert main
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", main[1]))


@pytest.mark.parametrize("who", ["ada", "wyn", "ben", "dev", "hob", "nia", "lea"])
def test_everybody_of_the_network_has_the_card_with_numbers(world: World, door: Door, who: str) -> None:
    for asked in ("", "?hub=RET20", "?hub=ret20", "?network=cheshire-and-merseyside"):
        paper = words(card(door, who, asked))
        assert "The Walton Centre, Liverpool" in paper
        assert "0151 496 0100" in paper
        assert "Ben Hale 07700 900102" in paper
        assert "Leeds" not in paper


@pytest.mark.parametrize("who", ["zed", "yan", "una", "mo"])
@pytest.mark.parametrize("asked", ["?hub=RET20", "?network=cheshire-and-merseyside"])
def test_nobody_else_has_it(world: World, door: Door, who: str, asked: str) -> None:
    assert door(who).get(CARD + asked).status_code == 404


@pytest.mark.parametrize("asked", ["?hub=RBL14", "?hub=NONE", "?network=none", "?network=%00"])
def test_what_is_no_hub_has_no_card(world: World, door: Door, asked: str) -> None:
    assert door("nia").get(CARD + asked).status_code == 404


def test_whose_role_has_ended_has_none(world: World, door: Door) -> None:
    worlds.loses_role(world, "ada")
    assert door("ada").get(CARD).status_code == 404


def test_it_is_for_people_who_have_signed_in_and_no_browser_keeps_it(
    world: World, door: Door, client: Any
) -> None:
    assert client.get(CARD)["Location"].startswith("/sign-in/")
    assert "no-store" in card(door)["Cache-Control"]
    assert "private" in card(door)["Cache-Control"]


def test_tonight_and_the_days_after_it_name_who_is_on_which_duty(world: World, door: Door) -> None:
    paper = words(card(door))
    assert (
        "Sat 21 Nov 03:10 to Sat 08:00 First on call Ben Hale 07700 900102 "
        "Second on call Cleo Marsh 07700 900103 Supervisor Sam Quist 07700 900106"
    ) in paper
    assert "Sat 21 Nov 08:00–03:10 Ben Hale 07700 900102 Cleo Marsh 07700 900103" in paper
    assert "Mon 23 Nov 03:10–08:00 Nobody – –" in paper
    assert "Valid until Sat 28 Nov 2026 08:00 at the latest" in paper
    assert "Printed Sat 21 Nov 2026 03:10 by Nia Bevan." in paper


def test_by_day_now_comes_before_tonight(world: World, door: Door) -> None:
    world.now = datetime(2026, 11, 21, 14, 0, tzinfo=UTC)
    Shift.objects.filter(hub=world.sites["RET20"], duty=Duty.FIRST).delete()
    evening = datetime(2026, 11, 21, 20, 0, tzinfo=UTC)
    hub, morning = world.sites["RET20"], evening + timedelta(hours=12)
    rota.put(hub, Duty.FIRST, world.people["ben"], start=evening - timedelta(hours=12), end=evening)
    rota.put(hub, Duty.FIRST, world.people["ivy"], start=evening, end=morning)
    paper = words(card(door))
    assert "Now and tonight Sat 21 Nov 14:00 to Sat 20:00 First on call Ben Hale" in paper
    assert "Sat 21 Nov 20:00 to Sun 08:00 First on call Ivy Lowe" in paper
    assert (
        "After that, for 7 days When First on call Second on call Supervisor Sun 22 Nov 08:00–03:10 Nobody"
        in paper
    )


def test_it_says_what_to_do_when_nobody_answers(world: World, door: Door) -> None:
    paper = words(card(door))
    assert (
        "Nobody answers within 5 minutes: ring the next hub Salford Royal Hospital 0151 496 0100 44 min"
        in paper
    )
    sites.set_phone(world.sites["RM301"], "")
    assert "Salford Royal Hospital no number known" in words(card(door))
    assert "No other hub is linked." in words(card(door, "una"))


def test_the_three_nearest_other_hubs_are_enough(world: World, door: Door) -> None:
    for code, minutes in (("RR801", 70), ("RBL14", 10), ("RBN01", 50)):
        Link.objects.create(origin=world.sites["RET20"], hub=world.sites[code], minutes=minutes)
    found = re.findall(r"(\d+) min by road", words(card(door)))
    assert found == ["10", "44", "50"]


def test_the_ladder_is_the_order_in_which_to_ring(world: World, door: Door) -> None:
    assert (
        "Ring in this order At once: First on call After 3 min: Second on call and the supervisor "
        "After 5 min: Everyone who can operate there and the coordinator"
    ) in words(card(door))
    fill_the_rota(world)
    save(door("nia"), **said(step("0", ["second"], ["sms"]), step("95", ["second", "lead"], ["voice"])))
    paper = words(card(door, "ada"))
    assert "At once: Second on call After 1 min 35 s: The network&#x27;s lead" in paper


def test_those_who_decide_and_all_who_can_operate_are_named(world: World, door: Door) -> None:
    paper = words(card(door))
    assert "Coordinator: Nia Bevan 07700 900109 Network lead: Lea Frost 07700 900110" in paper
    everyone = paper.split("Everyone who can operate there")[-1]
    assert re.findall(r"[A-Z]\w+ [A-Z]\w+", everyone) == [
        "Ben Hale",
        "Cleo Marsh",
        "Dev Rao",
        "Ivy Lowe",
        "Sam Quist",
    ]


def test_a_number_that_does_not_work_says_so(world: World, door: Door) -> None:
    Person.objects.filter(username="ben").update(phone_trouble=PhoneTrouble.UNKNOWN)
    Person.objects.filter(username="sam").update(phone="")
    paper = words(card(door))
    assert "Ben Hale 07700 900102 their phone is no number in use" in paper
    assert "Sam Quist no number has no phone number" in paper


def test_a_hub_without_a_rota_sends_to_the_switchboard(world: World, door: Door) -> None:
    Shift.objects.filter(hub=world.sites["RET20"]).delete()
    Site.objects.filter(code="RET20").update(phone="")
    paper = words(card(door))
    assert "Dido does not know who is on call at Walton. Ring the hospital’s switchboard." in paper
    assert "First on call Nobody" in paper
    assert "No number known" in paper


def test_each_hub_of_a_network_is_on_a_sheet_of_its_own(world: World, door: Door) -> None:
    Site.objects.filter(code="RBN01").update(is_hub=True)
    page = text(card(door))
    assert page.count('<article class="sheet"') == 2
    assert text(card(door, asked="?hub=RBN01")).count('<article class="sheet"') == 1
    assert ">Cards to print</a>" in text(door("nia").get("/on-call/"))


def test_it_is_linked_from_who_is_on_for_ones_own_network_only(world: World, door: Door) -> None:
    page = text(door("ada").get("/on-call/"))
    assert re.findall(r'href="/on-call/card/\?hub=(\w+)"', page) == ["RET20"]
    assert "Cards to print" not in page


def test_the_card_has_nothing_of_the_screen_around_it(world: World, door: Door) -> None:
    page = text(card(door))
    assert 'class="bar"' not in page
    assert 'content="light only"' in page
    assert "base.css" not in page


def test_the_card_costs_the_same_for_a_long_rota_and_a_large_team(
    world: World, door: Door, django_assert_num_queries: Any
) -> None:
    browser = door("nia")
    with django_assert_num_queries(QUERIES):
        browser.get(CARD)
    for day in range(2, 9):
        start = world.now + timedelta(days=day)
        rota.put(
            world.sites["RET20"], Duty.FIRST, world.people["ivy"], start=start, end=start + timedelta(hours=9)
        )
    for who in ("ada", "wyn", "mo"):
        phases.authorise(
            world.people[who],
            world.sites["RET20"],
            specialty=Specialty.IR,
            phase=Phase.INDEPENDENT,
            at=LONG_AGO,
        )
    with django_assert_num_queries(QUERIES):
        browser.get(CARD)
