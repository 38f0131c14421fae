"""How each hub is covered at each hour, and which hubs are open, against a look at every hour by hand."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.world import NIGHT, World
from workforce import cover, rota
from workforce.cover import Cover
from workforce.models import Duty, Shift
from workforce.rules.facts import Held, Turn

ZERO = datetime(2026, 11, 21, tzinfo=UTC)
BEN, CLEO, SAM, DEV, IVY, NOBODY = range(1, 7)
PHASES = {BEN: "independent", CLEO: "independent", SAM: "independent", DEV: "direct", IVY: "indirect"}
HELD = [Held(person, 1, phase, ZERO - timedelta(days=99)) for person, phase in PHASES.items()]


def hour(number: float) -> datetime:
    return ZERO + timedelta(hours=number)


def turn(person: int, duty: str = "first", start: float = 0, end: float = 24) -> Turn:
    return Turn(person, 1, duty, hour(start), hour(end))


@pytest.mark.parametrize(
    ("on", "found"),
    [
        ([], Cover.GAP),
        ([turn(SAM, "supervisor")], Cover.GAP),
        ([turn(NOBODY)], Cover.GAP),
        ([turn(DEV)], Cover.GAP),
        ([turn(DEV), turn(IVY, "second")], Cover.SUPERVISED),
        ([turn(DEV), turn(SAM, "supervisor")], Cover.SUPERVISED),
        ([turn(IVY)], Cover.SUPERVISED),
        ([turn(DEV), turn(IVY, "supervisor")], Cover.GAP),
        ([turn(BEN)], Cover.SINGLE),
        ([turn(BEN, "second")], Cover.SINGLE),
        ([turn(BEN, "second"), turn(SAM, "supervisor")], Cover.SINGLE),
        ([turn(BEN), turn(CLEO, "second")], Cover.SAFE),
        ([turn(BEN), turn(SAM, "supervisor")], Cover.SAFE),
        ([turn(BEN), turn(DEV, "second")], Cover.SAFE),
        ([turn(BEN), turn(CLEO, "coordinator")], Cover.SINGLE),
    ],
)
def test_what_a_hub_can_do_follows_from_who_is_on_and_in_which_phase(on: list[Turn], found: Cover) -> None:
    assert cover.at_instant(on, HELD, at=hour(1)) == found


turns = st.lists(
    st.builds(
        lambda person, duty, start, long: turn(person, duty, start, start + long),
        st.sampled_from([*PHASES, NOBODY]),
        st.sampled_from(["first", "second", "supervisor"]),
        st.integers(-5, 40),
        st.integers(1, 20),
    ),
    max_size=8,
)


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)  # a busy machine is no fault
@given(on=turns)
def test_the_stretches_and_the_hours_are_what_every_instant_says(on: list[Turn]) -> None:
    found = cover.stretches(on, HELD, start=hour(0), end=hour(36))
    by_hour = cover.hours(found, start=hour(0), end=hour(36))
    assert by_hour == [cover.at_instant(on, HELD, at=hour(n)) for n in range(36)]
    assert found[0][0][0] == hour(0)
    assert found[-1][0][1] == hour(36)
    assert all(one[0][1] == other[0][0] for one, other in pairwise(found))


def test_an_hour_is_as_good_as_its_worst_moment() -> None:
    on = [turn(BEN, start=0, end=1.25), turn(CLEO, "second", 0, 2), turn(BEN, start=1.5, end=3)]
    found = cover.stretches(on, HELD, start=hour(0), end=hour(3))
    assert cover.hours(found, start=hour(0), end=hour(3)) == [Cover.SAFE, Cover.SINGLE, Cover.SINGLE]


def test_a_phase_that_begins_within_a_duty_changes_the_cover_then() -> None:
    held = [Held(DEV, 1, "direct", hour(-9), hour(5)), Held(DEV, 1, "indirect", hour(5))]
    found = cover.stretches([turn(DEV)], held, start=hour(0), end=hour(10))
    assert [kind for _, kind in found] == [Cover.GAP, Cover.SUPERVISED]
    assert cover.gaps(found) == [(hour(0), hour(5))]


def test_where_nothing_is_written_stands_apart_from_a_duty_of_somebody_who_cannot_operate() -> None:
    found = cover.stretches([turn(BEN), turn(NOBODY, start=24, end=30)], HELD, start=hour(0), end=hour(99))
    assert [kind for _, kind in found] == [Cover.SINGLE, Cover.GAP, Cover.GAP]
    assert found[1][0] == (hour(24), hour(30))
    assert cover.gaps(found) == [(hour(24), hour(99))]


def test_the_cover_of_all_hubs_takes_two_queries(world: World, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(2):
        found = cover.of_hubs(list(world.sites.values()), start=NIGHT, end=NIGHT + timedelta(days=14))
    assert found.keys() == {world.sites[code].pk for code in ("RET20", "RM301", "RR801")}
    kinds = [kind for _, kind in found[world.sites["RET20"].pk]]
    assert kinds == [Cover.SAFE, Cover.GAP]


def test_which_hubs_are_open_takes_one_query_and_a_closed_one_says_when_it_opens(
    world: World, django_assert_num_queries: Any
) -> None:
    hub, never = world.sites["RET20"], world.sites["RM301"]
    Shift.objects.filter(hub__in=[hub, never]).delete()
    opens = NIGHT + timedelta(hours=5)
    rota.put(hub, Duty.SECOND, world.people["ben"], start=opens, end=opens + timedelta(hours=12))
    with django_assert_num_queries(1):
        doors = cover.doors([hub, never, world.sites["RR801"]], at=NIGHT)
    assert (doors[hub.pk].is_open, doors[hub.pk].known, doors[hub.pk].opens_at) == (False, True, opens)
    assert not doors[never.pk].known, "nobody knows whether a hub without a rota is closed"
    assert doors[world.sites["RR801"].pk].is_open
    assert cover.doors([hub], at=opens)[hub.pk].is_open
    assert not cover.doors([hub], at=opens + timedelta(hours=12))[hub.pk].is_open
