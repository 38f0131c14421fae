"""Claim, send, mark: pages that are due leave the building, at least once.

A page is claimed with a lease (SKIP LOCKED), sent outside every transaction, and marked only if the claim is still
ours (the attempt number fences a slow zombie). Called by the engine's tick.
"""

from collections.abc import Callable
from datetime import datetime, timedelta

import structlog
from django.conf import settings
from django.db import Error, transaction
from django.db.models import F, Q

from paging import aftermath, escalations, senders, settling, wording
from paging.models import Channel, Fate, Page
from paging.routes import Routes, Sent
from paging.transports.contract import Kind, Order, Outcome

log = structlog.get_logger(__name__)

LEASE = timedelta(seconds=15)  # longer than the time-outs of two providers together
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


def claim(*, now: datetime, most: int) -> list[Page]:
    """Take up to so many due pages for this process; a lease or a pause that ran out makes a page due again."""
    with transaction.atomic():
        unheld = Q(lease_until=None) | Q(lease_until__lte=now)
        waiting = Q(fate=Fate.DUE, due_at__lte=now) | Q(fate=Fate.SENDING)
        due = Page.objects.filter(waiting & unheld, escalation__closed_at=None)
        rows = due.select_for_update(skip_locked=True, no_key=True, of=("self",)).order_by("due_at", "pk")
        taken = list(rows.values_list("pk", flat=True)[:most])
        Page.objects.filter(pk__in=taken).update(
            fate=Fate.SENDING, lease_until=now + LEASE, attempt=F("attempt") + 1
        )
    claimed = Page.objects.filter(pk__in=taken).select_related(
        "escalation__referral__spoke",
        "escalation__referral__hub",
        "escalation__referral__operator",
        "escalation__referral__supervisor",
        "escalation__hub",
        "escalation__person",
        "person",
    )
    return sorted(claimed, key=lambda page: (page.due_at, page.pk))


def order(page: Page) -> Order:
    """The page as its transport wants it."""
    if page.channel == Channel.SMS:
        return Order(page_id=page.pk, to=page.phone, words=wording.text(page), callback=callback_url(page))
    if page.channel == Channel.VOICE:
        return Order(page_id=page.pk, to=page.phone, words=wording.twiml(page), callback=callback_url(page))
    return Order(page_id=page.pk, to=page.phone or str(page.person_id), words="")


def callback_url(page: Page) -> str:
    """Where the provider reports; it names the page, because a report may come before the provider's answer."""
    return f"{settings.PUBLIC_URL}/twilio/{page.channel}/status?page={page.pk}"


def deliver(page: Page, *, routes: Routes, clock: Callable[[], datetime]) -> None:
    """Send one claimed page and write down what came of it; a page without words fails, and hurries the ladder."""
    try:
        wanted = order(page)
    except Error:  # the database itself: the lease brings the page back
        raise
    except Exception as error:  # noqa: BLE001 a poisoned row: nobody shall wait for it until its ladder goes on
        log.error("page_without_words", page=page.pk, **senders.blame(error))
        mark(page, Sent(Outcome(Kind.REFUSED, error="no_words")), now=clock())
        return
    sent = routes.send(page.channel, wanted, now=clock(), passed_over=page.passed_over)
    mark(page, sent, now=clock())


def mark(page: Page, sent: Sent, *, now: datetime) -> None:
    """Write the outcome, if this attempt is still the one that counts; a provider's fault is told in any case."""
    aftermath.of_providers(sent, now=now)
    _mark(page, sent, now=now)


@transaction.atomic
def _mark(page: Page, sent: Sent, *, now: datetime) -> None:
    escalations.lock(page.escalation_id)
    mine = Page.objects.select_for_update(no_key=True, of=("self",)).filter(
        Q(fate=Fate.SENDING) | Q(fate=Fate.ANSWERED, sent_at=None), pk=page.pk, attempt=page.attempt
    )
    row = mine.select_related("escalation__referral", "escalation__hub", "person").first()
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
    if outcome.kind is Kind.ACCEPTED:
        row.fate, row.sent_at, row.error = Fate.SENT, now, ""
    elif row.escalation.closed_at is not None and outcome.kind is Kind.AGAIN:
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
