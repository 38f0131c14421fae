"""The medians of the last year are kept: as true as if they were read, no older than promised, one process's work."""

from datetime import datetime, timedelta
from typing import Any

import psycopg
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from referrals import chores, last_year, medians, soonest, usual
from referrals.median_rows import KeptMedian
from referrals.papers import incoming
from referrals.ranking import Ranked
from referrals.states import State
from tests.world import NIGHT, World

OLD = timedelta(minutes=usual.TRUSTED)
HOUR = timedelta(minutes=usual.ANEW)


@pytest.fixture
def treated(world: World) -> World:
    """Five patients of Arrowe Park were treated at Walton."""
    for _ in range(5):
        world.a_referral(State.TREATED)
    return world


def ranked(world: World) -> list[Ranked]:
    return [one.ranked for one in soonest.hubs(world.sites["RBL14"], now=world.now)]


def journeys(world: World) -> int:
    """How many journeys to Walton the ranking knows of."""
    walton = next(one for one in ranked(world) if one.code == "RET20")
    return walton.conveyance.number if walton.conveyance else 0


def test_hubs_are_ranked_alike_by_what_is_kept_and_by_what_is_read_in_five_statements(treated: World) -> None:
    with CaptureQueriesContext(connection) as before:
        read = ranked(treated)
    assert medians.reckon(at=treated.now)
    with CaptureQueriesContext(connection) as after:
        assert ranked(treated) == read
    assert (len(before), len(after)) == (5, 5)
    assert "percentile_cont" in str(before.captured_queries)
    assert "percentile_cont" not in str(after.captured_queries)


def test_what_is_kept_says_how_old_it_is_and_is_told_for_three_hours_at_most(treated: World) -> None:
    medians.reckon(at=treated.now)
    reckoned_at = treated.now
    treated.a_referral(State.TREATED)
    assert journeys(treated) == 5, "the sixth is not reckoned yet"
    assert {one.as_of for one in soonest.hubs(treated.sites["RBL14"], now=treated.now)} == {reckoned_at}
    treated.now = reckoned_at + OLD
    assert journeys(treated) == 6, "too old to be told: the journeys themselves are read"
    assert {one.as_of for one in soonest.hubs(treated.sites["RBL14"], now=treated.now)} == {treated.now}


def test_a_clock_that_was_ahead_leaves_nothing_that_is_told(treated: World) -> None:
    medians.reckon(at=treated.now + OLD)
    treated.a_referral(State.TREATED)
    assert journeys(treated) == 6
    assert medians.reckon(at=treated.now), "and it is put right at once"
    assert not KeptMedian.objects.exclude(reckoned_at=treated.now).exists()


def test_they_are_reckoned_once_an_hour_by_one_process(treated: World) -> None:
    known = connection.get_connection_params()
    names = {name: known[name] for name in ("host", "port", "user", "password", "dbname") if known.get(name)}
    with psycopg.connect(**names) as other:
        other.execute("select pg_advisory_lock(%s)", [medians.TURN])
        assert not medians.reckon(at=treated.now), "another process is at it"
        other.execute("select pg_advisory_unlock(%s)", [medians.TURN])
    assert medians.reckon(at=treated.now)
    assert not medians.reckon(at=treated.now + HOUR - timedelta(seconds=1))
    treated.a_referral(State.TREATED)
    treated.now += HOUR
    assert medians.reckon(at=treated.now)
    assert journeys(treated) == 6


def test_a_networks_page_reads_what_is_kept_in_one_statement_also_where_nothing_is_known(
    treated: World, django_assert_num_queries: Any
) -> None:
    ours, theirs = (treated.networks[code] for code in ("cheshire-and-merseyside", "greater-manchester"))
    read = last_year.of(ours, now=treated.now)
    assert read.medians["dido"].number == 5
    medians.reckon(at=treated.now)
    with django_assert_num_queries(2):
        assert last_year.of(ours, now=treated.now) == read
        assert last_year.of(theirs, now=treated.now).medians == {}


def test_a_chore_that_fails_ends_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    swept: list[datetime] = []

    def fails(*, at: datetime) -> bool:
        raise ValueError(at)

    monkeypatch.setattr(medians, "reckon", fails)
    monkeypatch.setattr(incoming, "sweep", swept.append)
    chores.do(NIGHT)
    assert swept == [NIGHT]
