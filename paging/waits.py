"""What waits for a person, and its climbs: one for each wait, none where a wait is over, held while somebody looks.

Called by the engine's tick and by the auditor. It pages nobody. The tick waits for no row: what somebody else holds is
looked at again in the next.
"""

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery

from network.models import Site
from paging import climbing, escalations, ladders, showing
from paging.glance import When
from paging.ladders import Standing
from paging.models import ABOUT_A_REFERRAL, Escalation, Reason
from referrals.models import Event, Offer, OfferState, Referral
from referrals.states import State

WANTS = {Reason.OFFER: State.REFERRED, Reason.CONFIRM: State.PROVISIONAL, Reason.UNPLACED: State.UNPLACED}
REASONS = {state: reason for reason, state in WANTS.items()}
LOOKS_BACK = timedelta(minutes=10)  # how old a "seen, looking" may be when it is first noticed
LOOKED_FIRST = timedelta(seconds=5)  # a screen may be quicker than the pager's first tick


def unopened(_now: When) -> tuple[QuerySet[Offer], QuerySet[Referral]]:
    """What waits and has no climb: the open offers, and the referrals that wait without one."""
    climbing_now = Escalation.objects.filter(closed_at=None)
    # Each list is read once, and a referral by its key, however little PostgreSQL knows of the tables.
    state = Referral.objects.filter(pk=OuterRef("referral")).values("state")
    opened = Offer.objects.filter(state=OfferState.OPEN)
    asked = opened.alias(waits=Subquery(state)).filter(waits=State.REFERRED)
    by_referral = climbing_now.filter(referral=OuterRef("pk"))
    provisional = Q(state=State.PROVISIONAL) & ~Exists(by_referral.filter(reason=Reason.CONFIRM))
    unplaced = Q(state=State.UNPLACED) & ~Exists(by_referral.filter(reason=Reason.UNPLACED))
    paged = climbing_now.filter(reason=Reason.OFFER, offer__isnull=False)
    return (
        asked.exclude(pk__in=paged.values("offer")),
        Referral.objects.filter(provisional | unplaced),
    )


def open_for_waiting(*, now: datetime) -> None:
    """An escalation for each open offer, provisional acceptance and unplaced referral that has none."""
    standings: dict[tuple[int | None, str], Standing] = {}
    offers, without_offer = unopened(now)
    put = list(offers.values_list("pk", flat=True))  # alone, because mostly there is none
    asked = Offer.objects.filter(pk__in=put).select_related("referral", "hub")
    new = [
        _new(Reason.OFFER, offer.hub, standings, now=now, referral=offer.referral, offer=offer)
        for offer in (asked.order_by("pk") if put else ())
    ]
    waiting = list(without_offer.values_list("pk", flat=True))
    referrals = list(Referral.objects.filter(pk__in=waiting).select_related("hub")) if waiting else []
    asked_last = _asked_last([referral for referral in referrals if referral.hub is None])
    new += [
        _new(
            REASONS[State(referral.state)],
            referral.hub or asked_last.get(referral.pk),
            standings,
            now=now,
            referral=referral,
        )
        for referral in referrals
    ]
    if new:
        Escalation.objects.bulk_create(new, ignore_conflicts=True)  # another pager was first
        escalations.end_drills({escalation.hub_id for escalation in new}, now=now)


def _asked_last(referrals: list[Referral]) -> dict[int, Site]:
    """The hub that each of these patients was put to last, by referral."""
    if not referrals:
        return {}
    last = Offer.objects.filter(referral__in=referrals).order_by(
        "referral", "-opened_at", "-closed_at", "-pk"
    )
    return {o.referral_id: o.hub for o in last.distinct("referral").select_related("hub")}


def _new(
    reason: Reason,
    hub: Site | None,
    standings: dict[tuple[int | None, str], Standing],
    *,
    now: datetime,
    **about: Any,
) -> Escalation:
    key = (hub.pk if hub else None, reason.value)
    if key not in standings:
        standings[key] = ladders.current(hub, reason)
    # A patient whom no hub has climbs as the hub asked last has it, and is nobody's of that hub.
    return escalations.made(
        reason, None if reason == Reason.UNPLACED else hub, standings[key], now=now, **about
    )


def settled(_now: When) -> list[QuerySet[Escalation]]:
    """The climbs for what waits no more, by what they are about."""
    # By what waits, not by what is past: of that there is more with every year. And each list for itself: where
    # PostgreSQL believes that a table is nearly empty, it joins two of them row by row.
    asked = Offer.objects.filter(state=OfferState.OPEN).values("pk")
    referred = Referral.objects.filter(state=State.REFERRED).values("pk")
    climbing_now = Escalation.objects.filter(closed_at=None)
    over = [climbing_now.filter(~Q(offer__in=asked) | ~Q(referral__in=referred), reason=Reason.OFFER)]
    for reason in (Reason.CONFIRM, Reason.UNPLACED):
        waiting = Referral.objects.filter(state=WANTS[reason]).values("pk")
        over.append(climbing_now.filter(reason=reason).exclude(referral__in=waiting))
    return over


def close_for_settled(*, now: datetime) -> None:
    """The referral moved on, or the offer was answered: nobody is paged for it any more."""
    for over in settled(now):
        escalations.close_these(over, now=now)


def looks(now: When) -> tuple[QuerySet[Event]]:
    """Who has said lately that they look, about a patient who waits: perhaps before anybody was paged."""
    waiting = Event.objects.filter(referral__state__in=sorted(WANTS.values()))
    return (waiting.filter(verb="seen", written_at__gt=now - LOOKS_BACK, by__isnull=False),)


def notice_looks(*, now: datetime) -> None:
    """Somebody said "seen, looking": their look holds the ladder for a while, once for each of them."""
    (said,) = looks(now)
    for event in said.select_related("by").order_by("written_at"):
        holding = Escalation.objects.filter(
            referral=event.referral_id,
            closed_at=None,
            reason__in=ABOUT_A_REFERRAL,
            opened_at__lte=event.written_at + LOOKED_FIRST,
        )
        for pk, held_for in holding.filter(hub__code=event.details.get("hub")).values_list("pk", "held_for"):
            if event.by_id not in held_for:
                _hold(pk, event, now=now)


@transaction.atomic
def _hold(pk: int, event: Event, *, now: datetime) -> None:
    rows = Escalation.objects.select_for_update(skip_locked=True, no_key=True)
    escalation = rows.filter(pk=pk, closed_at=None).first()
    if escalation is None or event.by_id in escalation.held_for:
        return
    until = event.written_at + timedelta(seconds=escalation.seen_holds)
    held = climbing.hold(escalations.stand_of(escalation), until=until)
    escalation.held_for = [*escalation.held_for, event.by_id]
    escalation.seen_by = event.by
    escalations.put(escalation, held)
    showing.show(escalation.referral_id, now=now)
