"""Everybody at once: whoever holds several locks took them in one order, so that no two wait for each other.

Each test lets the real parts meet at the point where a wrong order would end in a deadlock, which PostgreSQL breaks
by letting one of them fail.
"""

import contextlib
import threading
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from django.db import OperationalError, connection, transaction

from paging import answers, escalations, marking, rungs, sending, showing, waits
from paging.models import Escalation, Fate, Page, Reason
from paging.routes import Sent
from paging.transports.contract import Kind, Outcome
from referrals import transitions
from referrals.models import Event, Referral
from referrals.states import State
from tests.paging import tables
from tests.paging.tables import Postbox, Tables
from tests.together import PATIENCE, at_once
from tests.world import World


@pytest.fixture
def desk(open_world: World, monkeypatch: pytest.MonkeyPatch) -> Tables:
    tables.with_texts_only(open_world.now)
    return tables.over(open_world, Postbox(), Postbox("notify"), monkeypatch=monkeypatch)


class Meeting:
    """Holds everybody who comes by, once each, until so many are there or nobody else can come."""

    def __init__(self, count: int) -> None:
        self._here = threading.Barrier(count)

    def at(self, work: Callable[..., Any]) -> Callable[..., Any]:
        def met(*args: Any, **means: Any) -> Any:
            # It breaks where the other waits for a lock that this one holds: the right order.
            with contextlib.suppress(threading.BrokenBarrierError):
                self._here.wait(0.3)
            return work(*args, **means)

        return met


def _answer(page: Page, desk: Tables) -> Callable[[], str]:
    return lambda: answers.receive(
        provider_id=f"SM{page.pk}", sender=page.phone, text=page.reply_code, now=desk.now
    )


def test_a_report_and_an_answer_of_one_page_meet(desk: Tables, monkeypatch: pytest.MonkeyPatch) -> None:
    """The delivery is reported in the moment in which its reader replies."""
    desk.refers()
    page = desk.page("ben")
    monkeypatch.setattr(showing, "show", Meeting(2).at(showing.show))
    outcomes = at_once([_answer(page, desk), lambda: desk.reports(page, "delivered")])
    assert [outcome for outcome in outcomes if isinstance(outcome, Exception)] == []
    assert desk.page("ben").fate == Fate.ANSWERED


def test_a_failure_and_the_end_of_its_climb_meet(desk: Tables, monkeypatch: pytest.MonkeyPatch) -> None:
    """A page fails in the moment in which the pager closes its climb."""
    referral = desk.refers()
    page = desk.page("ben")
    transitions.accept(referral.code, **desk.world.press("ben"))
    meeting = Meeting(2)
    monkeypatch.setattr(escalations, "hurry", meeting.at(escalations.hurry))
    monkeypatch.setattr(escalations, "_answered", meeting.at(escalations._answered))
    outcomes = at_once([desk.tick, lambda: desk.reports(page, "undelivered", "30006")])
    assert outcomes == [None, None]
    assert desk.fates("ben")[0] in {(Fate.FAILED, "30006"), (Fate.ANSWERED, "")}
    desk.tick()  # what the report held is closed in the next one
    assert not Escalation.objects.filter(closed_at=None, reason=Reason.OFFER).exists()


def test_an_answer_and_the_hand_on_of_its_offer_meet(desk: Tables) -> None:
    for _ in range(3):
        referral = desk.refers()
        desk.wind(minutes=7, seconds=59)
        desk.world.wind(seconds=1)
        page = desk.page("ben", escalation__referral=referral)
        outcomes = at_once([desk.tick, _answer(page, desk), desk.tick])
        assert [outcome for outcome in outcomes if isinstance(outcome, Exception)] == []
        desk.works()
        assert Referral.objects.get(pk=referral.pk).state in {State.ACCEPTED, State.UNPLACED}


def test_a_storm_of_ticks_reports_and_answers_leaves_each_referral_answered_once(desk: Tables) -> None:
    referrals = [desk.world.refers("RET20", "RM301") for _ in range(4)]
    desk.works()
    pages = list(Page.objects.filter(fate=Fate.SENT).select_related("person"))
    assert len(pages) == 8
    jobs: list[Callable[[], Any]] = [_answer(page, desk) for page in pages]
    jobs += [partial(desk.reports, page, "delivered") for page in pages]
    jobs += [partial(desk.reports, page, "undelivered", "30003") for page in pages[::2]]
    jobs += [desk.tick] * 4
    outcomes = at_once(jobs)
    assert [outcome for outcome in outcomes if isinstance(outcome, Exception)] == []
    for referral in referrals:
        assert Event.objects.filter(referral=referral, verb="accept").count() == 1


def test_a_tick_waits_for_nobody_who_holds_a_referral_or_its_climb(desk: Tables) -> None:
    """A web process that was frozen in the middle of a verb must not stop the pager."""
    held, free = desk.refers(), desk.world.refers()
    desk.world.wind(seconds=90)
    holding, done = threading.Event(), threading.Event()

    def freeze() -> None:
        with transaction.atomic():
            Referral.objects.select_for_update(no_key=True).get(pk=held.pk)
            escalations.lock(Escalation.objects.get(referral=held).pk)
            holding.set()
            done.wait(PATIENCE)
        connection.close()

    frozen = threading.Thread(target=freeze)
    frozen.start()
    try:
        assert holding.wait(PATIENCE)
        with connection.cursor() as cursor:
            cursor.execute("set lock_timeout = '5s'")
        desk.tick()
        desk.tick()
        assert [page.rung for page in desk.pages("ben", escalation__referral=held)] == [0]
        assert desk.pages("ben", escalation__referral=free)[0].fate == Fate.SENT
    finally:
        with connection.cursor() as cursor:
            cursor.execute("set lock_timeout = 0")
        done.set()
        frozen.join()
    desk.tick()
    assert [page.rung for page in desk.pages("ben", escalation__referral=held)] == [0, 1]


def test_an_offer_whose_referral_is_held_is_handed_on_in_the_next_tick(desk: Tables) -> None:
    referral = desk.refers()
    desk.wind(minutes=7, seconds=59)
    desk.world.wind(seconds=1)
    holding, done = threading.Event(), threading.Event()

    def hold() -> None:
        with transaction.atomic():
            Referral.objects.select_for_update(no_key=True).get(pk=referral.pk)
            holding.set()
            done.wait(PATIENCE)
        connection.close()

    holder = threading.Thread(target=hold)
    holder.start()
    try:
        assert holding.wait(PATIENCE)
        for _ in range(5):
            desk.tick()
        assert Referral.objects.get(pk=referral.pk).state == State.REFERRED
    finally:
        done.set()
        holder.join()
    desk.works()
    assert Referral.objects.get(pk=referral.pk).state == State.UNPLACED


def test_one_climb_that_cannot_be_closed_holds_up_no_other(
    desk: Tables, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    bad, good = desk.refers(), desk.refers()
    for referral in (bad, good):
        transitions.accept(referral.code, **desk.world.press("cleo"))
    close = escalations.close

    def failing(escalation: Escalation, **means: Any) -> None:
        if escalation.referral_id == bad.pk:
            raise ValueError("a poisoned row")
        close(escalation, **means)

    monkeypatch.setattr(escalations, "close", failing)
    third = desk.world.refers()
    desk.tick()
    assert Escalation.objects.get(referral=good).closed_at
    assert desk.pages("ben", escalation__referral=third), "and the others are paged"
    assert "close_failed" in caplog.text
    monkeypatch.undo()
    desk.tick()
    assert Escalation.objects.get(referral=bad).closed_at


def test_a_database_that_goes_away_is_no_poisoned_row(desk: Tables, monkeypatch: pytest.MonkeyPatch) -> None:
    referral = desk.refers()
    transitions.accept(referral.code, **desk.world.press("cleo"))

    def gone(*_: object, **__: object) -> None:
        raise OperationalError("the connection is lost")

    monkeypatch.setattr(escalations, "close", gone)
    with pytest.raises(OperationalError):
        desk.tick()


def test_an_answer_and_the_mark_of_its_page_meet(desk: Tables, monkeypatch: pytest.MonkeyPatch) -> None:
    """He replies before we have noted that the provider took it."""
    desk.world.refers()
    waits.open_for_waiting(now=desk.now)
    rungs.climb(now=desk.now, channels=desk.routes.channels)
    (page,) = sending.claim(now=desk.now, most=9)
    assert page.person
    monkeypatch.setattr(showing, "show", Meeting(2).at(showing.show))
    taken = Sent(Outcome(Kind.ACCEPTED, "SM-1", "queued"), "twilio")
    outcomes = at_once([_answer(page, desk), lambda: marking.mark(page, taken, now=desk.now)])
    assert [outcome for outcome in outcomes if isinstance(outcome, Exception)] == []
    assert desk.page("ben").fate == Fate.ANSWERED
    assert (desk.page("ben").provider_id, desk.page("ben").sent_at) == ("SM-1", desk.now)
