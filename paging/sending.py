"""Claim, send, mark: pages that are due leave the building, at least once.

A page is claimed with a lease (SKIP LOCKED), sent outside every transaction, and marked only if the claim is still
ours (the attempt number fences a slow zombie). Called by the engine's tick.
"""

from collections.abc import Callable
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q

from paging import settling, texts, whom
from paging.models import Fate, Page, Reason
from paging.transport import Kind, Outcome, Transport

LEASE = timedelta(seconds=15)  # longer than the transport's time-out
TRIES = 3
GIVE_UP = timedelta(seconds=10)  # from the first moment at which the page was due
BACK_OFF = (timedelta(seconds=1), timedelta(seconds=3))


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
        "person",
    )
    return sorted(claimed, key=lambda page: (page.due_at, page.pk))


def body(page: Page) -> str:
    """The words of this page."""
    escalation = page.escalation
    referral = escalation.referral
    hub = escalation.hub.short_name if escalation.hub else ""
    if escalation.reason == Reason.OFFER:
        if not whom.can_answer(page):
            return texts.unanswered_offer(code=referral.code, spoke=referral.spoke.short_name, hub=hub)
        return texts.offer(
            code=referral.code,
            spoke=referral.spoke.short_name,
            hub=hub,
            since=escalation.opened_at,
            reply=page.reply_code,
        )
    if escalation.reason == Reason.CONFIRM:
        if whom.can_answer(page):
            operator = referral.operator.name if referral.operator else ""
            return texts.confirm(code=referral.code, hub=hub, operator=operator, reply=page.reply_code)
        return texts.unanswered_confirmation(code=referral.code, hub=hub, reply=page.reply_code)
    return texts.unplaced(code=referral.code, spoke=referral.spoke.short_name, reply=page.reply_code)


def callback_url(page: Page) -> str:
    """Where the provider reports; it names the page, because a report may come before the provider's answer."""
    return f"{settings.PUBLIC_URL}/twilio/sms/status?page={page.pk}"


def deliver(page: Page, *, transport: Transport, clock: Callable[[], datetime]) -> None:
    """Send one claimed page and write down what came of it."""
    outcome = transport.send(to=page.phone, body=body(page), callback=callback_url(page))
    mark(page, outcome, now=clock())


@transaction.atomic
def mark(page: Page, outcome: Outcome, *, now: datetime) -> None:
    """Write the outcome, if this attempt is still the one that counts."""
    mine = Page.objects.select_for_update(no_key=True).filter(
        pk=page.pk, attempt=page.attempt, fate=Fate.SENDING
    )
    row = mine.select_related("escalation__referral").first()
    if row is None:
        return
    row.lease_until = None
    row.provider_id = outcome.provider_id
    row.provider_status = outcome.status
    row.error = outcome.error
    if outcome.kind is Kind.ACCEPTED:
        row.fate, row.sent_at, row.error = Fate.SENT, now, ""
    elif outcome.kind is Kind.AGAIN and row.attempt < TRIES and now - row.due_at < GIVE_UP:
        row.fate, row.lease_until = Fate.DUE, now + BACK_OFF[row.attempt - 1]
    else:
        row.fate, row.settled_at = Fate.FAILED, now
    row.save(
        update_fields=[
            "lease_until",
            "provider_id",
            "provider_status",
            "error",
            "fate",
            "sent_at",
            "settled_at",
        ]
    )
    settling.apply_reports(row, now=now)
    settling.tell(row, now=now)
