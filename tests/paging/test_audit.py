"""No referral is ever silently unanswered: looked at from outside, at every tick, and mended."""

from datetime import datetime, timedelta

import pytest
from django.db import connection

from paging import audit, engine
from paging.models import Escalation, Page
from referrals.states import State
from tests.paging import tables
from tests.paging.tables import Postbox
from tests.world import World

PROMISE = """
select r.code from referrals_referral r
where r.state in ('referred', 'provisional', 'unplaced')
  and not exists (
      select 1 from paging_escalation e
      where e.referral_id = r.id and e.closed_at is null and (
          e.next_at >= %(now)s
          or (e.alarm_since is not null and e.taken_at is null)
          or exists (select 1 from paging_page p where p.escalation_id = e.id and p.fate = 'sending')))
"""


def _broken(now: datetime) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(PROMISE, {"now": now})
        return [code for (code,) in cursor.fetchall()]


def _tick(world: World, post: Postbox) -> None:
    engine.tick(now=world.now, routes=post.routes, clock=lambda: world.now)


def test_when_nobody_answers_for_a_day_somebody_is_reached_for_at_every_moment(world: World) -> None:
    post = Postbox()
    world.refers()
    world.refers("RET20", "RM301")
    world.a_referral(State.PROVISIONAL)
    end = world.now + timedelta(hours=24)
    _tick(world, post)
    ticks = 0
    while world.now < end:
        due = tables.due_at(world.now)
        assert due, "an open escalation has a timer"
        ticks += 1
        # Once the alarms only repeat, a pager that looks each hour must keep the promise too.
        world.now = max(due, world.now) + timedelta(hours=0 if ticks < 30 else 2)
        _tick(world, post)
        assert _broken(world.now) == []
        assert audit.check(now=world.now) == []
    alarms = Escalation.objects.filter(closed_at=None)
    assert {alarm.alarm_since is not None for alarm in alarms} == {True}
    assert alarms.count() == 3


def test_the_promise_notices_a_referral_for_which_nobody_is_reached(world: World) -> None:
    referral = world.refers()
    assert _broken(world.now) == [referral.code]


@pytest.mark.parametrize("state", [State.REFERRED, State.PROVISIONAL, State.UNPLACED])
def test_an_escalation_deleted_behind_the_engines_back_is_found_and_mended(
    world: World, state: State, caplog: pytest.LogCaptureFixture
) -> None:
    referral = world.a_referral(state)
    _tick(world, Postbox())
    world.wind(seconds=30)
    assert audit.check(now=world.now) == []
    Page.objects.all().delete()
    Escalation.objects.all().delete()
    assert audit.check(now=world.now) == [referral.code]
    assert "promise_broken" in caplog.text
    assert _broken(world.now - timedelta(seconds=1)) == []
    assert audit.check(now=world.now) == []
    post = Postbox()
    _tick(world, post)
    assert post.taken


def test_a_timer_that_was_lost_behind_the_engines_back_is_set_again(world: World) -> None:
    tables.with_texts_only(world.now)
    referral = world.refers()
    _tick(world, Postbox())
    Escalation.objects.update(next_at=None, taken_at=world.now)
    assert audit.check(now=world.wind(seconds=30)) == [referral.code]
    post = Postbox()
    _tick(world, post)
    assert post.taken == [world.people["ben"].phone]


def test_a_pager_that_has_stopped_is_told_of(world: World) -> None:
    referral = world.refers()
    _tick(world, Postbox())
    assert audit.check(now=world.wind(seconds=100)) == []
    assert audit.check(now=world.wind(seconds=1)) == [referral.code]


def test_a_referral_that_has_just_come_is_not_a_broken_promise(world: World) -> None:
    world.refers()
    assert audit.check(now=world.wind(seconds=5)) == []


def test_what_does_not_wait_is_not_looked_at(world: World) -> None:
    world.a_referral(State.ACCEPTED)
    world.a_referral(State.WITHDRAWN)
    assert audit.check(now=world.wind(hours=1)) == []
