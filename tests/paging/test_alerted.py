"""How often people were alerted: by day and night, on duty and off, what they answered and how soon."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from paging import alerted, reaching
from paging.alerted import Alerted
from referrals import remarks, transitions
from tests.paging.tables import Postbox, Tables, with_texts_only
from tests.world import World


@pytest.fixture
def tables(world: World) -> Tables:
    with_texts_only(world.now)
    return Tables(world=world, routes=Postbox().routes)


def count(tables: Tables, *names: str, days: int = 7) -> list[Alerted]:
    people = [tables.world.people[name].pk for name in names]
    found = alerted.of(people, since=tables.now - timedelta(days=days), now=tables.now)
    return [found[person] for person in people]


@pytest.mark.parametrize(
    ("moment", "is_night", "day"),
    [
        (datetime(2026, 11, 21, 21, 59, tzinfo=UTC), False, 21),
        (datetime(2026, 11, 21, 22, 0, tzinfo=UTC), True, 21),
        (datetime(2026, 11, 22, 6, 59, tzinfo=UTC), True, 21),
        (datetime(2026, 11, 22, 7, 0, tzinfo=UTC), False, 22),
        (datetime(2026, 7, 1, 21, 30, tzinfo=UTC), True, 1),  # half past ten on the wall
        (datetime(2026, 7, 1, 6, 30, tzinfo=UTC), False, 1),
    ],
)
def test_night_is_by_the_clock_on_the_wall(moment: datetime, is_night: bool, day: int) -> None:
    assert alerted.is_night(moment) == is_night
    assert alerted.night_of(moment).day == day


def test_a_night_is_counted_with_who_answered_and_how_soon(tables: Tables) -> None:
    referral = tables.refers()
    tables.wind(minutes=4)
    transitions.accept(referral.code, hub="RET20", **tables.world.press("ben"))
    tables.tick()
    ben, cleo, ada = count(tables, "ben", "cleo", "ada")
    assert ben == Alerted(
        day=0, night=2, off_duty=0, nights=1, asked=1, answered=1, median=timedelta(minutes=4)
    )
    assert cleo == Alerted(night=1, nights=1, asked=1)
    assert ada == Alerted()


def test_a_look_is_an_answer_and_whoever_is_off_duty_is_counted_so(tables: Tables) -> None:
    referral = tables.refers()
    tables.wind(minutes=1)
    remarks.seen(referral.code, hub="RET20", **tables.world.press("ben"))
    tables.wind(minutes=9)
    ben, ivy, nia = count(tables, "ben", "ivy", "nia")
    assert (ben.answered, ben.median) == (1, timedelta(minutes=1))
    assert (ivy.all, ivy.off_duty, ivy.asked, ivy.answered) == (1, 1, 1, 0)
    assert nia.off_duty == nia.all > 0


def test_day_and_night_are_apart_and_what_is_older_is_left_out(tables: Tables) -> None:
    tables.refers()
    tables.sleeps(hours=10)
    tables.refers()
    [ben] = count(tables, "ben")
    assert (ben.day > 0, ben.night, ben.nights) == (True, 1, 1)
    tables.sleeps(days=7)
    assert count(tables, "ben") == [Alerted()]
    assert count(tables, "ben", days=28) == [ben]


def test_a_test_that_somebody_asked_for_is_no_alert(tables: Tables) -> None:
    ada = tables.world.people["ada"]
    assert reaching.page_myself(ada, now=tables.now)
    tables.works()
    assert tables.pages("ada")
    assert count(tables, "ada") == [Alerted()]


def test_any_number_of_people_costs_the_same(tables: Tables, django_assert_num_queries: Any) -> None:
    tables.refers()
    tables.wind(minutes=6)
    for names in (["ben"], ["ben", "cleo", "sam", "nia", "lea", "ivy"]):
        with django_assert_num_queries(4):
            count(tables, *names)
