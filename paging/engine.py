"""One tick of the pager: look at the tables and make them right. Safe to run twice, late, or in two places.

look, open, close, notice, climb, revalidate, send, sweep, test. PostgreSQL is the only queue; `now` is its clock,
read by the caller.
"""

from collections.abc import Callable, Collection
from datetime import datetime, timedelta

import structlog
from django.db import OperationalError
from django.db.models import Q, QuerySet

from paging import (
    agenda,
    confirming,
    crew_texts,
    escalations,
    glance,
    marking,
    reaching,
    revalidating,
    road,
    rungs,
    senders,
    sending,
    settling,
    shut,
    standing_down,
    telling,
    waits,
    whom,
)
from paging.agenda import Agenda
from paging.models import Escalation, Fate, Page
from paging.routes import Routes
from paging.senders import Senders

BATCH = 50
SILENT = timedelta(seconds=30)  # a provider that has not told a fate is asked
ASKED_TOGETHER = 5  # one after the other, on one thread: whoever is due now goes before them
GIVES_UP_ASKING = timedelta(minutes=5)

Clock = Callable[[], datetime]
Part = Callable[..., None]
Parts = dict[glance.Rows, Part]  # where there may be work, and who does it
log = structlog.get_logger(__name__)


def silent(now: glance.When) -> tuple[QuerySet[Page]]:
    """The pages whose provider has been silent for too long and is to be asked now."""
    sent = Page.objects.filter(fate=Fate.SENT, sent_at__lt=now - SILENT, sent_at__gt=now - GIVES_UP_ASKING)
    return (sent.filter(Q(asked_at=None) | Q(asked_at__lt=now - SILENT)).exclude(provider_id=""),)


WAITS: Parts = {
    waits.unopened: waits.open_for_waiting,
    waits.settled: waits.close_for_settled,
    waits.looks: waits.notice_looks,
}
NOTICES: Parts = {
    shut.work: shut.hurry,
    telling.work: telling.follow,
    road.work: road.notice,
    standing_down.work: standing_down.notice,
    confirming.work: confirming.follow,
    crew_texts.work: crew_texts.follow,
}  # what else somebody must hear of; a fault in one holds up no page
ENDS: Parts = {
    escalations.of_the_dead: escalations.cancel_the_deads,
    reaching.beginning: reaching.open_for_shifts,
}
GLANCE = glance.Glance([*WAITS, *NOTICES, silent, *ENDS])


def tick(*, now: datetime, routes: Routes, clock: Clock, threads: Senders | None = None) -> None:
    """One whole pass. With threads, the provider is spoken to there, and no tick waits for it."""
    work = _work(now)
    for part in _of(WAITS, work):
        part(now=now)
    for notice in _of(NOTICES, work):
        _guarded(notice, now=now)
    act(agenda.read(now=now), now=now, routes=routes, clock=clock, threads=threads)
    room = threads.room if threads else BATCH
    if silent in work and (asked := sweep(now=now, most=min(room, ASKED_TOGETHER))):
        begin = threads.begin if threads else senders.at_once
        begin(settling.ask_in_turn, pages=asked, routes=routes, clock=clock)
    for part in _of(ENDS, work):
        part(now=now)


def _work(now: datetime) -> Collection[glance.Rows]:
    """The parts of a tick that have anything to do."""
    try:
        return GLANCE.at(now)
    except OperationalError:  # the database itself; the next tick goes on
        raise
    except Exception as error:  # noqa: BLE001 then each looks for itself
        log.error("glance_failed", **senders.blame(error))
        return GLANCE.parts


def _of(parts: Parts, work: Collection[glance.Rows]) -> list[Part]:
    return [do for rows, do in parts.items() if rows in work]


def _guarded(notice: Part, *, now: datetime) -> None:
    try:
        notice(now=now)
    except OperationalError:  # the database itself; the next tick goes on
        raise
    except Exception as error:  # noqa: BLE001 whoever waits is paged all the same
        log.error("notice_failed", notice=notice.__module__, **senders.blame(error))


def act(due: Agenda, *, now: datetime, routes: Routes, clock: Clock, threads: Senders | None = None) -> bool:
    """What the clock makes due, as far as the agenda tells: was there anything to be done?

    Pages of a rung that is almost due are made ready, and leave when it is.
    """
    climbed = rungs.NOTHING
    if due.rung_at is not None:
        climbed = rungs.climb(now=due.firing, channels=routes.channels, early=due.rung_at > now)
    if climbed.ended:
        waits.open_for_waiting(now=now)  # whoever was handed on in this tick
    if due.late:
        revalidating.revalidate(now=now)
    room = threads.room if threads else BATCH  # no more than can leave before their lease ends
    made = threads.made if threads else {}
    made |= {page.pk: page for page in climbed.pages}
    claimed = []
    if due.pages or any(page.due_at <= now for page in climbed.pages):
        claimed = sending.claim(now=now, most=min(room, BATCH), made=made)
    start = threads.start if threads else senders.guarded
    mark = marking.gathered(threads.put) if threads else marking.mark
    known: whom.Judged = {}
    for page in claimed:
        start(sending.deliver, page, routes=routes, clock=clock, known=known, mark=mark)
    return bool(climbed.fired or claimed)


def sweep(*, now: datetime, most: int) -> list[Page]:
    """Some of those whose provider is to be asked; they are asked once."""
    (unheard,) = silent(now)
    pages = list(unheard.order_by("sent_at")[: max(most, 0)])
    if pages:
        Page.objects.filter(pk__in=[page.pk for page in pages]).update(asked_at=now)
    return pages


def overdue(*, now: datetime) -> timedelta:
    """The age of the oldest row that should have been done by now; a health figure."""
    pages = Page.objects.filter(escalation__closed_at=None).filter(
        Q(fate=Fate.DUE, due_at__lt=now) | Q(fate=Fate.SENDING), Q(lease_until=None) | Q(lease_until__lt=now)
    )
    oldest = [
        Escalation.objects.filter(closed_at=None, next_at__lt=now)
        .order_by("next_at")
        .values_list("next_at", flat=True)
        .first(),
        pages.order_by("due_at").values_list("due_at", flat=True).first(),
    ]
    return max((now - moment for moment in oldest if moment), default=timedelta(0))
