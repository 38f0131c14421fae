"""What a stream's entries look like: the referral as it is now, for those who may see it now, in few queries."""

import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from frontend import cards, clocks, present, waits
from frontend.clocks import Mood
from paging import engine, routes
from paging.transports.contract import Kind, Order, Outcome, Report
from realtime.models import Entry
from referrals import gathering, queries, targets, transitions
from referrals.models import Referral
from referrals.states import State
from tests.world import NIGHT, World

Pager = Callable[[], None]


@pytest.fixture(autouse=True)
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(NIGHT, tick=False) as traveller:
        yield traveller


class Phones:
    """A provider that takes every page."""

    provider = "twilio"

    def __init__(self, channel: str) -> None:
        self.channel, self.sent = channel, 0

    def send(self, order: Order) -> Outcome:
        self.sent += 1
        return Outcome(Kind.ACCEPTED, provider_id=f"{self.channel}{self.sent}", status="queued")

    def status(self, provider_id: str) -> Report | None:
        return Report("delivered")


@pytest.fixture
def pager(world: World) -> Pager:
    """One tick of the pager, at the world's time."""
    ways = routes.only(Phones("sms"), Phones("voice"))
    return lambda: engine.tick(now=world.now, routes=ways, clock=lambda: world.now)


def frames(key: str, referral: Referral | None = None) -> list[dict[str, Any]]:
    """Every frame of a stream, or those of one referral."""
    entries = Entry.objects.filter(stream_id=key).order_by("position")
    found = cards.frames(key, list(entries))
    return [frame for frame in found if referral is None or frame["referral"] == referral.code]


def the_card(world: World, referral: Referral) -> present.Card:
    rows = queries.with_surroundings(Referral.objects.filter(pk=referral.pk))
    [card] = present.cards(rows, now=world.now)
    return card


def test_a_frame_says_what_happened_and_carries_the_card(world: World) -> None:
    referral = world.refers("RET20", "RM301")
    [frame] = frames("site:RBL14", referral)
    card = frame.pop("card")
    assert frame == {
        "type": "event",
        "position": 1,
        "referral": referral.code,
        "version": 1,
        "verb": "refer",
        "state": "referred",
        "at": "2026-11-21T03:10:00.000Z",
    }
    html = card.pop("html")
    assert f'id="card-{referral.code}"' in html
    assert "Arrowe Park → Walton, Salford" in html
    assert card == {
        "code": referral.code,
        "state": "referred",
        "version": 1,
        "lane": "waiting",
        "spoke": {"code": "RBL14", "name": "Arrowe Park Hospital, Wirral"},
        "hub": None,
        "offers": [{"hub": "RET20", "state": "open"}, {"hub": "RM301", "state": "open"}],
        "age": 76,
        "sex": "female",
        "nihss": 14,
        "occlusion": "M1",
        "side": "left",
        "aspects": 8,
        "clock": {
            "label": "unanswered",
            "since": "2026-11-21T03:10:00.000Z",
            "until": None,
            "soon": "2026-11-21T03:11:30.000Z",
            "late": "2026-11-21T03:13:00.000Z",
        },
        "waits_for": "Nobody has been paged yet.",
    }


def test_no_frame_holds_a_name_or_an_nhs_number(world: World) -> None:
    referral = world.refers(note="Lives at 12 Canary Row")
    text = json.dumps(frames("site:RBL14"), ensure_ascii=False)
    assert referral.code in text
    for secret in ("Canary", "CANARY", "Whitlock", "Peregrine", referral.nhs_number, "1950", "4960123"):
        assert secret not in text


def test_an_old_entry_shows_the_referral_as_it_is_now(world: World) -> None:
    referral = world.a_referral(State.AMBULANCE_REQUESTED)
    first, *_, last = frames("site:RBL14", referral)
    assert (first["verb"], first["version"], first["state"]) == ("refer", 1, "referred")
    assert first["card"] == last["card"]
    assert first["card"]["state"] == "ambulance_requested"


def test_a_hub_that_lost_the_offer_gets_no_card(world: World) -> None:
    referral = world.refers("RET20", "RM301")
    transitions.accept(referral.code, **world.press("ben"))
    assert [frame["card"] for frame in frames("site:RM301", referral)] == [None, None]
    assert all(frame["card"] for frame in frames("site:RET20", referral))


def test_another_stream_never_gets_a_card_of_this_one(world: World) -> None:
    referral = world.refers()
    entries = list(Entry.objects.filter(subject=referral.code))
    assert {frame["card"] for frame in cards.frames("site:RCB55", entries)} == {None}
    assert {frame["card"] for frame in cards.frames("network:west-yorkshire-and-harrogate", entries)} == {
        None
    }


def test_a_patient_who_ended_long_ago_leaves_the_board(world: World, clock: time_machine.Traveller) -> None:
    referral = world.a_referral(State.WITHDRAWN)
    assert frames("site:RBL14", referral)[-1]["card"]["lane"] == "ended"
    clock.move_to(world.wind(hours=7))
    assert frames("site:RBL14", referral)[-1]["card"] is None


def test_a_batch_costs_the_same_number_of_queries_however_long_it_is(world: World, pager: Pager) -> None:
    def cost() -> int:
        entries = list(Entry.objects.filter(stream_id="network:cheshire-and-merseyside"))
        with CaptureQueriesContext(connection) as caught:
            cards.frames("network:cheshire-and-merseyside", entries)
        return len(caught)

    world.refers("RET20", "RM301")
    world.a_referral(State.DEPARTED)
    pager()
    few = cost()
    for _ in range(4):
        world.refers("RET20", "RM301")
        world.a_referral(State.DEPARTED)
        world.a_referral(State.PROVISIONAL)
    pager()
    assert cost() == few


CLOCKS = {
    State.PRE_ALERTED: ("since the door", "0:45", "h"),
    State.REFERRED: ("unanswered", "0:00", "min"),
    State.UNPLACED: ("without a hub", "0:00", "min"),
    State.PROVISIONAL: ("unconfirmed", "0:00", "min"),
    State.ACCEPTED: ("of 1:30 door to door out", "0:46", "h"),
    State.AMBULANCE_REQUESTED: ("of 1:30 door to door out", "0:47", "h"),
    State.DEPARTED: ("to the door", "27", "min"),
    State.ARRIVED: ("of 0:30 door to groin", "0:00", "h"),
    State.PUNCTURE: ("since groin puncture", "0:00", "h"),
    State.TREATED: ("mTICI", "2b", ""),
    State.REPATRIATING: ("since a bed was asked for", "0:00", "h"),
    State.REPATRIATED: ("", "", ""),
    State.DIED: ("", "", ""),
}


@pytest.mark.parametrize("state", CLOCKS)
def test_each_state_has_the_clock_that_matters_then(world: World, state: State) -> None:
    clock = the_card(world, world.a_referral(state)).clock
    assert (clock.label, clock.text, clock.unit) == CLOCKS[state]


@pytest.mark.parametrize("state", sorted(set(State) - {State.NEW}))
def test_every_state_has_a_lane_and_a_sentence(world: World, state: State) -> None:
    card = the_card(world, world.a_referral(state))
    assert card.lane in {lane.key for lane in present.LANES}
    assert waits.plain(card.waits)


def test_a_clock_turns_amber_and_then_red_at_its_target(world: World) -> None:
    referral = world.refers()
    answer = targets.TARGETS["answer"]

    def mood() -> Mood:
        return the_card(world, referral).clock.mood

    assert mood() == Mood.CALM
    world.wind(seconds=answer.soon.total_seconds())
    assert mood() == Mood.SOON
    world.wind(seconds=(answer.late - answer.soon).total_seconds())
    assert mood() == Mood.LATE


def test_on_the_road_the_clock_counts_down_by_the_drive_and_then_over(world: World) -> None:
    referral = world.a_referral(State.DEPARTED)
    world.wind(minutes=20, seconds=30)
    assert the_card(world, referral).clock.text == "7"
    world.wind(minutes=10)
    clock = the_card(world, referral).clock
    assert (clock.text, clock.unit, clock.mood) == ("+3", "min", Mood.SOON)


def test_every_target_names_its_source_and_turns_amber_before_red() -> None:
    for target in targets.TARGETS.values():
        assert target.source
        assert target.version
        assert timedelta(0) <= target.soon < target.late


def test_a_lane_is_ordered_by_urgency_and_not_by_arrival(world: World) -> None:
    early = world.a_referral(State.ACCEPTED)
    world.wind(minutes=5)
    pressing = world.refers(arrived_at=(world.now - timedelta(minutes=88)).isoformat())
    transitions.accept(pressing.code, **world.press("ben"))
    rows = gathering.gathered(queries.on_board(queries.of_stream("site:RBL14"), now=world.now))
    lanes = {filled.lane.key: filled.cards for filled in present.lanes(present.cards(rows, now=world.now))}
    assert [card.code for card in lanes["accepted"]] == [pressing.code, early.code]


def test_the_sentence_says_who_was_paged_and_who_comes_next(world: World, pager: Pager) -> None:
    referral = world.refers()
    pager()
    assert waits.plain(the_card(world, referral).waits) == (
        "Ben Hale paged at 03:10. Then first on call at 03:11:30."
    )
    world.wind(seconds=90)
    pager()
    assert waits.plain(the_card(world, referral).waits) == (
        "Ben Hale paged 2 times, no answer. Then second on call and the supervisor at 03:13:00."
    )
    world.wind(seconds=90)
    pager()
    assert "Ben Hale, Cleo Marsh and Sam Quist paged, no answer." in waits.plain(
        the_card(world, referral).waits
    )


def test_the_sentence_says_ring_now_when_the_ladder_does(world: World, pager: Pager) -> None:
    referral = world.refers()
    for seconds in (0, 90, 90, 120):
        world.wind(seconds=seconds)
        pager()
    said = the_card(world, referral).contract()["waits_for"]
    assert said.startswith("Ring Walton now: 0151 496 0100. 6 people paged, no answer.")


def test_the_sentence_names_the_supervisor_who_must_confirm(world: World, pager: Pager) -> None:
    referral = world.a_referral(State.PROVISIONAL)
    assert waits.plain(the_card(world, referral).waits) == "Dev Rao accepted, Sam Quist to confirm."
    pager()
    assert "paged at 03:11" in waits.plain(the_card(world, referral).waits)


def test_dido_stands_on_the_card_once_the_patient_has_left(world: World) -> None:
    before = world.a_referral(State.AMBULANCE_REQUESTED)
    after = world.a_referral(State.ARRIVED)
    assert the_card(world, before).dido == ()
    assert waits.plain(the_card(world, after).dido) == "DIDO 0:48"


@pytest.mark.parametrize(
    ("seconds", "tick", "ago"),
    [
        (0, "0:00", "0 s"),
        (59, "0:59", "59 s"),
        (250, "4:10", "4 min"),
        (3599, "59:59", "59 min"),
        (7800, "2:10", "2 h 10"),
    ],
)
def test_a_length_of_time_is_written_in_one_way(seconds: int, tick: str, ago: str) -> None:
    length = timedelta(seconds=seconds)
    assert (clocks.tick(length), clocks.ago(length)) == (tick, ago)
