"""The page of how often people were alerted: for oneself, and for those who answer for a network's people."""

from typing import Any

import pytest

from tests.frontend.browser import Door, Phones, text, tick
from tests.world import World


@pytest.fixture
def paged(world: World, phones: Phones) -> World:
    """Ben has been paged once this night."""
    world.refers()
    tick(world, phones)
    tick(world, phones, after=1)
    return world


@pytest.mark.parametrize(
    ("who", "reads"),
    [("lea", True), ("meg", True), ("nia", False), ("ben", False), ("ada", False), ("una", False)],
)
def test_a_lead_and_a_medical_director_read_their_people_and_others_only_themselves(
    paged: World, door: Door, who: str, reads: bool
) -> None:
    page = text(door(who).get("/alerts/"))
    assert '<h2 id="mine">You</h2>' in page
    assert ("Cleo Marsh" in page) == reads
    assert ("<table>" in page) == reads
    assert "Yan Holt" not in page, "another network's"
    assert "Canary" not in page


def test_a_medical_director_of_another_network_reads_none_of_ours(paged: World, door: Door) -> None:
    page = text(door("kit").get("/alerts/"))
    assert "Yan Holt" in page
    assert "Ben Hale" not in page


def test_the_table_is_ordered_by_a_column_and_goes_back_as_far_as_asked(paged: World, door: Door) -> None:
    lead = door("lea")
    by_night = text(lead.get("/alerts/?by=night&days=7"))
    assert 'aria-sort="descending"><a href="?days=7&amp;by=night"' in by_night
    assert by_night.index("Ben Hale") < by_night.index("Cleo Marsh")
    names = text(lead.get("/alerts/?by=name&days=nonsense"))
    assert "the last 28 days" in names
    assert names.index("Ben Hale") < names.index("Cleo Marsh") < names.index("Dev Rao")


def test_the_page_costs_the_same_for_any_number_of_people(
    paged: World, door: Door, django_assert_num_queries: Any
) -> None:
    lead = door("lea")
    with django_assert_num_queries(14):
        lead.get("/alerts/")
