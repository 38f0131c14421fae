"""Fires the rungs that are due: looks the people up and writes their pages.

Called by the engine's tick. It sends nothing; the moves themselves are pure and in paging.climbing, and what happens
at a ladder's end is in paging.handing.
"""

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta

import structlog
from django.db import transaction
from django.db.models import Q

from network.models import Person
from paging import climbing, escalations, handing, ladders, senders, showing, whom
from paging.climbing import Climbed, End
from paging.ladders import BrokenLadder, Rung
from paging.models import PHONE_CHANNELS, Channel, Device, Escalation, Fate, Page, Reason
from referrals import codes
from referrals.models import OfferState

log = structlog.get_logger(__name__)

BATCH = 200
TOGETHER = 20  # climbs in one transaction: few enough that no verb waits long for a stream's counter
CLIMBED = (
    "next_rung",
    "next_at",
    "alarm_since",
    "held_until",
    "taken_by",
    "taken_at",
    "rungs",
    "ladder_version",
)
POISONED = timedelta(seconds=5)  # a row that raised is looked at again after so long
STALE = timedelta(seconds=60)  # a page so late is checked again before it is sent
SAME_WAY_AGAIN = timedelta(seconds=60)  # nobody is paged again so soon on a channel that has just failed


def climb(*, now: datetime, channels: frozenset[str]) -> bool:
    """Fire every rung that is due, some climbs at a time; did any climb end? One's fault does not hold up another's."""
    due = Escalation.objects.filter(closed_at=None, next_at__lte=now).order_by("next_at", "pk")
    pks = list(due.values_list("pk", flat=True)[:BATCH])
    ended = False
    for some in (pks[start : start + TOGETHER] for start in range(0, len(pks), TOGETHER)):
        try:
            ended |= _climb(some, now=now, channels=channels)
        except Exception as error:  # noqa: BLE001 one of them is poisoned: each by itself
            log.warning("climbed_singly", **senders.blame(error))
            for pk in some:
                ended |= _climb_alone(pk, now=now, channels=channels)
    return ended


def _climb_alone(pk: int, *, now: datetime, channels: frozenset[str]) -> bool:
    try:
        return _climb([pk], now=now, channels=channels)
    except Exception as error:  # noqa: BLE001 the others climb on
        log.error("climb_failed", escalation=pk, **senders.blame(error))
        Escalation.objects.filter(pk=pk, closed_at=None).update(next_at=now + POISONED)
    return False


def _climb(pks: list[int], *, now: datetime, channels: frozenset[str]) -> bool:
    ended: list[tuple[int, End]] = []
    with transaction.atomic():
        firing = Firing(now=now, channels=channels)
        climbed = []
        for escalation in firing.due(pks):
            after = firing.fire(escalation)
            if after.end is not None:
                ended.append((escalation.pk, after.end))
                continue
            if after.fired and after.stand.alarm_since is not None:
                # It rings again: whoever took it has not settled it.
                escalation.taken_by = escalation.taken_at = None
            escalations.stand(escalation, after.stand)
            climbed.append(escalation)
        firing.write()
        Escalation.objects.bulk_update(climbed, CLIMBED)
        showing.show_all([e.referral_id for e in climbed if e.referral_id is not None], now=now)
    for pk, end in ended:
        handing.over(pk, end, now=now)
    return bool(ended)


class Firing:
    """The rungs that are fired together: whoever they reach is looked up once, and their pages are written at once."""

    def __init__(self, *, now: datetime, channels: frozenset[str]) -> None:
        self.now, self.channels = now, channels
        self.known: whom.Known = {}
        self.pages: list[Page] = []
        self.failed: set[tuple[int, int, int | None, str]] = set()  # (climb, rung, person, channel), just now
        self.rounds: dict[tuple[int, int], int] = {}  # (climb, rung) → its last round
        self.wakeable: dict[int, bool] = {}

    def due(self, pks: list[int]) -> list[Escalation]:
        """The escalations, locked, whose next rung is still due and whom nobody has answered meanwhile."""
        locked = Escalation.objects.select_for_update(skip_locked=True, no_key=True, of=("self",))
        rows = locked.select_related(
            "referral__spoke__network", "referral__supervisor", "hub__network", "offer", "person"
        ).filter(pk__in=pks, closed_at=None, next_at__lte=self.now)
        due = [escalation for escalation in rows.order_by("next_at", "pk") if _waits(escalation)]
        if begun := [escalation.pk for escalation in due if escalation.next_rung]:
            self._look_back(begun)
        return due

    def _look_back(self, begun: list[int]) -> None:
        """What has just failed, and how often each rung has fired: an alarm may have rung for days."""
        so_far = Page.objects.filter(escalation__in=begun)
        failed = so_far.filter(fate=Fate.FAILED, settled_at__gt=self.now - SAME_WAY_AGAIN)
        self.failed = set(failed.values_list("escalation", "rung", "person", "channel"))
        last = so_far.order_by("escalation", "rung", "-round").distinct("escalation", "rung")
        self.rounds = {
            (climb, rung): last for climb, rung, last in last.values_list("escalation", "rung", "round")
        }

    def fire(self, escalation: Escalation) -> Climbed:
        """Climb one of them as far as it goes now."""
        if escalation.reason == Reason.PLATFORM and escalation.taken_at and escalation.alarm_since is None:
            # Its owner took it, and it has not been met again since.
            return Climbed(escalations.stand_of(escalation), end=End.OVER)
        rungs = rungs_of(escalation)

        def reach(number: int) -> bool:
            people = whom.people(rungs[number], escalation, at=self.now, known=self.known)
            return self._page(escalation, number, rungs[number], people)

        return climbing.climb(escalations.stand_of(escalation), rungs, now=self.now, reach=reach)

    def _page(self, escalation: Escalation, number: int, rung: Rung, people: Sequence[Person]) -> bool:
        """Work orders for these people on each channel of the rung; is there anybody whom a phone will reach?"""
        # A repeated alarm is never left out: only what another rung has just failed to do.
        failed = {
            (person, channel)
            for climb, rung_before, person, channel in self.failed
            if climb == escalation.pk and rung_before != number
        }
        next_round = self.rounds.get((escalation.pk, number), -1) + 1
        wanted = [
            (person, channel)
            for person in people
            for channel in ladders.ORDER
            if channel in rung.by and channel in self.channels and (person.pk, channel) not in failed
        ]
        if Channel.PUSH in rung.by:
            self._look_for_devices(people)
            wanted = [(p, channel) for p, channel in wanted if channel != Channel.PUSH or self.wakeable[p.pk]]
        pages = [made(escalation, person, channel, self.now) for person, channel in wanted]
        if rung.siren and Channel.SIREN in self.channels and (site := _siren_site(escalation)):
            pages.append(Page(escalation=escalation, channel=Channel.SIREN, phone=site, due_at=self.now))
        for page in pages:
            page.rung, page.round = number, next_round
        self.pages += pages
        only_push = set(rung.by) == {Channel.PUSH}
        return any(channel in PHONE_CHANNELS or only_push for _, channel in wanted)

    def _look_for_devices(self, people: Sequence[Person]) -> None:
        new = {person.pk for person in people} - set(self.wakeable)
        if new:
            found = set(Device.objects.filter(person__in=new).values_list("person", flat=True))
            self.wakeable |= {pk: pk in found for pk in new}

    def write(self) -> None:
        """All the pages, each with a code of its own."""
        for page, code in zip(self.pages, reply_codes(len(self.pages)), strict=True):
            page.reply_code = code
        Page.objects.bulk_create(self.pages)


def _waits(escalation: Escalation) -> bool:
    """Is this still waited for, as far as its referral says?"""
    if escalation.referral is None:
        return True
    if escalation.referral.state != escalations.WANTS[Reason(escalation.reason)]:
        return False
    return escalation.offer is None or escalation.offer.state == OfferState.OPEN


def rungs_of(escalation: Escalation) -> list[Rung]:
    """The ladder that this climb began with; Dido's own where that one cannot be climbed."""
    try:
        return ladders.read(escalation.rungs, Reason(escalation.reason))
    except BrokenLadder as broken:
        log.error("ladder_broken", escalation=escalation.pk, why=str(broken))
    standing = ladders.shipped(Reason(escalation.reason))
    escalation.ladder_version, escalation.rungs = standing.version, standing.rungs
    return ladders.read(escalation.rungs)


def made(escalation: Escalation, person: Person, channel: str, now: datetime) -> Page:
    """A work order for this person on this channel."""
    number = escalation.subject if escalation.reason == Reason.VERIFY else person.phone
    return Page(
        escalation=escalation,
        person=person,
        channel=channel,
        phone=number if channel in PHONE_CHANNELS else "",
        digits="".join(secrets.SystemRandom().sample("123456789", 3)) if channel == Channel.VOICE else "",
        due_at=now,
    )


def _siren_site(escalation: Escalation) -> str:
    """Whose boards sound: the hub's that must answer, or the spoke's that must find another."""
    if escalation.reason == Reason.UNPLACED and escalation.referral:
        return escalation.referral.spoke.code
    return escalation.hub.code if escalation.hub else ""


def reply_codes(count: int) -> list[str]:
    """Codes that no page ever had, and that no decline can be mistaken for: X before a code means no."""
    found: list[str] = []
    while len(found) < count:
        drawn = {
            code
            for _ in range(count - len(found))
            if not (code := codes.new(codes.REPLY_LENGTH)).startswith("X")
        }
        drawn -= set(Page.objects.filter(reply_code__in=drawn).values_list("reply_code", flat=True))
        found += sorted(drawn - set(found))
    return found


def copy_of(page: Page, *, due_at: datetime) -> Page:
    """The same page once more, later."""
    assert page.person, "only a page to somebody is repeated"
    again = made(page.escalation, page.person, page.channel, due_at)
    again.rung, again.round = page.rung, page.round + 1
    (again.reply_code,) = reply_codes(1)
    return again


def revalidate(*, now: datetime) -> None:
    """After an outage nothing is sent blindly: is this still the person whom the rung means?"""
    unsent = Q(fate=Fate.DUE) | Q(fate=Fate.SENDING, lease_until__lt=now)
    late = Page.objects.filter(unsent, due_at__lt=now - STALE, escalation__closed_at=None).exclude(
        person=None
    )
    late = late.order_by("due_at", "pk")  # those that are claimed next
    for page in late.select_related(
        "escalation__referral__spoke", "escalation__hub", "escalation__person", "person"
    )[:BATCH]:
        try:
            with transaction.atomic():
                _revalidate_one(page, unsent, now=now)
        except Exception as error:  # noqa: BLE001 the others are looked at all the same
            log.error("revalidation_failed", page=page.pk, **senders.blame(error))


def _revalidate_one(page: Page, unsent: Q, *, now: datetime) -> None:
    rungs = rungs_of(page.escalation)
    rung = rungs[min(page.rung, len(rungs) - 1)]
    if page.person in whom.people(rung, page.escalation, at=now):
        return
    escalations.lock(page.escalation_id)
    if Page.objects.filter(unsent, pk=page.pk).update(fate=Fate.CANCELLED, settled_at=now):
        escalations.hurry(page, now=now)
