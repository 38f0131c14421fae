"""After an outage nothing is sent blindly: a page that is late is looked at again before it leaves.

Called by the engine before it claims.
"""

from datetime import datetime, timedelta

import structlog
from django.db import transaction
from django.db.models import Q

from paging import escalations, rungs, senders, sending, whom
from paging.models import Fate, Page

log = structlog.get_logger(__name__)

BATCH = 200
STALE = timedelta(seconds=60)  # a page so late is checked again before it is sent


def revalidate(*, now: datetime) -> None:
    """Is this still the person whom the rung means? If not, the page is not needed, and the ladder goes on."""
    unsent = Q(fate=Fate.DUE) | Q(fate=Fate.SENDING, lease_until__lt=now)
    late = Page.objects.filter(unsent, due_at__lt=now - STALE, escalation__closed_at=None).exclude(
        person=None
    )
    late = late.order_by("due_at", "pk")  # those that are claimed next
    pks = list(late.values_list("pk", flat=True)[:BATCH])
    whole = Page.objects.filter(pk__in=pks).select_related(*sending.WITH).defer(*sending.UNREAD)
    for page in whole if pks else ():
        try:
            with transaction.atomic():
                _revalidate_one(page, unsent, now=now)
        except Exception as error:  # noqa: BLE001 the others are looked at all the same
            log.error("revalidation_failed", page=page.pk, **senders.blame(error))


def _revalidate_one(page: Page, unsent: Q, *, now: datetime) -> None:
    ladder = rungs.rungs_of(page.escalation)
    rung = ladder[min(page.rung, len(ladder) - 1)]
    if page.person in whom.people(rung, page.escalation, at=now):
        return
    escalations.lock(page.escalation_id)
    if Page.objects.filter(unsent, pk=page.pk).update(fate=Fate.CANCELLED, settled_at=now):
        escalations.hurry(page, now=now)
