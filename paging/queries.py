"""How far the pager has come with a referral: read by the screens and the API. Writes nothing."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db.models import Max

from paging import ladders, troubles
from paging.models import Beat, Channel, Escalation, Fate, Page

BOARDS = "the boards"  # where a siren sounds
TICKS = timedelta(seconds=10)  # a pager that has not ended a tick for so long is not alive


@dataclass(frozen=True)
class PageSoFar:
    """One page and its fate."""

    id: int
    person: str
    channel: str
    rung: int
    fate: Fate
    due_at: datetime
    sent_at: datetime | None
    settled_at: datetime | None
    provider: str
    error: str  # a sentence, where it failed

    @property
    def reached(self) -> bool:
        return self.fate in {Fate.SENT, Fate.DELIVERED}


@dataclass(frozen=True)
class Climb:
    """One ladder being climbed, or climbed before."""

    id: int
    reason: str
    hub: str
    opened_at: datetime
    closed_at: datetime | None
    next_at: datetime | None  # when somebody else is paged
    next_who: str  # in words, e.g. "second on call and the supervisor"
    alarm_since: datetime | None  # the ladder ended unanswered; a named person must take it
    phone_now_since: datetime | None  # the spoke should ring the hub
    taken_by: str
    seen_by: str  # somebody is looking, until held_until
    held_until: datetime | None
    sirens: tuple[int, ...]  # the pages for which boards sound now
    next_by: str  # the channels of the next rung, in words
    pages: list[PageSoFar] = field(default_factory=list)

    @property
    def is_open(self) -> bool:
        return self.closed_at is None


def climbs(referral_ids: Iterable[int], *, open_only: bool = False) -> dict[int, list[Climb]]:
    """The ladders of these referrals, oldest first, in two queries."""
    rows = (
        Escalation.objects.filter(referral__in=list(referral_ids))
        .select_related("hub", "taken_by", "seen_by")
        .order_by("pk")
    )
    if open_only:
        rows = rows.filter(closed_at=None)
    escalations = list(rows)
    pages: dict[int, list[PageSoFar]] = {}
    for page in (
        Page.objects.filter(escalation__in=escalations).select_related("person").order_by("due_at", "pk")
    ):
        pages.setdefault(page.escalation_id, []).append(_page(page))
    found: dict[int, list[Climb]] = {}
    for escalation in escalations:
        assert escalation.referral_id is not None, "asked for by the referral"
        found.setdefault(escalation.referral_id, []).append(_climb(escalation, pages.get(escalation.pk, [])))
    return found


def _page(page: Page) -> PageSoFar:
    return PageSoFar(
        id=page.pk,
        person=page.person.name if page.person else BOARDS,
        channel=page.channel,
        rung=page.rung,
        fate=Fate(page.fate),
        due_at=page.due_at,
        sent_at=page.sent_at,
        settled_at=page.settled_at,
        provider=page.provider,
        error=troubles.in_words(page.error),
    )


def _climb(escalation: Escalation, pages: list[PageSoFar]) -> Climb:
    rungs = ladders.read(escalation.rungs)
    ahead = rungs[escalation.next_rung] if escalation.next_rung < len(rungs) else None
    fired = rungs[: escalation.next_rung]
    told = any(rung.phone_now for rung in fired) or escalation.alarm_since is not None
    phone_now = max((page.due_at for page in pages), default=escalation.opened_at) if told else None
    return Climb(
        id=escalation.pk,
        reason=escalation.reason,
        hub=escalation.hub.short_name if escalation.hub else "",
        opened_at=escalation.opened_at,
        closed_at=escalation.closed_at,
        next_at=escalation.next_at,
        next_who=ladders.in_words(ahead) if ahead else "the lead again",
        alarm_since=escalation.alarm_since,
        phone_now_since=escalation.alarm_since or phone_now,
        taken_by=escalation.taken_by.name if escalation.taken_by else "",
        seen_by=escalation.seen_by.name if escalation.seen_by else "",
        held_until=escalation.held_until,
        sirens=tuple(
            p.id for p in pages if p.channel == Channel.SIREN and p.reached and not escalation.closed_at
        ),
        next_by=ladders.by_words(ahead) if ahead else "",
        pages=pages,
    )


def last_tick() -> datetime | None:
    """When any pager last ended a whole tick."""
    last: datetime | None = Beat.objects.aggregate(last=Max("ticked_at"))["last"]
    return last
