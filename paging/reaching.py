"""Tests of phones without a patient: at the start of a shift, on request, for a new number, and the weekly drill.

Each is an escalation like any other, so that it goes the whole way that a real page goes. Called by the engine's
tick, by people's own page, and by the answers.
"""

from dataclasses import asdict
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import F, QuerySet

from network import people
from network.models import Person, Site
from paging import escalations, ladders, whom
from paging.glance import When
from paging.ladders import Rung, Standing
from paging.models import PHONE_CHANNELS, Channel, Escalation, Fate, Page, Reason
from workforce import rota
from workforce.models import Shift

LONDON = ZoneInfo("Europe/London")
LATE_FOR = timedelta(minutes=10)  # a shift that began earlier is not tested any more
UNCONFIRMED_AFTER = timedelta(minutes=5)
CODE_LIVES = timedelta(minutes=10)
WRONG_TRIES = 5
AN_HOUR, CODES_AN_HOUR = timedelta(hours=1), 5  # nobody's phone is filled with our codes
DRILL_DAY, DRILL_FROM, DRILL_UNTIL = 2, time(11, 0), time(11, 30)  # Wednesdays
DRILLED_LATELY = timedelta(days=6)
ANSWERERS = frozenset({"first", "second", "supervisor"})  # whom a drill asks


def beginning(now: When) -> tuple[QuerySet[Shift]]:
    """The shifts that have just begun, and whose people have not been tested."""
    begun = Shift.objects.filter(period__contains=now, period__startswith__gt=now - LATE_FOR)
    return (begun.filter(reach_tests=None),)


def open_for_shifts(*, now: datetime) -> None:
    """Whoever's shift begins now shows that pages reach them."""
    (untested,) = beginning(now)
    for shift in untested.select_related("hub", "person"):
        escalations.open_one(Reason.REACH, now=now, hub=shift.hub, person=shift.person, shift=shift)


def unconfirmed(*, now: datetime) -> QuerySet[Escalation]:
    """The tests of shifts that go on now which nobody has answered in time."""
    tests = Escalation.objects.filter(reason=Reason.REACH, shift__period__contains=now, answered_at=None)
    return tests.filter(opened_at__lte=now - UNCONFIRMED_AFTER)


def page_myself(person: Person, *, now: datetime) -> bool:
    """A test that somebody asked for; nobody else is told of it. False while one is under way."""
    own = ladders.shipped(Reason.REACH)
    rows = [row for row in own.rungs if row["to"] == ["self"] or row.get("end")]
    shift = whom.on_a_rota(person, at=now)
    return escalations.open_one(
        Reason.REACH,
        now=now,
        hub=shift.hub if shift else None,
        person=person,
        standing=Standing(own.version, rows),
    )


def verify(person: Person, number: str, *, now: datetime) -> bool:
    """Send a code to a number that the person says is theirs; an earlier code ends. False after too many in an hour."""
    with transaction.atomic():
        asked = Escalation.objects.filter(reason=Reason.VERIFY, person=person, opened_at__gt=now - AN_HOUR)
        if asked.count() >= CODES_AN_HOUR:
            return False
        _end_verifications(person, now=now)
        return escalations.open_one(Reason.VERIFY, now=now, person=person, subject=number)


def _end_verifications(person: Person, *, now: datetime) -> None:
    earlier = Escalation.objects.filter(reason=Reason.VERIFY, person=person, closed_at=None)
    for escalation in earlier.select_for_update(no_key=True, of=("self",)):
        escalations.close(escalation, now=now)


class WrongCode(Exception):
    """The code does not fit, is too old, or was tried too often."""


def confirm(person: Person, code: str, *, now: datetime) -> str:
    """The code from the new number was typed: it is theirs from now on. Returns the number; WrongCode, PhoneTaken."""
    with transaction.atomic():
        page = _sent_with(code.strip().upper(), person, now=now)
        if page is not None:
            people.set_phone(person, page.phone, at=now)
            Page.objects.filter(pk=page.pk).update(used_at=now, fate=Fate.ANSWERED, settled_at=now)
            _end_verifications(person, now=now)
    if page is None:
        raise WrongCode
    return page.phone


def _sent_with(code: str, person: Person, *, now: datetime) -> Page | None:
    """The page that carried this code to the new number; a wrong one is counted. The text may have left twice."""
    climbs = Escalation.objects.select_for_update(no_key=True, of=("self",)).filter(
        reason=Reason.VERIFY, person=person, closed_at=None, opened_at__gt=now - CODE_LIVES
    )
    if (climb := climbs.order_by("-pk").first()) is None:
        return None
    pages = list(Page.objects.select_for_update(no_key=True).filter(escalation=climb).order_by("pk"))
    if sum(page.tries for page in pages) >= WRONG_TRIES:
        return None
    for page in pages:
        if page.reply_code == code:
            return page
    Page.objects.filter(pk__in=[page.pk for page in pages[:1]]).update(tries=F("tries") + 1)
    return None


def answered(page: Page, *, by: Person, now: datetime) -> None:
    """The page of a test or a drill was answered: it is over, and the phone is known to work."""
    escalation = Escalation.objects.select_for_update(no_key=True, of=("self",)).get(pk=page.escalation_id)
    if page.channel in PHONE_CHANNELS and page.phone == by.phone:
        people.phone_reached(by, at=now, by_text=page.channel == Channel.SMS)
    if escalation.answered_at is None:
        escalation.answered_by, escalation.answered_at = by, now
        escalation.save(update_fields=["answered_by", "answered_at"])
    if escalation.closed_at is None:
        escalations.close(escalation, now=now)


def open_drills(*, now: datetime) -> None:
    """Once a week, in the daytime, each hub that has somebody on call and no patient waiting has a drill."""
    local = now.astimezone(LONDON)
    if local.weekday() != DRILL_DAY or not DRILL_FROM <= local.time() < DRILL_UNTIL:
        return
    for hub in Site.objects.filter(shifts__period__contains=now).distinct():
        lately = Escalation.objects.filter(reason=Reason.DRILL, hub=hub, opened_at__gt=now - DRILLED_LATELY)
        if not lately.exists():
            drill(hub, now=now)


def drill(hub: Site, *, now: datetime) -> bool:
    """The hub's own ladder is climbed without a patient; False where one waits, or it would ask nobody, or is on."""
    if Escalation.objects.filter(hub=hub, closed_at=None, referral__isnull=False).exists():
        return False
    own = ladders.current(hub, Reason.OFFER)
    rungs = drill_rungs(ladders.read(own.rungs))
    asked = {name for rung in rungs for name in rung.to}
    if not any(
        whom.DUTIES[name] == shift.duty for shift in rota.on_call(hub, at=now) for name in asked & ANSWERERS
    ):
        return False
    rows = [asdict(rung) for rung in rungs]
    return escalations.open_one(Reason.DRILL, now=now, hub=hub, standing=Standing(own.version, rows))


def drill_rungs(rungs: list[Rung]) -> list[Rung]:
    """The rungs that a drill climbs: those on call, then the coordinator is told, then it is over."""
    asked = [
        Rung(after=rung.after, to=tuple(n for n in rung.to if n in ANSWERERS), by=rung.by)
        for rung in rungs
        if ANSWERERS & set(rung.to) and not rung.hand_on and not rung.alarm
    ]
    last = asked[-1].after if asked else 0
    return [*asked, Rung(last + 120, ("coordinator",), ("push", "sms")), Rung(last + 180, (), end=True)]
