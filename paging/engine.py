"""One tick of the pager: look at the tables and make them right. Safe to run twice, late, or in two places.

open, close, climb, revalidate, send, sweep. PostgreSQL is the only queue; `now` is its clock, read by the caller.
"""

from collections.abc import Callable
from datetime import datetime, timedelta

import structlog
from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Coalesce

from network.models import Person
from paging import escalations, ladders, senders, sending, settling, whom
from paging.ladders import BrokenLadder, Rung
from paging.models import Escalation, Fate, Page, Reason
from paging.senders import Senders
from paging.transport import Transport
from referrals import codes, queries, transitions
from referrals.ledger import Press
from referrals.models import OfferState, Via
from referrals.refusals import Refusal

log = structlog.get_logger(__name__)

BATCH = 50
CLIMBED = ("next_rung", "next_at", "alarm_since", "taken_by", "taken_at", "rungs", "ladder_version")
POISONED = timedelta(seconds=5)  # a row that raised is looked at again after so long
SILENT = timedelta(seconds=30)  # a provider that has not told a fate is asked
ASKED_AT_ONCE = 5
GIVES_UP_ASKING = timedelta(minutes=5)
STALE = timedelta(seconds=60)  # a page so late is checked again before it is sent
SAME_PERSON_AGAIN = timedelta(seconds=60)  # nobody is paged again so soon after their page failed


def tick(
    *, now: datetime, transport: Transport, clock: Callable[[], datetime], threads: Senders | None = None
) -> None:
    """One whole pass. With threads, the provider is spoken to there, and no tick waits for it."""
    escalations.open_for_waiting(now=now)
    escalations.close_for_settled(now=now)
    climb(now=now)
    escalations.open_for_waiting(now=now)  # whoever was handed on in this tick
    revalidate(now=now)
    start = threads.start if threads else senders.guarded
    room = threads.room if threads else BATCH  # no more than can leave before their lease ends
    for page in sending.claim(now=now, most=min(room, BATCH)):
        start(sending.deliver, page, transport=transport, clock=clock)
        room -= 1
    for page in sweep(now=now, most=min(room, ASKED_AT_ONCE)):
        start(settling.ask, page, transport=transport, clock=clock)


def climb(*, now: datetime) -> None:
    """Fire every rung that is due. One referral's fault does not hold up another's."""
    due = Escalation.objects.filter(closed_at=None, next_at__lte=now).order_by("next_at", "pk")
    for pk in list(due.values_list("pk", flat=True)[:BATCH]):
        try:
            with transaction.atomic():
                _climb_one(pk, now=now)
        except Exception as error:  # noqa: BLE001 the others climb on
            log.error("climb_failed", escalation=pk, **senders.blame(error))
            Escalation.objects.filter(pk=pk, closed_at=None).update(next_at=now + POISONED)


def _due(pk: int, *, now: datetime) -> Escalation | None:
    """The escalation, locked, if its next rung is still due and nobody has answered meanwhile."""
    locked = Escalation.objects.select_for_update(skip_locked=True, no_key=True, of=("self",))
    escalation = (
        locked.select_related("referral__spoke__network", "referral__supervisor", "hub__network", "offer")
        .filter(pk=pk, closed_at=None, next_at__lte=now)
        .first()
    )
    if escalation is None or escalation.referral.state != escalations.WANTS[Reason(escalation.reason)]:
        return None
    return None if escalation.offer and escalation.offer.state != OfferState.OPEN else escalation


def _climb_one(pk: int, *, now: datetime) -> None:
    escalation = _due(pk, now=now)
    if escalation is None:
        return
    rungs = _rungs(escalation)
    while True:
        number = min(escalation.next_rung, len(rungs) - 1)
        rung = rungs[number]
        if rung.hand_on:
            _hand_on(escalation, now=now)
            return
        if rung.alarm:
            escalation.alarm_since = escalation.alarm_since or now
            # It rings again: whoever took it has not settled it.
            escalation.taken_by = escalation.taken_at = None
        pages = _page(escalation, number, whom.people(rung, escalation, at=now), now=now)
        escalation.next_rung = number + 1
        escalation.next_at = ladders.next_time(rungs, number, at=now)
        if pages or rung.alarm or number + 1 >= len(rungs):
            break
        # nobody to reach on this rung: the next one at once
    escalation.save(update_fields=CLIMBED)
    settling.show(escalation.referral_id, now=now)


def _rungs(escalation: Escalation) -> list[Rung]:
    """The ladder that this climb began with; Dido's own where that one cannot be climbed."""
    try:
        return ladders.read(escalation.rungs)
    except BrokenLadder as broken:
        log.error("ladder_broken", escalation=escalation.pk, why=str(broken))
    escalation.ladder_version, escalation.rungs = ladders.shipped(Reason(escalation.reason))
    return ladders.read(escalation.rungs)


def _page(escalation: Escalation, number: int, people: list[Person], *, now: datetime) -> list[Page]:
    """Work orders for these people, except for those whom this channel has just failed to reach."""
    so_far = Page.objects.filter(escalation=escalation)
    # A repeated alarm is never left out: only what another rung has just failed to do.
    just_failed = so_far.exclude(rung=number).filter(fate=Fate.FAILED, settled_at__gt=now - SAME_PERSON_AGAIN)
    failed = set(just_failed.values_list("person_id", flat=True))
    rounds = so_far.filter(rung=number).order_by("-round").values_list("round", flat=True).first()
    return Page.objects.bulk_create(
        Page(
            escalation=escalation,
            rung=number,
            round=0 if rounds is None else rounds + 1,
            person=person,
            phone=person.phone,
            due_at=now,
            reply_code=_reply_code(),
        )
        for person in people
        if person.pk not in failed
    )


def _reply_code() -> str:
    """A code that no page ever had, and that no decline can be mistaken for: X before a code means no."""
    while (code := codes.new(codes.REPLY_LENGTH)).startswith("X") or Page.objects.filter(
        reply_code=code
    ).exists():
        continue
    return code


def _hand_on(escalation: Escalation, *, now: datetime) -> None:
    """Nobody answered: the next-ranked hub where the network allows it, and this offer lapses."""
    referral = escalation.referral
    press = Press(by=None, at=now, now=now, via=Via.CLOCK)
    assert escalation.hub
    following = queries.next_hub(referral) if referral.spoke.network.offers_next_hub else None
    try:
        if following:
            transitions.re_offer(referral.code, hubs=[following.code], **press)
    except Refusal as refusal:  # answered at this very moment, or no hub any more
        log.warning("not_offered_on", referral=referral.code, code=refusal.code)
    try:
        transitions.lapse(referral.code, hub=escalation.hub.code, **press)
    except Refusal as refusal:
        log.info("hand_on_overtaken", referral=referral.code, code=refusal.code)
    escalation.closed_at = now
    escalation.save(update_fields=["closed_at"])
    escalations.cancel(escalation, now=now)


def revalidate(*, now: datetime) -> None:
    """After an outage nothing is sent blindly: is this still the person whom the rung means?"""
    unsent = Q(fate=Fate.DUE) | Q(fate=Fate.SENDING, lease_until__lt=now)
    late = Page.objects.filter(unsent, due_at__lt=now - STALE, escalation__closed_at=None)
    for page in late.select_related("escalation__referral__spoke", "escalation__hub", "person")[:BATCH]:
        try:
            with transaction.atomic():
                _revalidate_one(page, unsent, now=now)
        except Exception as error:  # noqa: BLE001 the others are looked at all the same
            log.error("revalidation_failed", page=page.pk, **senders.blame(error))


def _revalidate_one(page: Page, unsent: Q, *, now: datetime) -> None:
    rungs = ladders.read(page.escalation.rungs)
    rung = rungs[min(page.rung, len(rungs) - 1)]
    if page.person in whom.people(rung, page.escalation, at=now):
        return
    Escalation.objects.select_for_update(no_key=True).get(
        pk=page.escalation_id
    )  # before its pages, as always
    if Page.objects.filter(unsent, pk=page.pk).update(fate=Fate.CANCELLED, settled_at=now):
        settling.hurry(page, now=now)


def sweep(*, now: datetime, most: int) -> list[Page]:
    """The pages whose provider has been silent for too long and is to be asked now."""
    silent = Page.objects.filter(fate=Fate.SENT, sent_at__lt=now - SILENT, sent_at__gt=now - GIVES_UP_ASKING)
    silent = silent.filter(Q(asked_at=None) | Q(asked_at__lt=now - SILENT)).exclude(provider_id="")
    pages = list(silent.order_by("sent_at")[: max(most, 0)])
    Page.objects.filter(pk__in=[page.pk for page in pages]).update(asked_at=now)
    return pages


def next_due() -> datetime | None:
    """When the pager has something to do again, as far as the tables know."""
    rung = (
        Escalation.objects.filter(closed_at=None)
        .order_by("next_at")
        .values_list("next_at", flat=True)
        .first()
    )
    unsent = Page.objects.filter(fate__in=[Fate.DUE, Fate.SENDING], escalation__closed_at=None)
    page = unsent.annotate(moment=Coalesce("lease_until", "due_at")).order_by("moment")
    moments = [m for m in (rung, page.values_list("moment", flat=True).first()) if m]
    return min(moments, default=None)


def overdue(*, now: datetime) -> timedelta:
    """The age of the oldest row that should have been done by now; a health figure."""
    pages = Page.objects.filter(escalation__closed_at=None).filter(
        Q(fate=Fate.DUE, due_at__lt=now) | Q(fate=Fate.SENDING), Q(lease_until=None) | Q(lease_until__lt=now)
    )
    oldest = [
        Escalation.objects.filter(closed_at=None, next_at__lt=now)
        .order_by("next_at")
        .values_list("next_at", flat=True)
        .first(),
        pages.order_by("due_at").values_list("due_at", flat=True).first(),
    ]
    return max((now - moment for moment in oldest if moment), default=timedelta(0))
