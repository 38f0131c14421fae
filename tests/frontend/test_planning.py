"""The planning page: the published figures, anybody's numbers, the network's own gaps, and who may look."""

import re
from datetime import timedelta

import pytest

from network.models import Person
from tests.frontend.browser import Door
from tests.world import World
from workforce import rota
from workforce.models import Duty, Shift


def page(door: Door, query: str = "", who: str = "lea", status: int = 200) -> str:
    answer = door(who).get(f"/planning/{query}")
    assert answer.status_code == status
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))


@pytest.mark.parametrize("who", ["lea", "nia", "meg"])
def test_those_who_lead_coordinate_or_govern_look(door: Door, who: str) -> None:
    assert "144 to 192" in page(door, who=who)


@pytest.mark.parametrize("who", ["ada", "ben", "sam", "hob", "zed"])
def test_nobody_else_finds_it(door: Door, who: str) -> None:
    page(door, who=who, status=404)


def test_the_published_numbers_stand_there_first(door: Door) -> None:
    html = page(door)
    for words in ("144 to 192 operators", "41.7 to 55.6 cases", "1 in 6 60.9", "1 in 7 52.2", "1 in 8 45.7"):
        assert words in html
    assert "Even with 192 operators each has 30 a year or more." in html


def test_every_number_can_be_changed_in_the_address(door: Door) -> None:
    html = page(door, "?centres=30&fewest=6&most=8&cases=8000&volume=40&one_in=10")
    for words in ("180 to 240 operators", "33.3 to 44.4 cases", "1 in 10 36.5", "1 in 6 60.9"):
        assert words in html
    assert "With 240 operators each has fewer than 40 a year; with 180 enough." in html
    assert "Even with 180 operators each has fewer than 50" in page(door, "?centres=30&volume=50")


@pytest.mark.parametrize(
    ("query", "why"),
    [
        ("?centres=0", "A whole number from 1 to 500."),
        ("?centres=many", "A whole number from 1 to 500."),
        ("?cases=100001", "A whole number from 1 to 100,000."),
        ("?cases=-5", "A whole number from 1 to 100,000."),
        ("?one_in=²", "A whole number from 1 to 50."),
        ("?fewest=9&most=8", "This is fewer than at least."),
    ],
)
def test_a_number_that_cannot_be_comes_back_with_the_reason(door: Door, query: str, why: str) -> None:
    html = page(door, query, status=422)
    assert why in html
    assert "cases an operator a year" not in html
    assert "1 in 6 60.9" in html


def put(world: World, who: Person, start: float, end: float) -> None:
    hours = [world.now + timedelta(hours=h) for h in (start, end)]
    rota.put(world.sites["RET20"], Duty.FIRST, who, start=hours[0], end=hours[1])


def test_the_network_s_own_hours_without_cover_and_who_fell_into_them(door: Door, world: World) -> None:
    Shift.objects.all().delete()
    four_weeks = 28 * 24
    put(world, world.people["ben"], -four_weeks, -100)
    put(world, world.people["ben"], -76, 24)
    for hours in (-101, -90, -77, -76):
        world.wind(hours=hours)
        world.refers()
        world.wind(hours=-hours)
    html = page(door)
    assert "Walton 24 h 3.6 % 2 of 4 24 h nothing" not in html
    assert "Walton 24 h 3.6 % 2 of 4 24 h" in html
    assert "Leeds" not in html


def test_what_was_before_the_rota_was_kept_is_no_gap(door: Door, world: World) -> None:
    Shift.objects.all().delete()
    put(world, world.people["ben"], -50, -12)
    assert "Walton 12 h 24.0 %" in page(door)


def test_a_hub_without_a_rota_is_no_hub_without_cover(door: Door) -> None:
    Shift.objects.all().delete()
    assert "Walton Dido knows no rota of these 28 days." in page(door)
