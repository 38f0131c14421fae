"""Fires the rungs that are due: looks the people up and writes their pages.

Called by the engine's tick. It sends nothing; the moves themselves are pure and in paging.climbing, and what happens
at a ladder's end is in paging.handing.
"""

import json
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from django.db import connection, transaction
from django.db.models import QuerySet

from network.models import Person
from paging import climbing, escalations, handing, ladders, lean, quiet, senders, showing, waits, whom
from paging.climbing import Climbed, End
from paging.ladders import BrokenLadder, Rung
from paging.models import PHONE_CHANNELS, Channel, Device, Escalation, Fate, Page, Reason
from paging.quiet_rows import KeptBack
from referrals import codes
from referrals.models import OfferState

log = structlog.get_logger(__name__)

TOGETHER = (
    20  # climbs in one transaction and tick: no verb waits long for a stream's counter, no page for a thread
)
CLIMBED = """
update paging_escalation as climb set
    next_rung = stands.next_rung,
    next_at = stands.next_at,
    alarm_since = stands.alarm_since,
    held_until = stands.held_until,
    taken_by_id = stands.taken_by,
    taken_at = stands.taken_at,
    rungs = stands.rungs,
    ladder_version = stands.ladder_version
from unnest(
    %s::bigint[], %s::int[], %s::timestamptz[], %s::timestamptz[], %s::timestamptz[], %s::bigint[], %s::timestamptz[],
    %s::jsonb[], %s::int[]
) as stands (
    climb, next_rung, next_at, alarm_since, held_until, taken_by, taken_at, rungs, ladder_version
)
where climb.id = stands.climb
"""
POISONED = timedelta(seconds=5)  # a row that raised is looked at again after so long
UNREAD = lean.unread(referrals=["referral"], sites=["referral__spoke", "hub"])
ARRIVED = (Fate.DELIVERED, Fate.ANSWERED)
SAME_WAY_AGAIN = timedelta(seconds=60)  # nobody is paged again so soon on a channel that has just failed


@dataclass(frozen=True)
class Climbs:
    """What one look at the ladders came to."""

    fired: bool = False  # something was due
    ended: bool = False  # somebody was handed on, or a climb is over
    pages: tuple[Page, ...] = ()  # that were made, each with its escalation and its person


NOTHING = Climbs()


def climb(*, now: datetime, channels: frozenset[str], early: bool = False) -> Climbs:
    """Fire the rungs that are due, some climbs at a time. One's fault does not hold up another's.

    Early, `now` has not quite come: pages are made ready for it, but no ladder ends before its time.
    """
    due = Escalation.objects.filter(closed_at=None, next_at__lte=now).order_by("next_at", "pk")
    try:
        return _climb(due, now=now, channels=channels, early=early)
    except Exception as error:  # noqa: BLE001 one of them is poisoned: each by itself
        log.warning("climbed_singly", **senders.blame(error))
        pks = list(due.values_list("pk", flat=True)[:TOGETHER])
        singly = [_climb_alone(pk, now=now, channels=channels, early=early) for pk in pks]
        return Climbs(True, any(one.ended for one in singly), tuple(p for one in singly for p in one.pages))


def _climb_alone(pk: int, *, now: datetime, channels: frozenset[str], early: bool) -> Climbs:
    try:
        alone = Escalation.objects.filter(pk=pk, closed_at=None)
        return _climb(alone, now=now, channels=channels, early=early)
    except Exception as error:  # noqa: BLE001 the others climb on
        log.error("climb_failed", escalation=pk, **senders.blame(error))
        Escalation.objects.filter(pk=pk, closed_at=None).update(next_at=now + POISONED)
    return NOTHING


def _climb(due: QuerySet[Escalation], *, now: datetime, channels: frozenset[str], early: bool) -> Climbs:
    ended: list[tuple[int, End]] = []
    with transaction.atomic():
        firing = Firing(now=now, channels=channels)
        climbed = []
        for escalation in firing.locked(due):
            made_before = len(firing.pages)
            after = firing.fire(escalation)
            if after.end is not None and early:
                del firing.pages[made_before:]
                continue
            if after.end is not None:
                ended.append((escalation.pk, after.end))
                continue
            if after.fired and after.stand.alarm_since is not None:
                # It rings again: whoever took it has not settled it.
                escalation.taken_by = escalation.taken_at = None
            escalations.stand(escalation, after.stand)
            climbed.append(escalation)
        firing.write()
        _put(climbed)
        showing.show_all([pk for e in climbed if (pk := showing.about(e)) is not None], now=now)
    for pk, end in ended:
        handing.over(pk, end, now=now)
    return Climbs(bool(climbed or ended), bool(ended), tuple(firing.pages))


def _put(climbed: list[Escalation]) -> None:
    """Write down how far they have come, in one statement."""
    rows = [
        (
            e.pk,
            e.next_rung,
            e.next_at,
            e.alarm_since,
            e.held_until,
            e.taken_by_id,
            e.taken_at,
            json.dumps(e.rungs),
            e.ladder_version,
        )
        for e in climbed
    ]
    if rows:
        with connection.cursor() as cursor:
            cursor.execute(CLIMBED, [list(column) for column in zip(*rows, strict=True)])


class Firing:
    """The rungs that are fired together: whoever they reach is looked up once, and their pages are written at once."""

    def __init__(self, *, now: datetime, channels: frozenset[str]) -> None:
        self.now, self.channels = now, channels
        self.known: whom.Known = {}
        self.pages: list[Page] = []
        self.kept: list[KeptBack] = []  # for those whose hours are quiet
        self.failed: set[tuple[int, int, int | None, str]] = set()  # (climb, rung, person, channel), just now
        self.rounds: dict[tuple[int, int], int] = {}  # (climb, rung) → its last round
        self.wakeable: dict[int, bool] = {}
        self.told: set[int] = set()  # climbs that only had to be heard of, and were

    def locked(self, due: QuerySet[Escalation]) -> list[Escalation]:
        """Those of these that nobody else holds, locked, and whom nobody has answered meanwhile."""
        locked = due.select_for_update(skip_locked=True, no_key=True, of=("self",))
        rows = locked.select_related("referral__spoke", "referral__supervisor", "hub", "offer", "person")
        waiting = [escalation for escalation in rows.defer(*UNREAD)[:TOGETHER] if _waits(escalation)]
        if begun := [escalation.pk for escalation in waiting if escalation.next_rung]:
            self._look_back(begun)
        return waiting

    def _look_back(self, begun: list[int]) -> None:
        """What has just failed, and how often each rung has fired: an alarm may have rung for days."""
        so_far = Page.objects.filter(escalation__in=begun)
        failed = so_far.filter(fate=Fate.FAILED, settled_at__gt=self.now - SAME_WAY_AGAIN)
        self.failed = set(failed.values_list("escalation", "rung", "person", "channel"))
        arrived = so_far.filter(fate__in=ARRIVED, channel__in=PHONE_CHANNELS, escalation__reason=Reason.TOLD)
        self.told = set(arrived.values_list("escalation", flat=True))
        last = so_far.order_by("escalation", "rung", "-round").distinct("escalation", "rung")
        self.rounds = {
            (climb, rung): last for climb, rung, last in last.values_list("escalation", "rung", "round")
        }

    def fire(self, escalation: Escalation) -> Climbed:
        """Climb one of them as far as it goes now."""
        if escalation.reason == Reason.PLATFORM and escalation.taken_at and escalation.alarm_since is None:
            # Its owner took it, and it has not been met again since.
            return Climbed(escalations.stand_of(escalation), end=End.OVER)
        if escalation.pk in self.told:
            return Climbed(escalations.stand_of(escalation), end=End.OVER)
        rungs = rungs_of(escalation)

        def reach(number: int) -> bool:
            people = whom.people(rungs[number], escalation, at=self.now, known=self.known)
            asleep = quiet.kept_from(escalation, people, at=self.now)
            self.kept += quiet.keep(escalation, asleep, at=self.now)
            awake = [person for person in people if person.pk not in asleep]
            return self._page(escalation, number, rungs[number], awake) or bool(asleep)

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
        quiet.write(self.kept)


def _waits(escalation: Escalation) -> bool:
    """Is this still waited for, as far as its referral says?"""
    if escalation.referral is None:
        return True
    if escalation.referral.state != waits.WANTS[Reason(escalation.reason)]:
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
    if page.person:
        again = made(page.escalation, page.person, page.channel, due_at)
    else:  # to a phone of which only the number is known
        again = Page(escalation=page.escalation, channel=page.channel, phone=page.phone, due_at=due_at)
    again.rung, again.round = page.rung, page.round + 1
    (again.reply_code,) = reply_codes(1)
    return again
