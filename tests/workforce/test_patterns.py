"""Patterns make the right instants through the clock changes, people take them in turn, and bank holidays are known."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workforce import holidays, patterns
from workforce.patterns import Again

NIGHTS = Again("first", frozenset(range(7)), time(20), time(8))
DAYS = Again("first", frozenset(range(7)), time(8), time(20))


@pytest.mark.parametrize(
    ("on", "hours"),
    [(date(2026, 3, 28), 11), (date(2026, 10, 24), 13), (date(2026, 11, 21), 12), (date(2037, 10, 24), 13)],
)
def test_the_night_of_a_clock_change_is_an_hour_shorter_or_longer(on: date, hours: int) -> None:
    ((start, end),) = patterns.stretches(NIGHTS, on, on)
    assert end - start == timedelta(hours=hours)


def test_days_and_nights_meet_without_gap_or_overlap_from_2024_to_2037() -> None:
    first, last = date(2024, 1, 1), date(2037, 12, 31)
    both = sorted(patterns.stretches(NIGHTS, first, last) + patterns.stretches(DAYS, first, last))
    assert all(one[1] == other[0] for one, other in pairwise(both))
    assert len(both) == 2 * ((last - first).days + 1)


def test_only_the_days_of_the_pattern_are_made() -> None:
    weekend = Again("first", frozenset({5, 6}), time(9), time(9))
    found = patterns.stretches(weekend, date(2026, 11, 16), date(2026, 11, 22))
    assert found == [
        (datetime(2026, 11, 21, 9, tzinfo=UTC), datetime(2026, 11, 22, 9, tzinfo=UTC)),
        (datetime(2026, 11, 22, 9, tzinfo=UTC), datetime(2026, 11, 23, 9, tzinfo=UTC)),
    ]


@given(
    people=st.lists(st.integers(1, 6), min_size=1, max_size=6, unique=True),
    nights=st.integers(1, 30),
)
def test_people_who_are_never_busy_hold_as_many_duties_as_each_other(people: list[int], nights: int) -> None:
    first = date(2026, 11, 1)
    wanted = patterns.stretches(NIGHTS, first, first + timedelta(days=nights - 1))
    turns = patterns.in_turn(wanted, people, [])
    counts = [turns.count(person) for person in people]
    assert sum(counts) == nights
    assert max(counts) - min(counts) <= 1


def test_whoever_is_busy_is_passed_over_and_comes_next() -> None:
    wanted = patterns.stretches(NIGHTS, date(2026, 11, 2), date(2026, 11, 5))
    assert patterns.in_turn(wanted, [1, 2], [(1, wanted[0])]) == [2, 1, 2, 1]
    assert patterns.in_turn(wanted[:1], [1], [(1, wanted[0])]) == [None]


PUBLISHED = {
    # As published on gov.uk/bank-holidays.
    (2024, "England"): "01-01 03-29 04-01 05-06 05-27 08-26 12-25 12-26",
    (2025, "Wales"): "01-01 04-18 04-21 05-05 05-26 08-25 12-25 12-26",
    (2026, "England"): "01-01 04-03 04-06 05-04 05-25 08-31 12-25 12-28",
    (2027, "England"): "01-01 03-26 03-29 05-03 05-31 08-30 12-27 12-28",
    (2024, "Northern Ireland"): "01-01 03-18 03-29 04-01 05-06 05-27 07-12 08-26 12-25 12-26",
    (2026, "Northern Ireland"): "01-01 03-17 04-03 04-06 05-04 05-25 07-13 08-31 12-25 12-28",
    (2022, "England"): "01-03 04-15 04-18 05-02 06-02 06-03 08-29 09-19 12-26 12-27",
    (2023, "England"): "01-02 04-07 04-10 05-01 05-08 05-29 08-28 12-25 12-26",
    (2020, "England"): "01-01 04-10 04-13 05-08 05-25 08-31 12-25 12-28",
}


@pytest.mark.parametrize(("year", "country"), PUBLISHED)
def test_bank_holidays_are_those_that_were_published(year: int, country: str) -> None:
    found = " ".join(f"{on:%m-%d}" for on in holidays.of_year(year, country))
    assert found == PUBLISHED[year, country]


def test_every_bank_holiday_is_a_weekday_and_easter_is_a_sunday_in_spring() -> None:
    for year in range(holidays.FIRST_YEAR, holidays.LAST_YEAR + 1):
        assert all(on.weekday() < 5 for on in holidays.of_year(year, "England"))
        assert date(year, 3, 22) <= holidays.easter(year) <= date(year, 4, 25)
        assert holidays.easter(year).weekday() == 6
        assert len(holidays.of_year(year, "Northern Ireland")) == len(holidays.of_year(year, "England")) + 2


def test_nothing_is_claimed_of_years_that_nobody_can_know() -> None:
    assert holidays.name(date(2026, 12, 28), "England") == "Boxing Day"
    assert holidays.name(date(2026, 12, 29), "England") == ""
    assert holidays.name(date(2050, 12, 25), "England") == ""
    with pytest.raises(ValueError, match="from 2020 to 2037"):
        holidays.of_year(2050, "England")
