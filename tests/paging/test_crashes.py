"""A pager that dies loses no page; two pagers send each page once; a late one changes nothing."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

import pytest
from django.db import OperationalError, connection

from paging import engine, marking, rungs, senders, sending, waits, wording
from paging.models import Escalation, Fate, Page
from paging.routes import Sent
from paging.senders import Senders
from paging.transports.contract import Kind, Order, Outcome
from paging.whom import Judged
from tests.paging.tables import Postbox
from tests.world import World

CLAIMED = senders.MOST + senders.AHEAD


def _due(world: World) -> None:
    """A page that nobody has claimed yet."""
    world.refers()
    waits.open_for_waiting(now=world.now)
    rungs.climb(now=world.now, channels=frozenset({"sms"}))


def test_a_page_claimed_by_a_pager_that_died_is_sent_after_the_lease(world: World) -> None:
    _due(world)
    assert len(sending.claim(now=world.now, most=9)) == 1
    post = Postbox()
    engine.tick(now=world.wind(seconds=14), routes=post.routes, clock=lambda: world.now)
    assert post.taken == []
    engine.tick(now=world.wind(seconds=1), routes=post.routes, clock=lambda: world.now)
    assert post.taken == [world.people["ben"].phone]
    assert Page.objects.get().fate == Fate.SENT


def test_a_page_sent_by_a_pager_that_died_before_it_wrote_that_down_is_sent_again(world: World) -> None:
    _due(world)
    post = Postbox()
    (page,) = sending.claim(now=world.now, most=9)
    post.send(sending.order(page))
    for _ in range(4):
        engine.tick(now=world.wind(seconds=10), routes=post.routes, clock=lambda: world.now)
    assert post.taken == [page.phone] * 2
    assert Page.objects.get().attempt == 2


def test_the_late_word_of_a_pager_thought_dead_changes_nothing(world: World) -> None:
    _due(world)
    (zombie,) = sending.claim(now=world.now, most=9)
    engine.tick(now=world.wind(seconds=16), routes=Postbox().routes, clock=lambda: world.now)
    before = Page.objects.values().get(), Escalation.objects.values().get()
    marking.mark(zombie, Sent(Outcome(Kind.REFUSED, error="21211"), "twilio"), now=world.now)
    assert (Page.objects.values().get(), Escalation.objects.values().get()) == before


def test_a_pager_that_was_frozen_sends_nothing_that_another_has_taken_over(world: World) -> None:
    _due(world)
    (claimed,) = sending.claim(now=world.now, most=9)
    post = Postbox()
    engine.tick(now=world.wind(seconds=15), routes=post.routes, clock=lambda: world.now)
    sending.deliver(claimed, routes=post.routes, clock=lambda: world.now)
    assert post.taken == [claimed.phone]


def test_a_page_of_the_dead_for_an_offer_that_was_answered_is_not_needed(world: World) -> None:
    _due(world)
    sending.claim(now=world.now, most=9)
    Escalation.objects.update(closed_at=world.now)
    post = Postbox()
    engine.tick(now=world.wind(seconds=16), routes=post.routes, clock=lambda: world.now)
    assert Page.objects.filter(fate=Fate.SENDING).count() == 0
    assert Page.objects.filter(fate=Fate.CANCELLED).count() == 1


def _at_once(work: Callable[[], None], times: int) -> None:
    """Several pagers, each with a connection of its own, begin at the same moment."""
    together = threading.Barrier(times)

    def one() -> None:
        together.wait()
        try:
            work()
        finally:
            connection.close()

    with ThreadPoolExecutor(times) as pool:
        for future in [pool.submit(one) for _ in range(times)]:
            future.result()


def test_two_pagers_at_once_open_climb_and_send_everything_once(open_world: World) -> None:
    world, post = open_world, Postbox()
    for _ in range(8):
        world.refers()
    for _ in range(3):
        _at_once(lambda: engine.tick(now=world.now, routes=post.routes, clock=lambda: world.now), 2)
    assert Escalation.objects.count() == 8
    assert len(post.taken) == 8
    assert {page.attempt for page in Page.objects.all()} == {1}


def _claim_without_skipping(now: datetime) -> list[Page]:
    """A pager that looks first and writes afterwards: what the lock and the lease are there to prevent."""
    pages = list(Page.objects.filter(fate=Fate.DUE))
    seen.wait()
    Page.objects.filter(pk__in=[page.pk for page in pages]).update(fate=Fate.SENDING)
    return pages


seen = threading.Barrier(2)


def test_without_the_lock_the_same_two_pagers_send_pages_twice(open_world: World) -> None:
    world, post = open_world, Postbox()
    for _ in range(8):
        world.refers()
    waits.open_for_waiting(now=world.now)
    rungs.climb(now=world.now, channels=frozenset({"sms"}))

    def careless() -> None:
        for page in _claim_without_skipping(world.now):
            post.send(sending.order(page))

    _at_once(careless, 2)
    assert len(post.taken) == 16


def test_no_more_is_claimed_than_can_be_sent_at_once(open_world: World) -> None:
    """A provider that hangs must not make pages wait in a queue until their lease ends."""
    world, gate = open_world, threading.Event()

    class Hanging(Postbox):
        def send(self, order: Order) -> Outcome:
            gate.wait(120)
            return super().send(order)

    post = Hanging()
    senders.keep_ready(patience=120)  # or the last hands find no connection on a slow machine, and give up
    for _ in range(CLAIMED + 4):
        world.refers()
    with Senders(marking.mark_all) as threads:
        try:
            for _ in range(3):
                engine.tick(now=world.now, routes=post.routes, clock=lambda: world.now, threads=threads)
            assert threads.room == 0
            claimed = Page.objects.filter(fate=Fate.SENDING).count()
            assert senders.MOST < claimed <= CLAIMED
            assert Page.objects.filter(fate=Fate.DUE).count() == CLAIMED + 4 - claimed
        finally:
            gate.set()
    with Senders(marking.mark_all) as threads:
        engine.tick(now=world.now, routes=post.routes, clock=lambda: world.now, threads=threads)
    assert len(post.taken) == CLAIMED + 4
    assert set(Page.objects.values_list("fate", "attempt")) == {(Fate.SENT, 1)}


def test_a_page_whose_words_cannot_be_made_holds_up_no_other(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    bad, good = world.refers(), world.refers()
    words = wording.text

    def failing(page: Page, known: Judged | None = None) -> str:
        if page.escalation.referral_id == bad.pk:
            raise ValueError("no words")
        return words(page, known)

    monkeypatch.setattr(wording, "text", failing)
    engine.tick(now=world.now, routes=Postbox().routes, clock=lambda: world.now)
    assert Page.objects.get(escalation__referral=good).fate == Fate.SENT
    unsaid = Page.objects.get(escalation__referral=bad)
    assert (unsaid.fate, unsaid.error) == (Fate.FAILED, "no_words")
    assert Escalation.objects.get(referral=bad).next_at == world.now, "nobody waits for it"
    others = Escalation.objects.get(referral=good).next_at
    assert others
    assert others > world.now


def test_a_page_whose_words_the_database_would_not_tell_is_sent_after_the_lease(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    _due(world)
    with monkeypatch.context() as broken:
        broken.setattr(wording, "text", _gone)
        engine.tick(now=world.now, routes=Postbox().routes, clock=lambda: world.now)
    assert Page.objects.get().fate == Fate.SENDING
    engine.tick(now=world.wind(seconds=15), routes=Postbox().routes, clock=lambda: world.now)
    assert Page.objects.get().fate == Fate.SENT


def _gone(*_: object) -> str:
    raise OperationalError("the connection is lost")


def test_a_pager_that_falls_silent_shows_in_the_age_of_what_is_overdue(world: World) -> None:
    _due(world)
    assert engine.overdue(now=world.now).total_seconds() == 0
    assert engine.overdue(now=world.wind(seconds=50)).total_seconds() == 50
    engine.tick(now=world.now, routes=Postbox().routes, clock=lambda: world.now)
    assert engine.overdue(now=world.now).total_seconds() == 0
