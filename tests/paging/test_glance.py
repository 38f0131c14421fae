"""A tick asks once which of its parts have work, and does without the answer where there is none."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from paging import engine
from paging.glance import Glance, When
from paging.models import Escalation, Page
from paging.prepared import Prepared
from tests.paging.tables import Postbox
from tests.world import World


def _tick(world: World, post: Postbox) -> None:
    engine.tick(now=world.now, routes=post.routes, clock=lambda: world.now)


def test_a_tick_with_nothing_to_do_asks_two_things_however_many_wait(world: World) -> None:
    post = Postbox()
    for _ in range(3):
        world.refers()
        _tick(world, post)
    with CaptureQueriesContext(connection) as asked:
        _tick(world, post)
    assert len(asked) == 2, [query["sql"][:80] for query in asked]


def test_without_the_glance_every_part_looks_for_itself(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def poisoned(_now: When) -> tuple[()]:
        raise ValueError("a question that cannot be composed")

    monkeypatch.setattr(engine, "GLANCE", Glance([poisoned, *engine.GLANCE.parts]))
    post = Postbox()
    world.refers()
    _tick(world, post)
    assert post.taken == [world.people["ben"].phone]


def test_control_a_part_that_is_not_glanced_at_is_not_done(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "GLANCE", Glance([engine.silent]))
    world.refers()
    _tick(world, Postbox())
    assert not Escalation.objects.exists() and not Page.objects.exists()


def test_every_part_of_a_tick_is_glanced_at() -> None:
    assert set(engine.GLANCE.parts) == {*engine.WAITS, *engine.NOTICES, engine.silent, *engine.ENDS}


@pytest.mark.parametrize("fault", ["deallocate all", "prepare {} as select 1"])
def test_behind_a_pooler_that_keeps_no_statement_the_answer_is_the_same(
    open_world: World, fault: str
) -> None:
    question = Prepared("timestamptz, interval", "select $1 + $2, 'it’s 5 %'")
    now = open_world.now
    if "{}" not in fault:
        question.row(now, timedelta(0))
    with connection.cursor() as cursor:
        cursor.execute(fault.format(question.name))
    for _ in range(2):
        assert question.row(now, timedelta(hours=1)) == (now + timedelta(hours=1), "it’s 5 %")
