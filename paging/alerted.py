"""How often people were alerted: by day and by night, on duty or not, and how soon they answered. No patient in it.

Called by the page for leads, medical directors and oneself. It reads what the pager wrote, in four queries for any
number of people. One alert is one person asked at one moment, by however many channels.
"""

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from pathlib import Path
from statistics import median
from typing import NamedTuple

from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.db.models import Min, Q
from django.utils import timezone

from network.models import Membership, Role
from paging.models import Page, Reason
from referrals.models import Event
from workforce.models import Shift

NIGHT = json.loads((Path(__file__).parent / "data" / "night.json").read_text())
FROM, UNTIL = time.fromisoformat(NIGHT["from"]), time.fromisoformat(NIGHT["until"])
OF_OPERATORS = frozenset({Reason.OFFER, Reason.CONFIRM, Reason.DRILL})  # of whoever operates at the hub
OF_ANYBODY = frozenset({Reason.UNPLACED, Reason.MESSAGE, Reason.WORSE, Reason.PLATFORM})
GRACE = timedelta(seconds=30)  # what was answered is closed in the next tick
type Stretch = tuple[datetime, datetime]


class Alert(NamedTuple):
    """One person, alerted at one moment, and the climb for which it was; in the order of `FIELDS`."""

    person: int
    climb: int
    reason: str
    hub: int | None
    about: int | None  # whose phone it was about
    code: str | None
    subject: str
    closed_at: datetime | None
    answered_by: int | None
    answered_at: datetime | None
    taken_by: int | None
    taken_at: datetime | None
    sent_at: datetime
    used_at: datetime | None


CLIMB = (
    "reason", "hub", "person", "referral__code", "subject", "closed_at",
    "answered_by", "answered_at", "taken_by", "taken_at",
)  # fmt: skip


@dataclass(frozen=True)
class Alerted:
    """How often one person was alerted in some days, and what came of it."""

    day: int = 0
    night: int = 0
    off_duty: int = 0
    nights: int = 0  # in which they were alerted at all
    asked: int = 0  # waits for which their own answer was wanted
    answered: int = 0
    median: timedelta | None = None  # from the first page to their answer

    @property
    def all(self) -> int:
        return self.day + self.night


@dataclass
class Wait:
    """Something for which one person's answer was wanted."""

    code: str
    begun: datetime
    over: datetime
    answers: list[datetime] = field(default_factory=list)


def is_night(moment: datetime) -> bool:
    """Is it night then, by the clock on the wall?"""
    there = timezone.localtime(moment).time()
    return there >= FROM or there < UNTIL


def night_of(moment: datetime) -> date:
    """The day on which that night began."""
    there = timezone.localtime(moment)
    return there.date() - timedelta(days=1) if there.time() < UNTIL else there.date()


def of(people: Collection[int], *, since: datetime, now: datetime) -> dict[int, Alerted]:
    """How often each of these people was alerted after `since`, and how they answered; four queries."""
    alerts = _alerts(people, since=since, now=now)
    operators = _operators(people)
    waits: dict[tuple[int, int], Wait] = {}
    for alert in alerts:
        if _is_asked(alert, operators):
            _wait(waits, alert, now)
    _look_for_deeds(waits)
    duties = _duties(people, since=since, now=now)
    by_person: dict[int, list[datetime]] = {person: [] for person in people}
    for alert in alerts:
        by_person[alert.person].append(alert.sent_at)
    own: dict[int, list[Wait]] = {}
    for (person, _), wait in waits.items():
        own.setdefault(person, []).append(wait)
    return {
        person: _counted(moments, own.get(person, []), duties.get(person, []))
        for person, moments in by_person.items()
    }


def _alerts(people: Collection[int], *, since: datetime, now: datetime) -> list[Alert]:
    """Every alert that left, once each; but for the tests that people asked for themselves."""
    themselves = Q(escalation__reason=Reason.VERIFY) | Q(
        escalation__reason=Reason.REACH, escalation__shift=None
    )
    rows = Page.objects.filter(person__in=people, sent_at__gt=since, sent_at__lte=now).exclude(themselves)
    climb = [f"escalation__{name}" for name in CLIMB]
    each = rows.values("person", "escalation", *climb, "rung", "round").annotate(
        sent=Min("sent_at"), used=Min("used_at")
    )
    return [Alert(*row) for row in each.values_list("person", "escalation", *climb, "sent", "used")]


def _operators(people: Collection[int]) -> set[tuple[int, int | None]]:
    """Who operates, or did, and at which hub."""
    rows = Membership.objects.filter(person__in=people, role=Role.OPERATOR)
    return set(rows.values_list("person", "site"))


def _is_asked(alert: Alert, operators: Collection[tuple[int, int | None]]) -> bool:
    """Was it this person's answer that was wanted, or were they only told?"""
    if alert.reason == Reason.REACH:
        return alert.about == alert.person
    if alert.reason in OF_OPERATORS:
        return (alert.person, alert.hub) in operators
    return alert.reason in OF_ANYBODY


def _wait(waits: dict[tuple[int, int], Wait], alert: Alert, now: datetime) -> None:
    code = alert.code or alert.subject.partition(" ")[0]
    over = alert.closed_at + GRACE if alert.closed_at else now
    wait = waits.setdefault((alert.person, alert.climb), Wait(code, alert.sent_at, over))
    wait.begun = min(wait.begun, alert.sent_at)
    if alert.used_at:
        wait.answers.append(alert.used_at)
    for by, at in ((alert.answered_by, alert.answered_at), (alert.taken_by, alert.taken_at)):
        if by == alert.person and at:
            wait.answers.append(at)


def _look_for_deeds(waits: Mapping[tuple[int, int], Wait]) -> None:
    """Whoever does anything to the patient while they are waited for has answered, a look included."""
    people, codes = {person for person, _ in waits}, {wait.code for wait in waits.values()}
    deeds: dict[tuple[int | None, str], list[datetime]] = {}
    rows = Event.objects.filter(by__in=people, referral__code__in=codes)
    for by, code, at in rows.values_list("by", "referral__code", "written_at"):
        deeds.setdefault((by, code), []).append(at)
    for (person, _), wait in waits.items():
        wait.answers += [at for at in deeds.get((person, wait.code), ()) if wait.begun <= at <= wait.over]


def _duties(people: Collection[int], *, since: datetime, now: datetime) -> dict[int, list[Stretch]]:
    rows = Shift.objects.filter(person__in=people, period__overlap=DateTimeTZRange(since, now))
    found: dict[int, list[Stretch]] = {}
    for person, period in rows.values_list("person", "period"):
        found.setdefault(person, []).append((period.lower, period.upper))
    return found


def _counted(moments: Sequence[datetime], waits: Iterable[Wait], duties: Sequence[Stretch]) -> Alerted:
    nights = [moment for moment in moments if is_night(moment)]
    told = list(waits)
    took = [(min(wait.answers) - wait.begun).total_seconds() for wait in told if wait.answers]
    return Alerted(
        day=len(moments) - len(nights),
        night=len(nights),
        off_duty=sum(not any(begun <= at < done for begun, done in duties) for at in moments),
        nights=len({night_of(moment) for moment in nights}),
        asked=len(told),
        answered=len(took),
        median=timedelta(seconds=median(took)) if took else None,
    )
