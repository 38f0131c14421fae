"""A board's first page and an entry of the feed cost the same number of statements for any number of patients."""

from typing import Any

import pytest

from frontend import cards, present, waits
from realtime.models import Entry
from referrals import queries, remarks
from referrals.states import State
from tests.frontend.browser import Door, Phones, tick
from tests.world import World

NETWORK = "network:cheshire-and-merseyside"
LANES = 21  # two of them for the gap that comes first, one for who waits for me: a wall shows neither
NOTICES = 2  # and what one was not woken for, which a wall does not show
# The referral with its targets, its offers, places and people; ladders with their hubs, and pages; the drive, whether
# the hub has asked. Places and people apart: a question more takes less than PostgreSQL takes to plan one join of all.
ENTRY = 9
SHOWN = [
    State.PRE_ALERTED,
    State.REFERRED,
    State.UNPLACED,
    State.PROVISIONAL,
    State.ACCEPTED,
    State.DEPARTED,
    State.PUNCTURE,
    State.STOOD_DOWN,
    State.REPATRIATED,
]


def crowded(world: World, phones: Phones, *, times: int) -> None:
    """So many patients in each state, and those that wait are being paged for."""
    for state in SHOWN * times:
        begun = world.now
        world.a_referral(state, *(["RET20", "RM301"] if state == State.REFERRED else []))
        world.now = begun
    tick(world, phones)


@pytest.mark.parametrize("times", [1, 4])
def test_a_boards_page_costs_the_same_for_nine_patients_as_for_forty(
    world: World, door: Door, phones: Phones, times: int, django_assert_num_queries: Any
) -> None:
    crowded(world, phones, times=times)
    browser = door("nia")
    for path, statements in (
        (f"/board/{NETWORK}/", LANES + NOTICES),
        ("/board/", LANES + NOTICES),
        (f"/wall/{NETWORK}/", LANES - 3 + NOTICES - 1),
    ):
        with django_assert_num_queries(statements):
            page = browser.get(path)
        assert page.content.count(b'class="card') >= len(SHOWN) * times


@pytest.mark.parametrize("times", [1, 4])
def test_the_lanes_again_cost_the_same_too(
    world: World, door: Door, phones: Phones, times: int, django_assert_num_queries: Any
) -> None:
    crowded(world, phones, times=times)
    browser = door("nia")
    with django_assert_num_queries(LANES):
        assert browser.get(f"/board/{NETWORK}/lanes/").status_code == 200


@pytest.mark.parametrize("times", [1, 4])
def test_a_batch_of_entries_costs_as_much_as_one_entry(
    world: World, worlds_clock: None, phones: Phones, times: int, django_assert_num_queries: Any
) -> None:
    crowded(world, phones, times=times)
    entries = list(Entry.objects.filter(stream_id=NETWORK).order_by("position"))
    with django_assert_num_queries(ENTRY):
        frames = cards.frames(NETWORK, entries)
    assert all(frame["card"] for frame in frames)


@pytest.mark.usefixtures("worlds_clock")
@pytest.mark.parametrize(
    ("state", "statements"),
    [
        (State.PRE_ALERTED, 6),
        (State.REFERRED, 8),
        (State.UNPLACED, 7),
        (State.PROVISIONAL, 9),
        (State.DEPARTED, 7),
    ],
)
def test_one_entry_costs_no_more_than_its_state_asks_for(
    world: World, phones: Phones, state: State, statements: int, django_assert_max_num_queries: Any
) -> None:
    referral = world.a_referral(state)
    tick(world, phones)
    entry = Entry.objects.filter(stream_id=NETWORK, subject=referral.code).latest("position")
    with django_assert_max_num_queries(statements):
        [frame] = cards.frames(NETWORK, [entry])
    assert frame["card"]["code"] == referral.code


def test_a_card_says_that_the_hub_has_asked_until_the_spoke_answers(world: World) -> None:
    asked, other = world.refers(), world.refers()

    def says() -> dict[str, bool]:
        rows = queries.with_offers(queries.on_board(queries.of_stream(NETWORK), now=world.now))
        shown = present.cards(rows, now=world.now)
        return {card.code: "The hub has asked something." in waits.plain(card.waits) for card in shown}

    remarks.ask(asked.code, text="Perfusion?", **world.press("ben"))
    assert says() == {asked.code: True, other.code: False}
    remarks.answer(asked.code, text="Done.", **world.press("ada"))
    assert says() == {asked.code: False, other.code: False}
