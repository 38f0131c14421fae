"""One tick of the pager: look at the tables and make them right. Safe to run twice, late, or in two places.

open, close, notice, climb, revalidate, send, sweep, test. PostgreSQL is the only queue; `now` is its clock, read by the
caller.
"""

from collections.abc import Callable
from datetime import datetime, timedelta

from django.db.models import Q
from django.db.models.functions import Coalesce

from paging import escalations, reaching, rungs, senders, sending, settling
from paging.models import Escalation, Fate, Page
from paging.routes import Routes
from paging.senders import Senders

BATCH = 50
SILENT = timedelta(seconds=30)  # a provider that has not told a fate is asked
ASKED_AT_ONCE = 5
GIVES_UP_ASKING = timedelta(minutes=5)


def tick(
    *, now: datetime, routes: Routes, clock: Callable[[], datetime], threads: Senders | None = None
) -> None:
    """One whole pass. With threads, the provider is spoken to there, and no tick waits for it."""
    escalations.open_for_waiting(now=now)
    escalations.close_for_settled(now=now)
    escalations.notice_looks(now=now)
    if rungs.climb(now=now, channels=routes.channels):
        escalations.open_for_waiting(now=now)  # whoever was handed on in this tick
    rungs.revalidate(now=now)
    start = threads.start if threads else senders.guarded
    room = threads.room if threads else BATCH  # no more than can leave before their lease ends
    for page in sending.claim(now=now, most=min(room, BATCH)):
        start(sending.deliver, page, routes=routes, clock=clock)
        room -= 1
    for page in sweep(now=now, most=min(room, ASKED_AT_ONCE)):
        start(settling.ask, page, routes=routes, clock=clock)
    escalations.cancel_the_deads(now=now)
    reaching.open_for_shifts(now=now)


def sweep(*, now: datetime, most: int) -> list[Page]:
    """The pages whose provider has been silent for too long and is to be asked now."""
    silent = Page.objects.filter(fate=Fate.SENT, sent_at__lt=now - SILENT, sent_at__gt=now - GIVES_UP_ASKING)
    silent = silent.filter(Q(asked_at=None) | Q(asked_at__lt=now - SILENT)).exclude(provider_id="")
    pages = list(silent.order_by("sent_at")[: max(most, 0)])
    Page.objects.filter(pk__in=[page.pk for page in pages]).update(asked_at=now)
    return pages


def next_due() -> datetime | None:
    """When the pager has something to do again, as far as the tables know."""
    rung = (
        Escalation.objects.filter(closed_at=None)
        .order_by("next_at")
        .values_list("next_at", flat=True)
        .first()
    )
    unsent = Page.objects.filter(fate__in=[Fate.DUE, Fate.SENDING], escalation__closed_at=None)
    page = unsent.annotate(moment=Coalesce("lease_until", "due_at")).order_by("moment")
    moments = [m for m in (rung, page.values_list("moment", flat=True).first()) if m]
    return min(moments, default=None)


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
