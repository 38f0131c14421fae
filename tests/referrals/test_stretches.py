"""The stretches of the way: the phases are the whole, no clock runs backwards, and the latest departure."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from frontend import story, watch
from network import hours, permissions
from referrals import last_year, leaving, rulebook, stretches, transitions
from referrals.models import Event, Referral
from referrals.states import State
from referrals.targets import TARGETS
from tests.world import NIGHT, World

FIELDS = [field for _, field in stretches.STOPS if field in {f.name for f in Referral._meta.get_fields()}]
MOMENTS = st.dictionaries(
    st.sampled_from(FIELDS), st.integers(0, 600).map(lambda m: NIGHT + timedelta(minutes=m))
)
STATES = st.sampled_from([State.REFERRED, State.ACCEPTED, State.DEPARTED, State.TREATED, State.STOOD_DOWN])


@given(MOMENTS)
def test_the_sum_of_the_phases_is_the_whole_and_none_runs_backwards(moments: dict[str, Any]) -> None:
    referral = Referral(**moments)
    phases = stretches.phases(referral)
    whole = max(moments.values()) - min(moments.values()) if moments else timedelta(0)
    assert sum((one.took for one in phases), timedelta(0)) == whole
    assert all(one.took >= timedelta(0) for one in phases)
    assert len(phases) == max(0, len(moments) - 1)


@given(MOMENTS, STATES, st.integers(-60, 700))
def test_no_clock_shows_less_than_nothing(moments: dict[str, Any], state: State, minute: int) -> None:
    referral = Referral(state=state, spoke_id=1, hub_id=2, **moments)
    now = NIGHT + timedelta(minutes=minute)
    for one in stretches.counts(referral, TARGETS):
        assert one.length(now) >= timedelta(0)
        assert one.mood(now) in {"calm", "soon", "late"}


@given(st.lists(st.tuples(st.integers(0, 300), st.integers(0, 90)), max_size=12))
def test_what_was_written_late_stands_in_the_trail_where_it_happened(said: list[tuple[int, int]]) -> None:
    events = [
        Event(number=n + 1, verb="ask", via="web", at=NIGHT + timedelta(minutes=m), details={},
              written_at=NIGHT + timedelta(minutes=m + late))
        for n, (m, late) in enumerate(said)
    ]  # fmt: skip
    hours_shown = [line.iso for line in story.trail(events, NIGHT)]
    assert hours_shown == sorted(hours_shown, reverse=True)
    assert len(hours_shown) == len(said)


def lengths(referral: Referral, now: Any) -> dict[str, tuple[bool, int]]:
    return {
        one.target.name: (one.took is None, int(one.length(now) / timedelta(minutes=1)))
        for one in stretches.counts(referral, TARGETS)
    }


def test_each_stretch_counts_live_until_its_end(world: World) -> None:
    referral = world.a_referral(State.REFERRED)
    now = world.wind(minutes=2)
    assert lengths(referral, now) == {
        "cta": (False, 33),
        "referral": (False, 12),
        "answer": (True, 2),
        "dido": (True, 47),
        "image": (True, 14),
        "onset": (True, 102),
    }
    done = world.a_referral(State.TREATED)
    now = world.wind(minutes=200)
    assert not [name for name, (runs, _) in lengths(done, now).items() if runs]
    assert {"ambulance", "dido", "groin", "image", "onset"} <= set(lengths(done, now))
    assert "groin_direct" not in lengths(done, now)


def test_a_patient_who_ended_on_the_way_leaves_no_clock_running(world: World) -> None:
    referral = world.a_referral(State.STOOD_DOWN)
    assert not [name for name, (runs, _) in lengths(referral, world.now).items() if runs]


def test_the_latest_departure_makes_the_window_less_the_road_and_the_hub_s_door(world: World) -> None:
    referral = world.a_referral(State.ACCEPTED)
    onset = referral.onset_at
    assert onset is not None
    must = leaving.must(referral, now=world.now)
    assert must is not None
    # six hours from onset, 27 minutes by road, 30 from door to groin
    assert must.by == onset + timedelta(hours=6) - timedelta(minutes=57)
    assert (must.hub, must.why) == ("Walton", "6 h from onset to the groin")
    assert (must.soon, must.late) == (must.by - timedelta(minutes=30), must.by - timedelta(minutes=10))
    later = leaving.must(referral, now=must.by + timedelta(minutes=1))
    assert later is not None
    assert later.by == onset + timedelta(hours=24) - timedelta(minutes=57)


def test_a_hub_that_takes_nobody_after_an_hour_sets_it_earlier(world: World) -> None:
    week = [[["00:00", "04:30", "05:00"]]] * 7
    hours.put(
        world.sites["RET20"], week, network=None, since=NIGHT.date(), until=None, reason="One theatre",
        by=world.people["nia"], at=NIGHT,
    )  # fmt: skip
    must = leaving.must(world.a_referral(State.ACCEPTED), now=world.now)
    assert must is not None
    assert must.by == NIGHT.replace(hour=5, minute=0) - timedelta(minutes=27)
    assert must.why == "Walton takes nobody later"


@pytest.mark.parametrize("state", [State.DEPARTED, State.UNPLACED, State.STOOD_DOWN, State.PRE_ALERTED])
def test_whoever_has_left_or_goes_nowhere_has_no_latest_departure(world: World, state: State) -> None:
    assert leaving.must(world.a_referral(state), now=world.now) is None


def test_without_an_onset_only_the_hub_sets_it(world: World) -> None:
    referral = world.refers(onset_kind="wake_up", onset_at=None)
    assert leaving.must(referral, now=world.now) is None


def test_the_case_counts_against_the_network_s_own_target(world: World) -> None:
    lea = permissions.rights(world.people["lea"], at=world.now)
    network = world.networks["cheshire-and-merseyside"]
    rulebook.put_targets(network, {"dido": (40, 46)}, based_on=0, reason="Quicker", rights=lea, at=world.now)
    referral = world.a_referral(State.REFERRED)
    world.wind(minutes=2)
    line = next(one for one in watch.of(referral, now=world.now).lines if one.label == "Door in to door out")
    assert (line.mood, line.target, line.source) == (
        "late",
        "46 min",
        f"{network.name}’s own target, version 1",
    )


def test_the_median_of_the_last_year_is_told_from_five_on(world: World) -> None:
    network = world.networks["cheshire-and-merseyside"]
    for _ in range(4):
        world.a_referral(State.TREATED)
    assert last_year.of(network, now=world.now).medians == {}
    world.a_referral(State.TREATED)
    found = last_year.of(network, now=world.now).medians
    assert found["dido"].number == 5
    assert found["dido"].length == timedelta(minutes=48)
    assert "groin_direct" not in found
    year = timedelta(days=366)
    assert last_year.of(network, now=world.now + year).medians == {}


def test_a_departure_written_late_stands_where_it_happened(world: World) -> None:
    referral = world.a_referral(State.AMBULANCE_REQUESTED)
    left = world.wind(minutes=5)
    now = world.wind(minutes=15)
    transitions.depart(referral.code, by=world.people["ada"], at=left, now=now)
    referral.refresh_from_db()
    assert referral.departed_at == left
    assert [name for name, _ in stretches.reached(referral)][-1] == "Door out"
