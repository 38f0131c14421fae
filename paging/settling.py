"""What providers report of a page, merged by rank: early, late, twice or out of order comes to the same end.

Only a human answer stops the clock. A delivery changes nothing but what the screen says; a failure hurries the ladder.
"""

from collections.abc import Callable
from datetime import datetime

from django.db import transaction

from paging.models import Callback, Escalation, Fate, Page
from paging.transport import DELIVERED, FAILED, STATUS_RANK, Transport
from realtime import feed
from referrals import queries
from referrals.models import Referral

ALIVE = (Fate.DUE, Fate.SENDING, Fate.SENT, Fate.DELIVERED, Fate.ANSWERED)


@transaction.atomic
def report(*, page_id: int | None, provider_id: str, status: str, error: str, now: datetime) -> bool:
    """Keep what a provider said, once; False where it was known already or is no status of ours."""
    if status not in STATUS_RANK:
        return False
    pages = Page.objects.select_for_update(no_key=True)
    page = pages.filter(pk=page_id).first() if page_id else pages.filter(provider_id=provider_id).first()
    if (
        page
        and page.provider_id
        and page.provider_id != provider_id
        and page.fate not in {Fate.DUE, Fate.SENDING}
    ):
        page = None  # a copy that an earlier attempt had sent; the later one counts
    _, new = Callback.objects.get_or_create(
        provider_id=provider_id, event=status, defaults={"error": error[:8], "received_at": now, "page": page}
    )
    if not new or page is None:
        return new
    before = page.fate
    apply_reports(page, now=now)
    if page.fate != before:
        tell(page, now=now)
    return True


def apply_reports(page: Page, *, now: datetime) -> None:
    """Bring a page that has been handed over to the highest rank that was reported of it."""
    if not page.provider_id or page.fate not in {Fate.SENT, Fate.DELIVERED, Fate.FAILED}:
        return
    said = Callback.objects.filter(provider_id=page.provider_id)
    best = max(said, key=lambda callback: STATUS_RANK[callback.event], default=None)
    if best is None or STATUS_RANK[best.event] <= STATUS_RANK.get(page.provider_status, -1):
        return
    page.provider_status = best.event
    if best.event in FAILED:
        page.settled_at = page.settled_at if page.fate == Fate.FAILED else now
        page.fate, page.error = Fate.FAILED, best.error or "30008"
    elif best.event in DELIVERED:
        page.fate, page.settled_at = Fate.DELIVERED, now
    page.save(update_fields=["provider_status", "fate", "error", "settled_at"])


def tell(page: Page, *, now: datetime) -> None:
    """Show the page's fate on every screen that may see it, and hurry the ladder where nobody is reached any more."""
    if page.fate == Fate.FAILED:
        hurry(page, now=now)
    show(Escalation.objects.values_list("referral_id", flat=True).get(pk=page.escalation_id), now=now)


def ask(page: Page, *, transport: Transport, clock: Callable[[], datetime]) -> None:
    """Ask a provider that has been silent about a page what became of it."""
    if said := transport.status(page.provider_id):
        report(page_id=page.pk, provider_id=page.provider_id, status=said[0], error=said[1], now=clock())


def hurry(page: Page, *, now: datetime) -> None:
    """The next rung at once, when no page of the last one is alive."""
    escalation = Escalation.objects.select_for_update(no_key=True).get(pk=page.escalation_id)
    if escalation.closed_at is not None or escalation.alarm_since is not None or escalation.next_at is None:
        return
    last = Page.objects.filter(escalation=escalation, rung=escalation.next_rung - 1)
    if (
        page.rung == escalation.next_rung - 1
        and not last.filter(fate__in=ALIVE).exists()
        and escalation.next_at > now
    ):
        escalation.next_at = now
        escalation.save(update_fields=["next_at"])


def show(referral_id: int, *, now: datetime) -> None:
    """Tell the referral's streams that something of the pager changed, with the referral as it is now."""
    with transaction.atomic():
        referral = Referral.objects.get(pk=referral_id)
        feed.append(
            queries.streams(referral),
            subject=referral.code,
            version=referral.version,
            verb="page",
            state=referral.state,
            at=now,
        )
