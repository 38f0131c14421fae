"""The rows of escalations: how one is opened, locked, moved and closed. What opens and ends them is told elsewhere.

For a referral that waits it is paging.waits; for all else whoever calls `open_one`. It pages nobody.

Whoever holds several locks took them in this order: referral, escalation, page, stream. The tick waits for none of
the first three: what somebody else holds is looked at again in the next.
"""

from datetime import datetime
from typing import Any

import structlog
from django.db import IntegrityError, OperationalError, transaction
from django.db.models import Q, QuerySet
from psycopg.errors import UniqueViolation

from network.models import Person, Site
from paging import climbing, ladders, senders, showing
from paging.glance import When
from paging.ladders import Standing
from paging.models import PHONE_CHANNELS, Channel, Escalation, Fate, Page, Reason
from referrals.models import Offer

log = structlog.get_logger(__name__)

REACHED = (Fate.SENT, Fate.DELIVERED)


def made(reason: Reason, hub: Site | None, standing: Standing, *, now: datetime, **about: Any) -> Escalation:
    """A climb from the foot of this ladder, not written yet."""
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
    new = made(reason, hub, standing or ladders.shipped(reason), now=now, **about)
    before = Escalation.objects.filter(
        reason=reason, closed_at=None, hub=hub, person=new.person_id, subject=new.subject
    )
    if before.exists():
        return False
    try:
        with transaction.atomic():
            new.save(force_insert=True)
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


def close_these(rows: QuerySet[Escalation], *, now: datetime) -> None:
    """What these climb for is settled: nobody is paged for it any more."""
    _close_all(list(rows.values_list("pk", flat=True)), now=now)


def end_drills(hubs: set[int | None], *, now: datetime) -> None:
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


def of_the_dead(now: When) -> tuple[QuerySet[Page]]:
    """What a pager that died had claimed, for somebody who is no longer waited for."""
    return (Page.objects.filter(fate=Fate.SENDING, lease_until__lt=now, escalation__closed_at__isnull=False),)


def cancel_the_deads(*, now: datetime) -> None:
    """What nobody will send, and nobody needs any more."""
    (lost,) = of_the_dead(now)
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
    # The end of a ladder reaches nobody: before it, what is to be tried once more is waited for.
    at_end = ladders.ends(escalation.rungs, escalation.next_rung)
    due = Q(fate=Fate.DUE) if at_end else Q(fate=Fate.DUE, due_at__lte=now)
    alive = Q(fate__in=[Fate.SENDING, Fate.ANSWERED, *REACHED]) | due
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
