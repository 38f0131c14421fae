"""Fires the rungs that are due: looks the people up, writes their pages, and hands on where nobody answered.

Called by the engine's tick. It sends nothing; the moves themselves are pure and in paging.climbing.
"""

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta

import structlog
from django.db import transaction
from django.db.models import Q

from network.models import Person
from paging import climbing, escalations, ladders, senders, showing, whom
from paging.climbing import End
from paging.ladders import BrokenLadder, Rung
from paging.models import PHONE_CHANNELS, Channel, Device, Escalation, Fate, Page, Reason
from referrals import codes, queries, transitions
from referrals.ledger import Press
from referrals.models import OfferState, Via
from referrals.refusals import Refusal

log = structlog.get_logger(__name__)

BATCH = 100
POISONED = timedelta(seconds=5)  # a row that raised is looked at again after so long
STALE = timedelta(seconds=60)  # a page so late is checked again before it is sent
SAME_WAY_AGAIN = timedelta(seconds=60)  # nobody is paged again so soon on a channel that has just failed


def climb(*, now: datetime, channels: frozenset[str]) -> None:
    """Fire every rung that is due. One climb's fault does not hold up another's."""
    due = Escalation.objects.filter(closed_at=None, next_at__lte=now).order_by("next_at", "pk")
    for pk in list(due.values_list("pk", flat=True)[:BATCH]):
        try:
            with transaction.atomic():
                _climb_one(pk, now=now, channels=channels)
        except Exception as error:  # noqa: BLE001 the others climb on
            log.error("climb_failed", escalation=pk, **senders.blame(error))
            Escalation.objects.filter(pk=pk, closed_at=None).update(next_at=now + POISONED)


def _due(pk: int, *, now: datetime) -> Escalation | None:
    """The escalation, locked, if its next rung is still due and nobody has answered meanwhile."""
    locked = Escalation.objects.select_for_update(skip_locked=True, no_key=True, of=("self",))
    escalation = (
        locked.select_related(
            "referral__spoke__network", "referral__supervisor", "hub__network", "offer", "person"
        )
        .filter(pk=pk, closed_at=None, next_at__lte=now)
        .first()
    )
    if escalation is None or escalation.referral is None:
        return escalation
    if escalation.referral.state != escalations.WANTS[Reason(escalation.reason)]:
        return None
    return None if escalation.offer and escalation.offer.state != OfferState.OPEN else escalation


def _climb_one(pk: int, *, now: datetime, channels: frozenset[str]) -> None:
    escalation = _due(pk, now=now)
    if escalation is None:
        return
    rungs = _rungs(escalation)

    def reach(number: int) -> bool:
        people = whom.people(rungs[number], escalation, at=now)
        return _page(escalation, number, rungs[number], people, now=now, channels=channels)

    climbed = climbing.climb(escalations.stand_of(escalation), rungs, now=now, reach=reach)
    if climbed.end is End.HAND_ON:
        _hand_on(escalation, now=now)
        return
    if climbed.end is End.OVER:
        escalations.close(escalation, now=now)
        return
    if climbed.fired and climbed.stand.alarm_since is not None:
        # It rings again: whoever took it has not settled it.
        escalation.taken_by = escalation.taken_at = None
    escalation.save(update_fields=["taken_by", "taken_at", "rungs", "ladder_version"])
    escalations.put(escalation, climbed.stand)
    showing.show(escalation.referral_id, now=now)


def _rungs(escalation: Escalation) -> list[Rung]:
    """The ladder that this climb began with; Dido's own where that one cannot be climbed."""
    try:
        return ladders.read(escalation.rungs)
    except BrokenLadder as broken:
        log.error("ladder_broken", escalation=escalation.pk, why=str(broken))
    standing = ladders.shipped(Reason(escalation.reason))
    escalation.ladder_version, escalation.rungs = standing.version, standing.rungs
    return ladders.read(escalation.rungs)


def _page(
    escalation: Escalation,
    number: int,
    rung: Rung,
    people: Sequence[Person],
    *,
    now: datetime,
    channels: frozenset[str],
) -> bool:
    """Work orders for these people on each channel of the rung; is there anybody whom a phone will reach?"""
    so_far = list(
        Page.objects.filter(escalation=escalation).values_list(
            "rung", "round", "person", "channel", "fate", "settled_at"
        )
    )
    # A repeated alarm is never left out: only what another rung has just failed to do.
    recent = now - SAME_WAY_AGAIN
    failed = {
        (person, channel)
        for at_rung, _, person, channel, fate, settled in so_far
        if at_rung != number and fate == Fate.FAILED and settled and settled > recent
    }
    rounds = [page_round for at_rung, page_round, *_ in so_far if at_rung == number]
    wanted = [
        (person, channel)
        for person in people
        for channel in ladders.ORDER
        if channel in rung.by and channel in channels and (person.pk, channel) not in failed
    ]
    if any(channel == Channel.PUSH for _, channel in wanted):
        wakeable = set(Device.objects.filter(person__in=people).values_list("person", flat=True))
        wanted = [(p, channel) for p, channel in wanted if channel != Channel.PUSH or p.pk in wakeable]
    pages = [_made(escalation, person, channel, now) for person, channel in wanted]
    if rung.siren and Channel.SIREN in channels and (site := _siren_site(escalation)):
        pages.append(
            Page(
                escalation=escalation, channel=Channel.SIREN, phone=site, due_at=now, reply_code=_reply_code()
            )
        )
    for page in pages:
        page.rung, page.round = number, max(rounds, default=-1) + 1
    Page.objects.bulk_create(pages)
    only_push = set(rung.by) == {Channel.PUSH}
    return any(channel in PHONE_CHANNELS or only_push for _, channel in wanted)


def _made(escalation: Escalation, person: Person, channel: str, now: datetime) -> Page:
    number = escalation.subject if escalation.reason == Reason.VERIFY else person.phone
    return Page(
        escalation=escalation,
        person=person,
        channel=channel,
        phone=number if channel in PHONE_CHANNELS else "",
        digits="".join(secrets.SystemRandom().sample("123456789", 3)) if channel == Channel.VOICE else "",
        due_at=now,
        reply_code=_reply_code(),
    )


def _siren_site(escalation: Escalation) -> str:
    """Whose boards sound: the hub's that must answer, or the spoke's that must find another."""
    if escalation.reason == Reason.UNPLACED and escalation.referral:
        return escalation.referral.spoke.code
    return escalation.hub.code if escalation.hub else ""


def _reply_code() -> str:
    """A code that no page ever had, and that no decline can be mistaken for: X before a code means no."""
    while (code := codes.new(codes.REPLY_LENGTH)).startswith("X") or Page.objects.filter(
        reply_code=code
    ).exists():
        continue
    return code


def copy_of(page: Page, *, due_at: datetime) -> Page:
    """The same page once more, later."""
    again = _made(page.escalation, page.person, page.channel, due_at)  # type: ignore[arg-type]
    again.rung, again.round = page.rung, page.round + 1
    return again


def _hand_on(escalation: Escalation, *, now: datetime) -> None:
    """Nobody answered: the next-ranked hub where the network allows it, and this offer lapses."""
    referral, hub = escalation.referral, escalation.hub
    assert referral and hub
    press = Press(by=None, at=now, now=now, via=Via.CLOCK)
    following = queries.next_hub(referral) if referral.spoke.network.offers_next_hub else None
    try:
        if following:
            transitions.re_offer(referral.code, hubs=[following.code], **press)
    except Refusal as refusal:  # answered at this very moment, or no hub any more
        log.warning("not_offered_on", referral=referral.code, code=refusal.code)
    try:
        transitions.lapse(referral.code, hub=hub.code, **press)
    except Refusal as refusal:
        log.info("hand_on_overtaken", referral=referral.code, code=refusal.code)
    escalations.close(escalation, now=now)


def revalidate(*, now: datetime) -> None:
    """After an outage nothing is sent blindly: is this still the person whom the rung means?"""
    unsent = Q(fate=Fate.DUE) | Q(fate=Fate.SENDING, lease_until__lt=now)
    late = Page.objects.filter(unsent, due_at__lt=now - STALE, escalation__closed_at=None).exclude(
        person=None
    )
    for page in late.select_related(
        "escalation__referral__spoke", "escalation__hub", "escalation__person", "person"
    )[:BATCH]:
        try:
            with transaction.atomic():
                _revalidate_one(page, unsent, now=now)
        except Exception as error:  # noqa: BLE001 the others are looked at all the same
            log.error("revalidation_failed", page=page.pk, **senders.blame(error))


def _revalidate_one(page: Page, unsent: Q, *, now: datetime) -> None:
    rungs = _rungs(page.escalation)
    rung = rungs[min(page.rung, len(rungs) - 1)]
    if page.person in whom.people(rung, page.escalation, at=now):
        return
    # The escalation before its pages, as always.
    Escalation.objects.select_for_update(no_key=True).get(pk=page.escalation_id)
    if Page.objects.filter(unsent, pk=page.pk).update(fate=Fate.CANCELLED, settled_at=now):
        escalations.hurry(page, now=now)
