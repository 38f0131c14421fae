"""What happens at a ladder's end: the offer goes to the next hub, or the climb is simply over.

Called by paging.rungs after the climb's own transaction, because the referral is locked before its escalation.
"""

from datetime import datetime

import structlog
from django.db import transaction

from paging import escalations
from paging.climbing import End
from paging.models import Escalation
from referrals import declining, transitions
from referrals.ledger import Press
from referrals.models import Referral, Via
from referrals.refusals import Refusal
from referrals.soonest import Around

log = structlog.get_logger(__name__)


@transaction.atomic
def over(pk: int, end: End, *, now: datetime) -> None:
    """End this climb, unless another pager has, or it is due no more."""
    known = Escalation.objects.filter(pk=pk, closed_at=None, next_at__lte=now).first()
    if known is None:
        return
    if known.referral_id is not None:
        free = Referral.objects.select_for_update(skip_locked=True, no_key=True)
        if free.filter(pk=known.referral_id).values_list("pk").first() is None:
            return  # somebody does something to it at this moment: the next tick sees what
    locked = Escalation.objects.select_for_update(skip_locked=True, no_key=True, of=("self",))
    escalation = locked.filter(pk=pk, closed_at=None, next_at__lte=now).first()
    if escalation is None:
        return
    if end is End.HAND_ON:
        _hand_on(escalation, now=now)
    escalations.close(escalation, now=now)


def _hand_on(escalation: Escalation, *, now: datetime) -> None:
    """Nobody answered: the next-ranked hub where the network allows it, and this offer lapses."""
    referral, hub = escalation.referral, escalation.hub
    assert referral and hub
    press = Press(by=None, at=now, now=now, via=Via.CLOCK)
    following = declining.onward_hub(Around(referral, now=now))
    try:
        if following:
            transitions.re_offer(referral.code, hubs=[following.code], **press)
    except Refusal as refusal:  # answered at this very moment, or no hub any more
        log.warning("not_offered_on", referral=referral.code, code=refusal.code)
    try:
        transitions.lapse(referral.code, hub=hub.code, **press)
    except Refusal as refusal:
        log.info("hand_on_overtaken", referral=referral.code, code=refusal.code)
