"""However empty PostgreSQL believes the tables to be, the pager reads each list of those who wait once."""

import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from paging import audit, changing, engine, missed, reaching
from paging.models import Escalation
from referrals import drafts
from tests.bench.pager import filling
from tests.paging.tables import Postbox
from tests.world import World

MANY = 400
TIMES = 100  # so often one statement may pass a list: it asks thirty questions, or looks up a few people for each row
JOINED_ROW_BY_ROW = """
select count(*) from paging_escalation where closed_at is null and offer_id not in (
    select offer.id from referrals_offer offer join referrals_referral referral on referral.id = offer.referral_id
    where offer.state = 'open' and referral.state = 'referred')
"""


@pytest.fixture
def crowd(world: World) -> World:
    """Hundreds wait, and when PostgreSQL last looked nobody did."""
    filling.waiting(world, MANY // 2)
    filling.end(world.now)
    with connection.cursor() as cursor:
        cursor.execute("analyze")
    waiting = filling.waiting(world, MANY)
    filling.climbing(waiting, due=[world.now + timedelta(hours=1)] * MANY, rung=1)
    return world


def test_a_tick_beside_a_crowd_reads_each_list_once(crowd: World) -> None:
    post = Postbox()
    looked = _looked_at(lambda: engine.tick(now=crowd.now, routes=post.routes, clock=lambda: crowd.now))
    assert any(sql.startswith("select (select count(*)") for sql in looked), "the glance was among them"
    assert {sql: rows for sql, rows in looked.items() if rows > MANY * TIMES} == {}
    assert not post.taken


def test_those_who_wait_without_a_climb_are_found_by_reading_each_list_once(crowd: World) -> None:
    Escalation.objects.all().delete()
    post = Postbox()
    looked = _looked_at(lambda: engine.tick(now=crowd.now, routes=post.routes, clock=lambda: crowd.now))
    assert Escalation.objects.filter(closed_at=None).count() == MANY
    assert {sql: rows for sql, rows in looked.items() if rows > MANY * TIMES} == {}


def test_the_auditor_beside_a_crowd_reads_each_list_once(crowd: World) -> None:
    looked = _looked_at(lambda: audit.check(now=crowd.now))
    assert len(looked) >= 2
    assert {sql: rows for sql, rows in looked.items() if rows > MANY * TIMES} == {}


@pytest.mark.parametrize(
    "ask", [changing.notice, missed.anybody_asked, reaching.open_drills, engine.overdue, drafts.forget]
)
def test_what_the_pager_asks_now_and_then_reads_each_list_once(crowd: World, ask: Callable[..., Any]) -> None:
    looked = _looked_at(lambda: ask(now=crowd.now))
    assert {sql: rows for sql, rows in looked.items() if rows > MANY * TIMES} == {}


def test_control_two_lists_that_are_joined_are_read_row_by_row(crowd: World) -> None:
    assert _rows(JOINED_ROW_BY_ROW) > MANY * TIMES


def _looked_at(deed: Callable[[], Any]) -> dict[str, int]:
    """How many rows PostgreSQL looks at for each question that is asked."""
    with CaptureQueriesContext(connection) as asked:
        deed()
    questions = [query["sql"].strip() for query in asked]
    return {sql: _rows(sql) for sql in questions if sql.lower().startswith(("select", "execute"))}


def _rows(sql: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(f"explain (analyze, format json) {sql.replace('%', '%%')}", [])
        (found,) = cursor.fetchone()
    (plan,) = json.loads(found) if isinstance(found, str) else found
    return sum(_of_each(plan["Plan"]))


def _of_each(node: dict[str, Any]) -> Iterator[int]:
    removed = node.get("Rows Removed by Filter", 0) + node.get("Rows Removed by Join Filter", 0)
    yield round((node["Actual Rows"] + removed) * node["Actual Loops"])
    for below in node.get("Plans", []):
        yield from _of_each(below)
