"""Fetches the texts that a dead webhook missed: the provider does not bring them again.

Called by the pager's process while anything is open. What was heard before is known by its id and done once.
"""

from collections.abc import Callable
from datetime import datetime, timedelta

import structlog
from django.db.models import Exists, OuterRef

from paging import answers
from paging.models import Channel, Escalation, Inbound, Page
from paging.routes import Routes
from paging.transports.contract import Order

log = structlog.get_logger(__name__)

EVERY = timedelta(seconds=15)
LOOKS_BACK = timedelta(minutes=10)


def anybody_asked(*, now: datetime) -> bool:
    """Is there anybody whose answer might come, or have come, by text?"""
    asked = Page.objects.filter(escalation=OuterRef("pk"), channel=Channel.SMS, sent_at__gt=now - LOOKS_BACK)
    return Escalation.objects.filter(closed_at=None).filter(Exists(asked)).exists()


def fetch(*, routes: Routes, clock: Callable[[], datetime]) -> int:
    """Answer every text of the last minutes that nobody has heard yet; says how many there were."""
    since = clock() - LOOKS_BACK
    texts = [text for inbox in routes.inboxes for text in inbox.texts_since(since)]
    known = set(
        Inbound.objects.filter(provider_id__in=[t.provider_id for t in texts]).values_list(
            "provider_id", flat=True
        )
    )
    missed = [text for text in texts if text.provider_id not in known]
    fetched = 0
    for text in missed:
        now = clock()
        reply, new = answers.hear(provider_id=text.provider_id, sender=text.sender, text=text.words, now=now)
        if not new:  # another pager, or the webhook, has just heard it, and replies
            continue
        fetched += 1
        log.warning("missed_text_fetched", provider_id=text.provider_id)
        if reply:  # politeness only: what was meant is done already
            routes.send(Channel.SMS, Order(page_id=0, to=text.sender, words=reply), now=now)
    return fetched
