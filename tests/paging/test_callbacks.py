"""What a provider reports of a page, merged: whatever the order, the same end."""

from itertools import permutations

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from paging import engine, marking, rungs, sending, settling, waits
from paging.models import Callback, Escalation, Fate, Page
from paging.routes import Sent
from paging.settling import STATUS_RANK
from paging.transports.contract import Kind, Outcome
from tests.paging.tables import Postbox
from tests.world import World

ERRORS = {"undelivered": "30003", "failed": "30006", "canceled": ""}


@pytest.fixture
def page(world: World) -> Page:
    """A page that has left, of which nothing has been heard."""
    world.refers()
    engine.tick(now=world.now, routes=Postbox().routes, clock=lambda: world.now)
    return Page.objects.get()


def _report(page: Page, *statuses: str, of: str = "") -> None:
    for status in statuses:
        settling.report(
            page_id=page.pk,
            provider_id=of or page.provider_id,
            status=status,
            error=ERRORS.get(status, ""),
            now=page.due_at,
        )


def _end(page: Page) -> tuple[object, ...]:
    row = Page.objects.get(pk=page.pk)
    climb = Escalation.objects.get(pk=row.escalation_id)
    said = sorted(Callback.objects.filter(provider_id=row.provider_id).values_list("event", flat=True))
    return row.fate, row.provider_status, row.error, row.attempt, row.machine, climb.next_at, tuple(said)


class _Undo(Exception):
    """Takes back what was reported, so that the next order begins from the same page."""


def _ends_after(page: Page, statuses: tuple[str, ...]) -> tuple[object, ...]:
    ends: list[tuple[object, ...]] = []
    try:
        with transaction.atomic():
            _report(page, *statuses)
            ends.append(_end(page))
            raise _Undo
    except _Undo:
        return ends[0]


@st.composite
def two_orders(draw: st.DrawFn) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The same reports in two orders, in the second some of them twice."""
    said = draw(st.lists(st.sampled_from(sorted(STATUS_RANK)), min_size=1, max_size=6))
    again = draw(st.lists(st.sampled_from(said), max_size=2))
    return tuple(said), tuple(draw(st.permutations(said + again)))


# Each order is taken back before the next begins, so one page does for all.
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(orders=two_orders())
def test_in_whatever_order_and_however_often_the_end_is_the_same(
    page: Page, orders: tuple[tuple[str, ...], tuple[str, ...]]
) -> None:
    one, other = orders
    assert _ends_after(page, one) == _ends_after(page, other)


def test_final_reports_that_contradict_each_other_count_as_not_delivered(page: Page) -> None:
    ends = {_ends_after(page, order) for order in permutations(["delivered", "undelivered", "failed"])}
    assert {end[:3] for end in ends} == {(Fate.FAILED, "failed", "30006")}


def test_a_final_report_is_not_undone_by_a_late_one(page: Page) -> None:
    _report(page, "delivered", "sent", "queued")
    assert _end(page)[:2] == (Fate.DELIVERED, "delivered")


def test_a_status_that_nobody_knows_is_not_kept(page: Page) -> None:
    _report(page, "vanished")
    assert not Callback.objects.exists()


def test_a_report_of_a_page_that_nobody_knows_changes_nothing(page: Page) -> None:
    before = _end(page)
    settling.report(page_id=10**12, provider_id="SMx", status="failed", error="30003", now=page.due_at)
    settling.report(page_id=None, provider_id="SMy", status="failed", error="30003", now=page.due_at)
    assert _end(page) == before


def test_a_report_finds_its_page_by_the_providers_id_alone(page: Page) -> None:
    settling.report(page_id=None, provider_id=page.provider_id, status="delivered", error="", now=page.due_at)
    assert _end(page)[0] == Fate.DELIVERED


def test_a_report_of_an_earlier_copy_does_not_touch_the_later_one(world: World) -> None:
    world.refers()
    post = Postbox(answers=[Outcome(Kind.AGAIN, error="unanswered")])
    engine.tick(now=world.now, routes=post.routes, clock=lambda: world.now)
    page = Page.objects.get()
    _report(page, "sent", of="SM-first-copy")
    engine.tick(now=world.wind(seconds=1), routes=post.routes, clock=lambda: world.now)
    page.refresh_from_db()
    assert page.fate == Fate.SENT
    _report(page, "undelivered", of="SM-first-copy")
    page.refresh_from_db()
    assert (page.fate, page.error) == (Fate.SENT, "")
    _report(page, "delivered")
    assert _end(page)[0] == Fate.DELIVERED


def test_a_report_before_the_providers_answer_counts_once_that_has_come(world: World) -> None:
    world.refers()
    waits.open_for_waiting(now=world.now)
    rungs.climb(now=world.now, channels=frozenset({"sms"}))
    (page,) = sending.claim(now=world.now, most=9)
    _report(page, "undelivered", of="SM-early")
    assert Page.objects.get().fate == Fate.SENDING
    marking.mark(page, Sent(Outcome(Kind.ACCEPTED, "SM-early", "queued"), "twilio"), now=world.now)
    page.refresh_from_db()
    assert (page.fate, page.error) == (Fate.FAILED, "30003")
    assert Escalation.objects.get().next_at == world.now


def test_an_answered_page_stays_answered(page: Page) -> None:
    Page.objects.update(fate=Fate.ANSWERED)
    _report(page, "undelivered")
    assert _end(page)[0] == Fate.ANSWERED
