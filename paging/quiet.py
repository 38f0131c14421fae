"""Quiet hours: what is kept back from a phone, whose, and what never is. The only writer of both kinds of row.

Called by the rungs when they fire, by people's own page and by the strip above the board. A page that somebody must
answer, or upon which a patient's way depends, is never kept back; what is kept back is on the screen at once.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from django.utils import timezone

from network.models import Person
from paging import standing_down, whom
from paging.models import Escalation, Page, Reason
from paging.quiet_rows import KeptBack, QuietHours
from referrals.models import Event, Referral
from workforce.models import Shift

STILL_UP = timedelta(hours=1)  # whoever was paged about the patient so lately is told that it is over
BEFORE_DUTY = timedelta(hours=12)  # a dead phone is mended in good time before its owner's next duty

KEPT: dict[Reason, str] = {
    Reason.STOOD: "That a transfer is stood down: unless you are on duty, did something for that patient, or were "
    "paged about it within the last hour.",
    Reason.CONTACT: "That somebody’s phone cannot be reached: unless that person is on duty, or will be within "
    "twelve hours.",
}
NEVER: dict[Reason, str] = {
    Reason.OFFER: "A patient is offered to your hub.",
    Reason.CONFIRM: "Your confirmation is waited for.",
    Reason.UNPLACED: "A patient has no hub.",
    Reason.WORSE: "A patient is worse on the way.",
    Reason.OVERDUE: "A patient has not left, or not arrived: somebody must ring.",
    Reason.DIVERT: "A patient is diverted to you.",
    Reason.TOLD: "Somebody whom you supervise has accepted: you may be needed within the hour.",
    Reason.MESSAGE: "A message asks for your confirmation. It goes on asking.",
    Reason.REACH: "The test at the start of a duty, yours or that of somebody who did not answer it.",
    Reason.DRILL: "The weekly drill, while you are on duty.",
    Reason.VERIFY: "A code that you asked for.",
    Reason.PLATFORM: "The platform itself has a fault, for whoever looks after it.",
}


class QuietRefused(Exception):
    """Nothing was changed; the sentence says why."""


@dataclass(frozen=True)
class Kept:
    """One thing that somebody was not woken for and has not seen yet."""

    number: int
    reason: str
    code: str  # of the referral; empty where it is about somebody's phone
    name: str
    at: datetime


def of(person: Person) -> QuietHours | None:
    """The quiet hours that this person has set."""
    return QuietHours.objects.filter(person=person).first()


def put(person: Person, *, since: time, until: time, at: datetime) -> QuietHours:
    """From now on these are their quiet hours; who they are and from when is theirs alone to say."""
    if since == until:
        raise QuietRefused("The end is the beginning: a whole day cannot be quiet.")
    row, _ = QuietHours.objects.update_or_create(
        person=person, defaults={"since": since, "until": until, "set_at": at}
    )
    return row


def drop(person: Person) -> None:
    """They have none any more."""
    QuietHours.objects.filter(person=person).delete()


def is_quiet(since: time, until: time, *, at: datetime) -> bool:
    """Is it between these hours, by the clock on the wall? Each begins and ends once a day, also when clocks change."""
    today = timezone.localtime(at).date()
    for day in (today - timedelta(days=1), today):
        end = day if until > since else day + timedelta(days=1)
        begins, ends = (
            timezone.make_aware(datetime.combine(day, since)),
            timezone.make_aware(datetime.combine(end, until)),
        )
        if begins <= at < ends:
            return True
    return False


def kept_from(escalation: Escalation, people: Sequence[Person], *, at: datetime) -> set[int]:
    """Those of these people (by id) whose phone stays silent about this now; no query for what is never kept back."""
    if escalation.reason not in KEPT or not people:
        return set()
    rows = QuietHours.objects.filter(person__in=people)
    asleep = {row.person_id for row in rows if is_quiet(row.since, row.until, at=at)}
    if not asleep:
        return set()
    on_duty = Shift.objects.filter(person__in=asleep, period__contains=at)
    asleep -= set(on_duty.values_list("person", flat=True))
    return asleep - (
        _concerned(escalation.subject, asleep, at=at)
        if escalation.reason == Reason.STOOD
        else _needed(escalation, asleep, at=at)
    )


def keep(escalation: Escalation, people: Iterable[int], *, at: datetime) -> list[KeptBack]:
    """What is to be written of those who were not woken."""
    return [KeptBack(escalation=escalation, person_id=person, at=at) for person in sorted(people)]


def write(rows: Collection[KeptBack]) -> None:
    """On their screens from now on; once for each."""
    if rows:
        KeptBack.objects.bulk_create(rows, ignore_conflicts=True)


def waiting(person: Person) -> list[Kept]:
    """What this person was not woken for and has not seen, the newest first; one query."""
    rows = KeptBack.objects.filter(person=person, seen_at=None).select_related("escalation__person")
    return [
        Kept(
            row.pk,
            row.escalation.reason,
            row.escalation.subject if row.escalation.reason == Reason.STOOD else "",
            row.escalation.person.name if row.escalation.person else "",
            row.at,
        )
        for row in rows.order_by("-at", "-pk")
    ]


def seen(person: Person, numbers: Collection[int], *, at: datetime) -> None:
    """They have seen these; only their own."""
    KeptBack.objects.filter(person=person, pk__in=list(numbers), seen_at=None).update(seen_at=at)


def _concerned(code: str, people: Collection[int], *, at: datetime) -> set[int]:
    """Whoever did something for this patient, has them, or was paged about them just now: they may be on their way."""
    found: set[int | None] = set(
        Event.objects.filter(referral__code=code, by__in=people).values_list("by", flat=True)
    )
    for operator, supervisor in Referral.objects.filter(code=code).values_list("operator", "supervisor"):
        found |= {operator, supervisor}
    climbs = standing_down.about(code).values("pk")
    lately = Page.objects.filter(escalation__in=climbs, person__in=people, sent_at__gt=at - STILL_UP)
    return {pk for pk in found | set(lately.values_list("person", flat=True)) if pk is not None}


def _needed(escalation: Escalation, people: Collection[int], *, at: datetime) -> set[int]:
    """Everybody, where whoever cannot be reached is on duty now or soon."""
    shift = whom.on_a_rota(escalation.person, at=at) if escalation.person else None
    return set(people) if shift and shift.period.lower <= at + BEFORE_DUTY else set()
