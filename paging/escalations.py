"""Which escalations are open: one for each wait, and none for a wait that is over.

Called by the engine's tick and by the auditor. It pages nobody; climbing is the engine's.
"""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef, Q

from paging import ladders, settling
from paging.models import Escalation, Fate, Page, Reason
from referrals.models import Offer, OfferState, Referral
from referrals.states import State

WANTS = {Reason.OFFER: State.REFERRED, Reason.CONFIRM: State.PROVISIONAL, Reason.UNPLACED: State.UNPLACED}


def open_for_waiting(*, now: datetime) -> None:
    """An escalation for each open offer, provisional acceptance and unplaced referral that has none."""
    climbing = Escalation.objects.filter(closed_at=None)
    by_offer = climbing.filter(offer=OuterRef("pk"))
    offers = Offer.objects.filter(state=OfferState.OPEN, referral__state=State.REFERRED).exclude(
        Exists(by_offer)
    )
    for offer in offers.select_related("referral", "hub"):
        _open(offer.referral, Reason.OFFER, now=now, offer=offer)
    for reason in (Reason.CONFIRM, Reason.UNPLACED):
        by_referral = climbing.filter(referral=OuterRef("pk"), reason=reason)
        waiting = Referral.objects.filter(state=WANTS[reason]).exclude(Exists(by_referral))
        for referral in waiting.select_related("hub"):
            _open(referral, reason, now=now)


def _open(referral: Referral, reason: Reason, *, now: datetime, offer: Offer | None = None) -> None:
    hub = offer.hub if offer else referral.hub
    version, rungs = ladders.current(hub, reason)
    Escalation.objects.bulk_create(
        [
            Escalation(
                referral=referral,
                reason=reason,
                hub=hub,
                offer=offer,
                ladder_version=version,
                rungs=rungs,
                opened_at=now,
                next_at=now + timedelta(seconds=rungs[0]["after"]),
            )
        ],
        ignore_conflicts=True,  # another pager was first
    )


def close_for_settled(*, now: datetime) -> None:
    """The referral moved on, or the offer was answered: nobody is paged for it any more."""
    settled = Q(reason=Reason.OFFER) & (~Q(offer__state=OfferState.OPEN) | ~Q(referral__state=State.REFERRED))
    for reason in (Reason.CONFIRM, Reason.UNPLACED):
        settled |= Q(reason=reason) & ~Q(referral__state=WANTS[reason])
    with transaction.atomic():
        over = list(Escalation.objects.filter(settled, closed_at=None).values_list("pk", flat=True))
        rows = (
            Escalation.objects.filter(pk__in=over)
            .select_for_update(skip_locked=True, no_key=True)
            .order_by("pk")
        )
        for escalation in rows:
            escalation.closed_at = now
            escalation.save(update_fields=["closed_at"])
            cancel(escalation, now=now)
            _answered(escalation, now=now)
    # Claimed by a pager that died, for somebody who is no longer waited for.
    lost = Page.objects.filter(fate=Fate.SENDING, lease_until__lt=now, escalation__closed_at__isnull=False)
    lost.update(fate=Fate.CANCELLED, settled_at=now)


def _answered(escalation: Escalation, *, now: datetime) -> None:
    """Whoever answered on a screen has answered their page too: nobody shall read "no answer" beside their name."""
    closed = Offer.objects.filter(referral=escalation.referral_id, closed_by__isnull=False)
    own = closed.filter(pk=escalation.offer_id) if escalation.offer_id else closed.order_by("-closed_at")
    answerer = own.values_list("closed_by", flat=True).first()
    reached = Page.objects.filter(
        escalation=escalation, person=answerer, fate__in=[Fate.SENT, Fate.DELIVERED]
    )
    if answerer and reached.update(fate=Fate.ANSWERED, settled_at=now):
        settling.show(escalation.referral_id, now=now)


def cancel(escalation: Escalation, *, now: datetime) -> None:
    """What was not sent yet is not needed any more."""
    Page.objects.filter(escalation=escalation, fate=Fate.DUE).update(fate=Fate.CANCELLED, settled_at=now)
