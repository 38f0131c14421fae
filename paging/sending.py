"""Claim, send, mark: pages that are due leave the building, at least once.

A page is claimed with a lease (SKIP LOCKED), sent outside every transaction, and marked (paging.marking) only if the
claim is still ours. Called by the engine's tick.
"""

from collections.abc import Callable
from datetime import datetime, timedelta

import structlog
from django.conf import settings
from django.db import Error, connection

from paging import lean, marking, senders, whom, wording
from paging.models import Channel, Fate, Page
from paging.routes import Routes, Sent
from paging.transports.contract import Kind, Order, Outcome

log = structlog.get_logger(__name__)

WITH = (
    "escalation__referral__spoke",
    "escalation__referral__operator",
    "escalation__hub",
    "escalation__person",
    "person",
)
UNREAD = lean.unread(
    referrals=["escalation__referral"], sites=["escalation__referral__spoke", "escalation__hub"]
)
LEASE = timedelta(seconds=15)  # longer than the time-outs of two providers together
LONGEST = timedelta(seconds=12)  # on its way out: a question, and the time-outs of two providers
CLAIM = """
with chosen as materialized (  -- once: as a part of the update it may be run again and again, past its limit
    select page.id from paging_page as page join paging_escalation as climb on climb.id = page.escalation_id
    where climb.closed_at is null
        and (page.fate = 'due' and page.due_at <= %(now)s or page.fate = 'sending')
        and (page.lease_until is null or page.lease_until <= %(now)s)
    order by page.due_at, page.id
    limit %(most)s
    for no key update of page skip locked
)
update paging_page as page set fate = 'sending', lease_until = %(lease)s, attempt = page.attempt + 1
from chosen where page.id = chosen.id
returning page.id, page.attempt
"""


def claim(*, now: datetime, most: int, made: dict[int, Page] | None = None) -> list[Page]:
    """Take up to so many due pages for this process; a lease or a pause that ran out makes a page due again.

    Those that were made here a moment ago need not be read again; they are taken out of `made`.
    """
    made = {} if made is None else made
    if most <= 0:
        return []
    with connection.cursor() as cursor:
        cursor.execute(CLAIM, {"now": now, "lease": now + LEASE, "most": most})
        attempts = dict(cursor.fetchall())
    found = [made.pop(pk) for pk in attempts if pk in made]
    if len(attempts) < most:
        made.clear()  # what else was made here has left by another pager, or is not needed any more
    if rest := attempts.keys() - {page.pk for page in found}:
        found += Page.objects.filter(pk__in=rest).select_related(*WITH).defer(*UNREAD)
    for page in found:
        page.fate, page.attempt, page.lease_until = Fate.SENDING, attempts[page.pk], now + LEASE
    return sorted(found, key=lambda page: (page.due_at, page.pk))


def order(page: Page, known: whom.Judged | None = None) -> Order:
    """The page as its transport wants it; `known` keeps what was looked up for those that leave together."""
    if page.channel == Channel.SMS:
        words = wording.text(page, known)
    elif page.channel == Channel.VOICE:
        words = wording.twiml(page, known)
    else:
        return Order(page_id=page.pk, to=page.phone or str(page.person_id), words="")
    return Order(page_id=page.pk, to=page.phone, words=words, callback=callback_url(page))


def callback_url(page: Page) -> str:
    """Where the provider reports; it names the page, because a report may come before the provider's answer."""
    return f"{settings.PUBLIC_URL}/twilio/{page.channel}/status?page={page.pk}"


def deliver(
    page: Page,
    *,
    routes: Routes,
    clock: Callable[[], datetime],
    known: whom.Judged | None = None,
    mark: marking.Mark = marking.mark,
) -> None:
    """Send one claimed page and write down what came of it; a page without words fails, and hurries the ladder."""
    try:
        wanted = order(page, known)
    except Error:  # the database itself: the lease brings the page back
        raise
    except Exception as error:  # noqa: BLE001 a poisoned row: nobody shall wait for it until its ladder goes on
        log.error("page_without_words", page=page.pk, **senders.blame(error))
        mark(page, Sent(Outcome(Kind.REFUSED, error="no_words")), now=clock())
        return
    now = clock()
    if page.lease_until is not None and now > page.lease_until - LONGEST:
        log.warning("claim_came_too_late", page=page.pk)  # it might be another pager's before it has left
        Page.objects.filter(pk=page.pk, attempt=page.attempt, fate=Fate.SENDING, lease_until__gt=now).update(
            lease_until=now
        )
        return
    again = page.attempt > 1 and not page.passed_over
    sent = routes.send(page.channel, wanted, now=now, passed_over=page.passed_over, again=again)
    mark(page, sent, now=clock())
