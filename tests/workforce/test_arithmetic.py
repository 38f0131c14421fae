"""The arithmetic of the workforce, against the published examples and by hand."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workforce import figures
from workforce.arithmetic import Frequency, Plan, Uncovered

ZERO = datetime(2026, 11, 1, tzinfo=UTC)


def plan(**changed: int) -> Plan:
    published = {name: figures.FIGURES[name].value for name in ("centres", "cases", "fewest", "volume")}
    return Plan(**{**published, "most": figures.FIGURES["ideal"].value, **changed})


@pytest.mark.parametrize(
    ("centres", "operators", "each"),
    [(24, (144, 192), (41.7, 55.6)), (30, (180, 240), (33.3, 44.4))],
)
def test_the_published_reasoning(centres: int, operators: tuple[int, int], each: tuple[float, float]) -> None:
    said = plan(centres=centres)
    assert said.operators == operators
    assert tuple(round(cases, 1) for cases in said.cases_each) == each
    assert min(said.cases_each) >= figures.VOLUME.value


def test_how_many_operators_keep_up_the_volume() -> None:
    assert plan().most_for_the_volume == 266
    assert plan().centre_for_the_volume == 240
    assert round(plan().cases_a_centre, 1) == 333.3
    assert plan(volume=60).most_for_the_volume == 133


@pytest.mark.parametrize(
    ("one_in", "nights", "weekends", "rest"),
    [(6, 60.9, 8.7, 30.4), (7, 52.2, 7.5, 26.1), (8, 45.7, 6.5, 22.8)],
)
def test_how_often_a_night_on_call_is(one_in: int, nights: float, weekends: float, rest: float) -> None:
    often = Frequency(one_in)
    assert (
        round(often.nights_a_year, 1), round(often.weekends_a_year, 1), round(often.rest_days_a_year, 1)
    ) == (nights, weekends, rest)  # fmt: skip
    assert often.nights_a_month * 12 == pytest.approx(often.nights_a_year)


@given(
    centres=st.integers(1, 100),
    fewest=st.integers(1, 12),
    more=st.integers(0, 12),
    cases=st.integers(1, 50_000),
    volume=st.integers(1, 200),
)
def test_the_cases_are_all_done_by_somebody(
    centres: int, fewest: int, more: int, cases: int, volume: int
) -> None:
    said = Plan(centres, fewest, fewest + more, cases, volume)
    for operators, each in zip(said.operators, reversed(said.cases_each), strict=True):
        assert operators * each == pytest.approx(cases)
    assert said.most_for_the_volume * volume <= cases < (said.most_for_the_volume + 1) * volume


def hour(number: float) -> datetime:
    return ZERO + timedelta(hours=number)


def test_the_hours_without_anybody_and_who_fell_into_them() -> None:
    week = Uncovered([(hour(20), hour(32)), (hour(100), hour(112))], days=7)
    assert week.hours == 24
    assert round(week.share, 1) == 14.3
    assert week.holds([hour(19.9), hour(20), hour(31.9), hour(32), hour(105)]) == 3


@pytest.mark.parametrize(
    ("gap_hours", "one_in", "closed", "more"),
    [(24, 8, 21, 2), (24, 6, 24, 1), (0, 8, 0, 0), (168, 8, 21, 8), (21, 8, 21, 1)],
)
def test_what_one_more_operator_closes(gap_hours: int, one_in: int, closed: float, more: int) -> None:
    gaps = [(hour(0), hour(gap_hours))] if gap_hours else []
    week = Uncovered(gaps, days=7)
    assert (week.closed_by_one_more(one_in), week.more_needed(one_in)) == (closed, more)
