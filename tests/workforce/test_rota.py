"""Who is on call, and where nobody is: against a check of every instant by hand, and what the database refuses."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from hypothesis import given
from hypothesis import strategies as st

from tests.together import at_once
from tests.world import World
from workforce import rota
from workforce.models import Duty, Shift

ZERO = datetime(2026, 11, 21, tzinfo=UTC)
HOURS = 24


def hour(number: int) -> datetime:
    return ZERO + timedelta(hours=number)


stretches = st.tuples(st.integers(-6, HOURS + 6), st.integers(1, 12)).map(lambda s: (s[0], s[0] + s[1]))
shifts = st.lists(st.tuples(st.sampled_from(Duty), stretches), max_size=8)


@given(planned=shifts, duty=st.sampled_from(Duty), asked=stretches)
def test_the_gaps_are_the_hours_that_nobody_holds(
    planned: list[tuple[Duty, tuple[int, int]]], duty: Duty, asked: tuple[int, int]
) -> None:
    rows = [Shift(duty=d, period=DateTimeTZRange(hour(start), hour(end))) for d, (start, end) in planned]
    held = {h for d, (start, end) in planned if d == duty for h in range(start, end)}
    found = rota.gaps(rows, duty, start=hour(asked[0]), end=hour(asked[1]))
    empty = {h for h in range(*asked) if h not in held}
    assert {h for h in range(*asked) if any(start <= hour(h) < end for start, end in found)} == empty
    assert all(hour(asked[0]) <= start < end <= hour(asked[1]) for start, end in found)
    assert all(one[1] < other[0] for one, other in pairwise(found)), "two gaps that are one"


def put(world: World, hub: str, duty: Duty, who: str, hours: tuple[int, int]) -> Shift:
    start, end = (hour(number) for number in hours)
    return rota.put(world.sites[hub], duty, world.people[who], start=start, end=end)


@pytest.fixture
def empty_rota(world: World) -> World:
    Shift.objects.all().delete()
    return world


def test_on_call_and_between_are_what_the_plan_says_at_every_hour(empty_rota: World) -> None:
    plan = [
        ("RET20", Duty.FIRST, "ben", 0, 8),
        ("RET20", Duty.FIRST, "cleo", 8, 12),
        ("RET20", Duty.FIRST, "ben", 15, 24),
        ("RET20", Duty.SUPERVISOR, "sam", 4, 20),
        ("RET20", Duty.SECOND, "cleo", 0, 8),
        ("RM301", Duty.FIRST, "mo", 2, 9),
        ("RM301", Duty.SECOND, "ivy", 9, 10),
    ]
    for hub, duty, who, start, end in plan:
        put(empty_rota, hub, duty, who, (start, end))
    order = {"first": 0, "second": 1, "supervisor": 2}
    hubs = [empty_rota.sites["RET20"], empty_rota.sites["RM301"]]
    for h in range(-1, HOURS + 1):
        expected = {(hub, duty.value, who) for hub, duty, who, start, end in plan if start <= h < end}
        found = rota.on_call_at(hubs, at=hour(h))
        assert {(s.hub.code, s.duty, s.person.username) for s in found} == expected
        walton = rota.on_call(hubs[0], at=hour(h))
        assert [s.duty for s in walton] == sorted((s.duty for s in walton), key=lambda duty: order[duty])
        assert {(s.hub.code, s.duty, s.person.username) for s in walton} == {
            e for e in expected if e[0] == "RET20"
        }
        touching = {
            (hub, duty.value, start) for hub, duty, _, start, end in plan if start < h + 3 and end > h
        }
        met = rota.between(hubs, start=hour(h), end=hour(h + 3))
        assert {(s.hub.code, s.duty, (s.period.lower - ZERO).seconds // 3600) for s in met} == touching


@pytest.mark.parametrize(
    ("shift", "constraint"),
    [
        (("RET20", Duty.FIRST, "cleo", (7, 9)), "one_person_a_duty_at_a_time"),
        (("RET20", Duty.SECOND, "ben", (7, 9)), "nobody_is_on_call_twice_at_once"),
        (("RM301", Duty.FIRST, "ben", (0, 1)), "nobody_is_on_call_twice_at_once"),
        (("RM301", Duty.FIRST, "mo", (3, 3)), "a_shift_lasts"),
    ],
)
def test_the_database_refuses_an_impossible_rota(empty_rota: World, shift: Any, constraint: str) -> None:
    put(empty_rota, "RET20", Duty.FIRST, "ben", (0, 8))
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        put(empty_rota, *shift)


def test_one_shift_may_begin_when_the_other_ends(empty_rota: World) -> None:
    put(empty_rota, "RET20", Duty.FIRST, "ben", (0, 8))
    put(empty_rota, "RET20", Duty.FIRST, "cleo", (8, 16))
    put(empty_rota, "RET20", Duty.SECOND, "ben", (8, 16))
    (first, _) = rota.on_call(empty_rota.sites["RET20"], at=hour(8))
    assert first.person == empty_rota.people["cleo"]


def test_two_who_put_themselves_on_one_duty_at_once_are_not_both_on_it(open_world: World) -> None:
    Shift.objects.all().delete()
    jobs = [
        lambda who=who: put(open_world, "RET20", Duty.FIRST, who, (0, 8))
        for who in ("ben", "cleo", "sam", "ivy")
    ]
    outcomes = at_once(jobs)
    assert sum(isinstance(outcome, Shift) for outcome in outcomes) == 1
    assert len(rota.on_call(open_world.sites["RET20"], at=hour(3))) == 1


def test_who_is_on_at_every_hub_takes_one_statement(world: World, django_assert_num_queries: Any) -> None:
    hubs = list(world.sites.values())
    with django_assert_num_queries(1):
        found = rota.on_call_at(hubs, at=world.now)
        named = [(shift.hub.code, shift.person.username) for shift in found]
    assert len(named) == 5
