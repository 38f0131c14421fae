"""Which escalations are open: one for each wait, and none for a wait that is over.

Called by the engine's tick and by the auditor; whatever else must climb is opened here too. It pages nobody.

Whoever holds several locks took them in this order: referral, escalation, page, stream. The tick waits for none of
the first three: what somebody else holds is looked at again in the next.
"""

from datetime import datetime, timedelta
from typing import Any

import structlog
from django.db import IntegrityError, OperationalError, transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from psycopg.errors import UniqueViolation

from network.models import Person, Site
from paging import climbing, ladders, senders, showing
from paging.ladders import Standing
from paging.models import ABOUT_A_REFERRAL, PHONE_CHANNELS, Channel, Escalation, Fate, Page, Reason
from referrals.models import Event, Offer, OfferState, Referral
from referrals.states import State

log = structlog.get_logger(__name__)

WANTS = {Reason.OFFER: State.REFERRED, Reason.CONFIRM: State.PROVISIONAL, Reason.UNPLACED: State.UNPLACED}
REASONS = {state: reason for reason, state in WANTS.items()}
REACHED = (Fate.SENT, Fate.DELIVERED)
LOOKS_BACK = timedelta(minutes=10)  # how old a "seen, looking" may be when it is first noticed
LOOKED_FIRST = timedelta(seconds=5)  # a screen may be quicker than the pager's first tick


def open_for_waiting(*, now: datetime) -> None:
    """An escalation for each open offer, provisional acceptance and unplaced referral that has none."""
    climbing_now = Escalation.objects.filter(closed_at=None)
    by_offer = climbing_now.filter(offer=OuterRef("pk"))
    offers = Offer.objects.filter(state=OfferState.OPEN, referral__state=State.REFERRED).exclude(
        Exists(by_offer)
    )
    standings: dict[tuple[int | None, str], Standing] = {}
    put = list(offers.values_list("pk", flat=True))  # alone, because mostly there is none
    new = [
        _new(Reason.OFFER, offer.hub, standings, now=now, referral=offer.referral, offer=offer)
        for offer in (Offer.objects.filter(pk__in=put).select_related("referral", "hub") if put else ())
    ]
    by_referral = climbing_now.filter(referral=OuterRef("pk"))
    provisional = Q(state=State.PROVISIONAL) & ~Exists(by_referral.filter(reason=Reason.CONFIRM))
    unplaced = Q(state=State.UNPLACED) & ~Exists(by_referral.filter(reason=Reason.UNPLACED))
    waiting = list(Referral.objects.filter(provisional | unplaced).values_list("pk", flat=True))
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
        _end_drills({escalation.hub_id for escalation in new}, now=now)


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
    return _made(reason, None if reason == Reason.UNPLACED else hub, standings[key], now=now, **about)


def _made(reason: Reason, hub: Site | None, standing: Standing, *, now: datetime, **about: Any) -> Escalation:
    foot = climbing.start(ladders.read(standing.rungs), at=now)
    return Escalation(
        reason=reason,
        hub=hub,
        ladder_version=standing.version,
        rungs=standing.rungs,
        seen_holds=standing.seen_holds,
        opened_at=now,
        next_at=foot.next_at,
        **about,
    )


def open_one(
    reason: Reason, *, now: datetime, hub: Site | None = None, standing: Standing | None = None, **about: Any
) -> bool:
    """Begin to climb for something that is no referral; False where it is being climbed for already."""
    made = _made(reason, hub, standing or ladders.shipped(reason), now=now, **about)
    before = Escalation.objects.filter(
        reason=reason, closed_at=None, hub=hub, person=made.person_id, subject=made.subject
    )
    if before.exists():
        return False
    try:
        with transaction.atomic():
            made.save(force_insert=True)
    except IntegrityError as error:
        if not isinstance(error.__cause__, UniqueViolation):
            raise
        return False  # another pager was first
    showing.wake()
    return True


def lock(*pks: int) -> None:
    """Until the caller commits, nobody else climbs these, closes them, or marks one of their pages."""
    rows = Escalation.objects.filter(pk__in=pks).order_by("pk").select_for_update(no_key=True)
    if len(rows.values_list("pk")) < len(pks):
        raise Escalation.DoesNotExist


def close_for_settled(*, now: datetime) -> None:
    """The referral moved on, or the offer was answered: nobody is paged for it any more."""
    # By what waits, not by what is past: of that there is more with every year.
    asked = Offer.objects.filter(state=OfferState.OPEN, referral__state=State.REFERRED)
    settled = Q(reason=Reason.OFFER) & Q(~Exists(asked.filter(pk=OuterRef("offer"))))
    for reason in (Reason.CONFIRM, Reason.UNPLACED):
        waiting = Referral.objects.filter(state=WANTS[reason], pk=OuterRef("referral"))
        settled |= Q(reason=reason) & Q(~Exists(waiting))
    over = list(Escalation.objects.filter(settled, closed_at=None).values_list("pk", flat=True))
    _close_all(over, now=now)


def close_these(rows: QuerySet[Escalation], *, now: datetime) -> None:
    """What these climb for is settled: nobody is paged for it any more."""
    _close_all(list(rows.values_list("pk", flat=True)), now=now)


def _end_drills(hubs: set[int | None], *, now: datetime) -> None:
    """A patient has come: nobody there shall wonder which of two pages is the real one."""
    drills = Escalation.objects.filter(reason=Reason.DRILL, closed_at=None, hub__in=hubs - {None})
    _close_all(list(drills.values_list("pk", flat=True)), now=now)


def _close_all(pks: list[int], *, now: datetime) -> None:
    for pk in pks:
        try:
            _close(pk, now=now)
        except OperationalError:  # the database itself; the next tick goes on
            raise
        except Exception as error:  # noqa: BLE001 the others are closed all the same
            log.error("close_failed", escalation=pk, **senders.blame(error))


@transaction.atomic
def _close(pk: int, *, now: datetime) -> None:
    rows = Escalation.objects.select_for_update(skip_locked=True, no_key=True)
    if (escalation := rows.filter(pk=pk, closed_at=None).first()) is not None:
        close(escalation, now=now)


def cancel_the_deads(*, now: datetime) -> None:
    """What a pager that died had claimed, for somebody who is no longer waited for, is not needed any more."""
    lost = Page.objects.filter(fate=Fate.SENDING, lease_until__lt=now, escalation__closed_at__isnull=False)
    lost.update(fate=Fate.CANCELLED, settled_at=now)


def close(escalation: Escalation, *, now: datetime) -> None:
    """Nobody is paged for this any more; what was not sent yet is not needed. The row is locked by the caller."""
    escalation.closed_at = now
    escalation.save(update_fields=["closed_at"])
    Page.objects.filter(escalation=escalation, fate=Fate.DUE).update(fate=Fate.CANCELLED, settled_at=now)
    sirens = Page.objects.filter(escalation=escalation, channel=Channel.SIREN, fate=Fate.SENT)
    sirens.update(fate=Fate.CANCELLED, settled_at=now)
    if escalation.referral_id is not None:
        _answered(escalation, now=now)


@transaction.atomic
def close_answered(pk: int, by: Person | None, *, now: datetime) -> None:
    """This person has seen to it (nobody: it is simply over); what somebody else holds ends in the next tick."""
    rows = Escalation.objects.select_for_update(skip_locked=True, no_key=True)
    climb = rows.filter(pk=pk, closed_at=None).first()
    if climb is None:
        return
    if by is not None:
        climb.answered_by, climb.answered_at = by, now
        climb.save(update_fields=["answered_by", "answered_at"])
        reached = Page.objects.filter(escalation=climb, person=by, fate__in=REACHED)
        reached.update(fate=Fate.ANSWERED, settled_at=now)
    close(climb, now=now)
    showing.show(showing.about(climb), now=now)


def _answered(escalation: Escalation, *, now: datetime) -> None:
    """Whoever answered on a screen has answered their page too: nobody shall read "no answer" beside their name."""
    closed = Offer.objects.filter(referral=escalation.referral_id, closed_by__isnull=False)
    since = closed.filter(closed_at__gt=escalation.opened_at).order_by("-closed_at")
    own = closed.filter(pk=escalation.offer_id) if escalation.offer_id else since
    answer = own.values_list("closed_by", "closed_at").first()
    if answer is None:
        return
    Escalation.objects.filter(pk=escalation.pk).update(answered_by=answer[0], answered_at=answer[1])
    reached = Page.objects.filter(escalation=escalation, person=answer[0], fate__in=REACHED)
    if reached.update(fate=Fate.ANSWERED, settled_at=now):
        showing.show(escalation.referral_id, now=now)


def notice_looks(*, now: datetime) -> None:
    """Somebody said "seen, looking": their look holds the ladder for a while, once for each of them."""
    looks = Event.objects.filter(verb="seen", written_at__gt=now - LOOKS_BACK, by__isnull=False)
    for event in looks.select_related("by").order_by("written_at"):
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
    held = climbing.hold(stand_of(escalation), until=until)
    escalation.held_for = [*escalation.held_for, event.by_id]
    escalation.seen_by = event.by
    put(escalation, held)
    showing.show(escalation.referral_id, now=now)


def hurry(page: Page, *, now: datetime) -> None:
    """The next rung at once, when no page of the last one can reach anybody any more."""
    escalation = Escalation.objects.select_for_update(no_key=True).get(pk=page.escalation_id)
    if (
        escalation.closed_at is not None
        or page.rung != escalation.next_rung - 1
        or escalation.next_at is None
    ):
        return
    last = Page.objects.filter(escalation=escalation, rung=page.rung).exclude(channel=Channel.SIREN)
    alive = Q(fate__in=[Fate.SENDING, Fate.SENT, Fate.DELIVERED, Fate.ANSWERED]) | Q(
        fate=Fate.DUE, due_at__lte=now
    )
    if last.filter(channel__in=PHONE_CHANNELS).exists():
        alive &= Q(channel__in=PHONE_CHANNELS)  # a browser that was woken is nobody reached
    if last.filter(alive).exists() or escalation.next_at <= now:
        return
    put(escalation, climbing.hurry(stand_of(escalation), now=now))


def heard(page: Page, *, now: datetime) -> None:
    """A phone has what its owner was only to be told: nothing more is sent, and the climb ends with the next tick."""
    if page.channel in PHONE_CHANNELS:
        Escalation.objects.filter(pk=page.escalation_id, closed_at=None).update(next_at=now)
        showing.wake()


def stand_of(escalation: Escalation) -> climbing.Stand:
    """How far this climb has come, as the pure rules know it."""
    return climbing.Stand(
        next_rung=escalation.next_rung,
        next_at=escalation.next_at or escalation.opened_at,
        alarm_since=escalation.alarm_since,
        held_until=escalation.held_until,
    )


def stand(escalation: Escalation, stands: climbing.Stand) -> None:
    """Take over how far it has come; whoever calls it saves the row."""
    escalation.next_rung, escalation.next_at = stands.next_rung, stands.next_at
    escalation.alarm_since, escalation.held_until = stands.alarm_since, stands.held_until


def put(escalation: Escalation, stands: climbing.Stand) -> None:
    """Write down how far it has come; the row is locked by the caller."""
    stand(escalation, stands)
    escalation.save(
        update_fields=["next_rung", "next_at", "alarm_since", "held_until", "held_for", "seen_by"]
    )
