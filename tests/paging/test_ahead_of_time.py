"""A rung's pages are made ready a moment before its time, and leave at its time: never before, never for nobody."""

from datetime import datetime, timedelta

import pytest

from paging import agenda, engine
from paging.models import Escalation, Fate, Reason
from referrals import transitions
from referrals.models import Offer, OfferState
from referrals.states import State
from tests.paging import tables
from tests.paging.tables import Postbox, Tables
from tests.world import World

AHEAD = timedelta(seconds=0.035)
A_MOMENT = timedelta(seconds=0.01)


@pytest.fixture
def post() -> Postbox:
    return Postbox()


@pytest.fixture
def desk(world: World, post: Postbox, monkeypatch: pytest.MonkeyPatch) -> Tables:
    tables.with_texts_only(world.now)
    return tables.over(world, post, monkeypatch=monkeypatch)


def _acts(desk: Tables) -> agenda.Agenda:
    """What a pager does between two whole ticks, at this moment: what is due first, then what is to be prepared."""
    due = agenda.read(now=desk.now, ahead=AHEAD)
    while engine.act(
        agenda.read(now=desk.now, ahead=AHEAD), now=desk.now, routes=desk.routes, clock=desk.clock
    ):
        pass
    return due


def _just_before_the_next(desk: Tables) -> datetime:
    """Time passes until a moment before the next rung; that rung's own time."""
    due = desk.climb(Reason.OFFER).next_at
    assert due
    desk.world.now = due - A_MOMENT
    return due


def test_the_page_is_made_before_its_time_and_leaves_at_it(desk: Tables, post: Postbox) -> None:
    desk.refers()
    early = agenda.read(now=desk.now, ahead=AHEAD).next_at
    second = _just_before_the_next(desk)
    assert early == second - AHEAD
    assert _acts(desk).rung_at == second
    (_, page) = desk.pages("ben")
    assert (page.fate, page.due_at) == (Fate.DUE, second)
    assert len(post.orders) == 1
    due = _acts(desk)
    assert (due.rung_at, due.pages, due.next_at) == (None, False, second)
    assert len(post.orders) == 1
    desk.world.now = second
    _acts(desk)
    assert len(post.orders) == 2
    assert desk.page("ben").sent_at == second


def test_the_ladder_goes_by_the_time_that_was_meant_not_by_that_of_the_preparing(desk: Tables) -> None:
    desk.refers()
    began = desk.climb(Reason.OFFER).opened_at
    for after, following in ((90, 180), (180, 300), (300, 480)):
        assert _just_before_the_next(desk) == began + timedelta(seconds=after)
        _acts(desk)
        assert desk.climb(Reason.OFFER).next_at == began + timedelta(seconds=following)


def test_an_answer_in_the_last_moment_is_an_answer(desk: Tables, post: Postbox) -> None:
    referral = desk.refers()
    _just_before_the_next(desk)
    _acts(desk)
    transitions.accept(referral.code, **desk.world.press("cleo"))
    desk.world.now += A_MOMENT
    desk.works()
    assert desk.pages("ben")[1].fate == Fate.CANCELLED
    assert len(post.orders) == 1


def test_no_ladder_ends_before_its_time(desk: Tables) -> None:
    referral = desk.refers()
    desk.wind(seconds=301)
    pages = len(desk.paged())
    _just_before_the_next(desk)
    _acts(desk)
    referral.refresh_from_db()
    assert referral.state == State.REFERRED
    assert len(desk.paged()) == pages
    assert Escalation.objects.filter(closed_at=None).count() == 1
    desk.world.now += A_MOMENT
    _acts(desk)
    referral.refresh_from_db()
    assert referral.state == State.UNPLACED
    assert Offer.objects.get(referral=referral).state == OfferState.LAPSED
