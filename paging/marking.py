"""Writes down what came of pages: each only if its attempt is still the one that counts, so that no slow zombie speaks.

Called by paging.sending, or by the thread that gathers the outcomes of a burst. Those that a provider took go together
in one transaction; each of the others leads to a next move of its own.
"""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple, Protocol

import structlog
from django.db import connection, transaction
from django.db.models import Q

from paging import aftermath, escalations, senders, settling, showing
from paging.models import Callback, Fate, Page
from paging.routes import Sent
from paging.transports.contract import Kind

log = structlog.get_logger(__name__)

TRIES = 3
GIVE_UP = timedelta(seconds=10)  # from the first moment at which the page was due
BACK_OFF = (timedelta(seconds=1), timedelta(seconds=3))
MARKED = (
    "lease_until",
    "provider",
    "provider_id",
    "provider_status",
    "error",
    "fate",
    "sent_at",
    "settled_at",
)
TAKEN = """
update paging_page as page set
    fate = case when page.fate = 'answered' then page.fate else 'sent' end,
    sent_at = told.at,
    lease_until = null,
    provider = told.provider,
    provider_id = told.provider_id,
    provider_status = told.status,
    error = ''
from unnest(
    %(pages)s::bigint[], %(attempts)s::int[], %(moments)s::timestamptz[], %(providers)s::text[], %(ids)s::text[],
    %(statuses)s::text[]
) as told (page, attempt, at, provider, provider_id, status)
where page.id = told.page and page.attempt = told.attempt
    and (page.fate = 'sending' or page.fate = 'answered' and page.sent_at is null)
returning page.id
"""


class Marked(NamedTuple):
    """A page, what came of it, and when."""

    page: Page
    sent: Sent
    now: datetime


class Mark(Protocol):
    """Takes an outcome to be written, now or soon."""

    def __call__(self, page: Page, sent: Sent, *, now: datetime) -> None: ...


def mark(page: Page, sent: Sent, *, now: datetime) -> None:
    """Write one outcome now; a provider's fault is told in any case."""
    aftermath.of_providers(sent, now=now)
    if sent.outcome.kind is Kind.ACCEPTED:
        _taken([Marked(page, sent, now)])
    else:
        _not_taken(page, sent, now=now)


def gathered(put: Callable[[Marked], None]) -> Mark:
    """Outcomes go there, where they are gathered and written together soon."""

    def later(page: Page, sent: Sent, *, now: datetime) -> None:
        put(Marked(page, sent, now))

    return later


def mark_all(marked: Sequence[Marked]) -> None:
    """Write many; what is wrong with one of them holds up no other."""
    taken = [one for one in marked if one.sent.outcome.kind is Kind.ACCEPTED and not one.sent.faults]
    others = [one for one in marked if one.sent.outcome.kind is not Kind.ACCEPTED or one.sent.faults]
    try:
        if taken:
            _taken(taken)
    except Exception as error:  # noqa: BLE001 one of them is poisoned, or the database was gone
        log.warning("marked_singly", **senders.blame(error))
        others = list(marked)
    for one in others:
        senders.guarded(mark, one.page, sent=one.sent, now=one.now)


@transaction.atomic
def _taken(marked: Sequence[Marked]) -> None:
    """Providers took these pages. Whoever answered before that was written has answered all the same."""
    escalations.lock(*{one.page.escalation_id for one in marked})
    with connection.cursor() as cursor:
        cursor.execute(
            TAKEN,
            {
                "pages": [one.page.pk for one in marked],
                "attempts": [one.page.attempt for one in marked],
                "moments": [one.now for one in marked],
                "providers": [one.sent.provider for one in marked],
                "ids": [one.sent.outcome.provider_id for one in marked],
                "statuses": [one.sent.outcome.status for one in marked],
            },
        )
        written = {pk for (pk,) in cursor.fetchall()}
    ours = [one for one in marked if one.page.pk in written]
    if not ours:
        return
    latest = max(one.now for one in ours)
    _apply_reports([one.sent.outcome.provider_id for one in ours], now=latest)
    shown = {showing.about(one.page.escalation) for one in ours}
    showing.show_all([pk for pk in shown if pk is not None], now=latest)


def _apply_reports(provider_ids: Sequence[str], *, now: datetime) -> None:
    """A report may have been quicker than the provider's own answer."""
    early = set(Callback.objects.filter(provider_id__in=provider_ids).values_list("provider_id", flat=True))
    if not early:
        return
    for page in settling.whole(Page.objects.filter(provider_id__in=early)):
        settling.merge(page, now=now)


@transaction.atomic
def _not_taken(page: Page, sent: Sent, *, now: datetime) -> None:
    escalations.lock(page.escalation_id)
    mine = Q(fate=Fate.SENDING) | Q(fate=Fate.ANSWERED, sent_at=None)
    row = settling.whole(Page.objects.filter(mine, pk=page.pk, attempt=page.attempt)).first()
    if row is None:
        return
    outcome = sent.outcome
    row.lease_until = None
    row.provider, row.provider_id, row.provider_status = sent.provider, outcome.provider_id, outcome.status
    row.error = outcome.error
    if row.fate == Fate.ANSWERED:  # its reader was quicker than the provider's word
        row.sent_at, row.error = now, ""
        row.save(update_fields=MARKED)
        return
    if row.escalation.closed_at is not None and outcome.kind is Kind.AGAIN:
        row.fate, row.settled_at = Fate.CANCELLED, now  # nobody waits for it any more
    elif outcome.kind is Kind.AGAIN and _may_try_again(row, now):
        row.fate, row.lease_until = Fate.DUE, now + BACK_OFF[min(row.attempt, len(BACK_OFF)) - 1]
    else:
        row.fate, row.settled_at = Fate.FAILED, now
    row.save(update_fields=MARKED)
    settling.apply_reports(row, now=now)
    settling.tell(row, now=now)


def _may_try_again(page: Page, now: datetime) -> bool:
    # What the first provider tried is not held against the second.
    return now - page.due_at < GIVE_UP and (page.attempt < TRIES or bool(page.passed_over))
