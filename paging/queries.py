"""How far the pager has come: with a referral, and with one person's phone. Read by the screens and the API.

Writes nothing. A climb is told as it stands; only where names are asked for are the people of the next rung looked up.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db.models import Max

from network.kept import Kept
from network.models import Person, Site
from paging import ladders, reaching, standing_down, troubles, whom
from paging.ladders import BrokenLadder, Rung
from paging.models import PHONE_CHANNELS, Beat, Channel, Escalation, Fate, Page, Reason
from referrals import gathering
from referrals.models import Referral

BOARDS = "the boards"  # where a siren sounds
PEOPLE = ("taken_by", "seen_by", "answered_by", "person")
SURROUNDINGS = ("hub", *PEOPLE, "referral__spoke", "referral__supervisor")
ALL = Kept(lambda ids: Escalation.objects.filter(referral__among=ids).order_by("pk"), ids=None)
OPEN = Kept(
    lambda ids: Escalation.objects.filter(referral__among=ids, closed_at=None).order_by("pk"), ids=None
)
PAGES = Kept(
    lambda ids: Page.objects.filter(escalation__among=ids).select_related("person").order_by("due_at", "pk"),
    ids=None,
)
TICKS = timedelta(seconds=10)  # a pager that has not ended a tick for so long is not alive


@dataclass(frozen=True)
class PageSoFar:
    """One page and its fate."""

    id: int
    person: str
    channel: str
    rung: int
    round: int
    fate: Fate
    due_at: datetime
    sent_at: datetime | None
    settled_at: datetime | None
    provider: str
    passed_over: str  # the provider that could not deliver it
    status: str  # the provider's own word, e.g. "ringing"
    error: str  # a sentence, where it failed
    site: str  # for a siren the code of the site whose boards sound

    @property
    def reached(self) -> bool:
        return self.fate in {Fate.SENT, Fate.DELIVERED}

    @property
    def is_siren(self) -> bool:
        return self.channel == Channel.SIREN


@dataclass(frozen=True)
class Climb:
    """One ladder being climbed, or climbed before."""

    id: int
    reason: str
    subject: str  # what it is about, where it has no referral: a code, and maybe which step is late
    hub: str
    hub_code: str
    hub_phone: str
    spoke: str
    opened_at: datetime
    closed_at: datetime | None
    next_at: datetime | None  # when somebody else is paged
    ahead: Rung  # the rung that fires then
    repeats: bool  # that rung has fired before
    alarm_since: datetime | None  # the ladder ended unanswered; a named person must take it
    phone_now_since: datetime | None  # the spoke should ring the hub
    taken_by: str
    seen_by: str  # somebody is looking, until held_until
    held_until: datetime | None
    seen_holds: int  # seconds for which a look holds it
    answered_by: str
    answered_at: datetime | None
    for_shift: bool  # the test of a phone at the start of a shift
    next_people: tuple[str, ...] | None  # who that is now; None where nobody asked
    pages: list[PageSoFar] = field(default_factory=list)

    @property
    def is_open(self) -> bool:
        return self.closed_at is None

    @property
    def arrived(self) -> PageSoFar | None:
        """The first page that a phone is known to have, by text or call."""
        ours = (
            p for p in self.pages if p.channel in PHONE_CHANNELS and p.fate in {Fate.DELIVERED, Fate.ANSWERED}
        )
        return min(ours, key=lambda page: page.settled_at or page.due_at, default=None)

    @property
    def heard(self) -> tuple[int, int]:
        """Of how many people were paged, how many have it on a phone: (have it, were paged)."""
        ours = [p for p in self.pages if p.channel in PHONE_CHANNELS]
        have = {p.person for p in ours if p.fate in {Fate.DELIVERED, Fate.ANSWERED}}
        return len(have), len({p.person for p in ours})

    @property
    def next_who(self) -> str:
        """Whom the next rung reaches, in words, e.g. "second on call and the supervisor"."""
        who = ladders.in_words(self.ahead)
        return f"{who} again" if self.repeats and self.ahead.to else who

    @property
    def next_by(self) -> str:
        """By which channels, in words."""
        return ladders.by_words(self.ahead)

    def holds(self, now: datetime) -> bool:
        """Is somebody looking, so that nobody else is paged yet?"""
        return self.is_open and self.held_until is not None and now < self.held_until

    def sirens(self, now: datetime) -> list[PageSoFar]:
        """The pages for which boards sound at this moment; none while somebody looks or deals with it."""
        if not self.is_open or self.taken_by or self.holds(now):
            return []
        return [page for page in self.pages if page.is_siren and page.reached]


def climbs(
    referrals: Iterable[Referral], *, open_only: bool = False, names_at: datetime | None = None
) -> dict[int, list[Climb]]:
    """The ladders of these referrals, oldest first, in one query where there is none and in four where there are.

    More where names are wanted as of a moment.
    """
    asked = {referral.pk: referral for referral in referrals}
    escalations = (OPEN if open_only else ALL).rows(ids=list(asked)) if asked else []
    gathering.fill_places([(row, "hub") for row in escalations])
    gathering.fill_people([(row, name) for row in escalations for name in PEOPLE])
    found: dict[int, list[Climb]] = {}
    for escalation in escalations:
        escalation.referral = asked[escalation.referral_id or 0]  # its people are read already
    for escalation, climb in zip(escalations, _told(escalations, names_at=names_at), strict=True):
        found.setdefault(escalation.referral_id or 0, []).append(climb)
    return found


def beside(code: str, *, names_at: datetime) -> list[Climb]:
    """The climbs about this referral for which its state does not wait, oldest first.

    A supervisor is told, a patient is worse, late or diverted on the way, a transfer is stood down.
    """
    rows = Escalation.objects.filter(standing_down.beside(code)).order_by("pk")
    return _told(rows.select_related(*SURROUNDINGS), names_at=names_at)


def _told(escalations: Iterable[Escalation], *, names_at: datetime | None = None) -> list[Climb]:
    """These escalations (with their surroundings read) with their pages; one query."""
    rows = list(escalations)
    pages: dict[int, list[PageSoFar]] = {}
    for page in PAGES.rows(ids=[row.pk for row in rows]) if rows else ():
        pages.setdefault(page.escalation_id, []).append(_page(page))
    known: whom.Known = {}
    return [_climb(one, pages.get(one.pk, []), known, names_at) for one in rows]


def _page(page: Page) -> PageSoFar:
    return PageSoFar(
        id=page.pk,
        person=page.person.name if page.person else BOARDS,
        channel=page.channel,
        rung=page.rung,
        round=page.round,
        fate=Fate(page.fate),
        due_at=page.due_at,
        sent_at=page.sent_at,
        settled_at=page.settled_at,
        provider=page.provider,
        passed_over=page.passed_over,
        status=page.provider_status,
        error=troubles.in_words(page.error),
        site=page.phone if page.channel == Channel.SIREN else "",
    )


def _climb(
    escalation: Escalation, pages: list[PageSoFar], known: whom.Known, names_at: datetime | None
) -> Climb:
    rungs = _rungs(escalation)
    ahead = rungs[min(escalation.next_rung, len(rungs) - 1)]
    asks = names_at is not None and escalation.closed_at is None
    people = whom.people(ahead, escalation, at=names_at, known=known) if asks and names_at else None
    referral = escalation.referral
    return Climb(
        id=escalation.pk,
        reason=escalation.reason,
        subject=escalation.subject,
        hub=escalation.hub.short_name if escalation.hub else "",
        hub_code=escalation.hub.code if escalation.hub else "",
        hub_phone=escalation.hub.phone if escalation.hub else "",
        spoke=referral.spoke.short_name if referral else "",
        opened_at=escalation.opened_at,
        closed_at=escalation.closed_at,
        next_at=escalation.next_at,
        ahead=ahead,
        repeats=escalation.next_rung >= len(rungs),
        alarm_since=escalation.alarm_since,
        phone_now_since=_phone_now_since(escalation, rungs, pages),
        taken_by=escalation.taken_by.name if escalation.taken_by else "",
        seen_by=escalation.seen_by.name if escalation.seen_by else "",
        held_until=escalation.held_until,
        seen_holds=escalation.seen_holds,
        answered_by=escalation.answered_by.name if escalation.answered_by else "",
        answered_at=escalation.answered_at,
        for_shift=escalation.shift_id is not None,
        next_people=None if people is None else tuple(person.name for person in people),
        pages=pages,
    )


def _rungs(escalation: Escalation) -> list[Rung]:
    """The ladder of this climb; a broken one is climbed, and so told, as Dido's own."""
    try:
        return ladders.read(escalation.rungs)
    except BrokenLadder:
        return ladders.read(ladders.shipped(Reason(escalation.reason)).rungs)


def _phone_now_since(escalation: Escalation, rungs: list[Rung], pages: list[PageSoFar]) -> datetime | None:
    """When the first rung fired that tells the spoke to ring; or since the alarm."""
    fired = rungs[: escalation.next_rung]
    tells = next((number for number, rung in enumerate(fired) if rung.phone_now), None)
    if tells is None:
        return escalation.alarm_since
    return min((page.due_at for page in pages if page.rung >= tells), default=escalation.opened_at)


def sirens_at(pages: Collection[int], *, sites: Collection[int]) -> list[int]:
    """Those of these pages for which the boards of these sites (by id) sound."""
    codes = Site.objects.filter(pk__in=sites).values("code")
    theirs = Page.objects.filter(pk__in=pages, channel=Channel.SIREN, phone__in=codes)
    return list(theirs.values_list("pk", flat=True))


def tests_of(person: Person, *, most: int) -> list[Climb]:
    """The latest tests of this person's phone, the newest first."""
    latest = Escalation.objects.filter(reason=Reason.REACH, person=person).order_by("-pk")[:most]
    return _told(latest.select_related(*SURROUNDINGS))


@dataclass(frozen=True)
class Proof:
    """A new number that its owner has not yet shown to be theirs."""

    number: str
    until: datetime  # the code ends then
    tries_left: int
    pages: list[PageSoFar]


def proof_of(person: Person, *, now: datetime) -> Proof | None:
    """The number that this person is proving now, if its code can still be typed."""
    asked = Escalation.objects.filter(reason=Reason.VERIFY, person=person, closed_at=None)
    escalation = asked.filter(opened_at__gt=now - reaching.CODE_LIVES).order_by("-pk").first()
    if escalation is None:
        return None
    pages = list(Page.objects.filter(escalation=escalation).select_related("person").order_by("pk"))
    tries = sum(page.tries for page in pages)
    return Proof(
        number=escalation.subject,
        until=escalation.opened_at + reaching.CODE_LIVES,
        tries_left=max(0, reaching.WRONG_TRIES - tries),
        pages=[_page(page) for page in pages],
    )


def next_code_at(person: Person, *, now: datetime) -> datetime | None:
    """When this person can be sent another code to prove a number; None where they can at once."""
    asked = Escalation.objects.filter(
        reason=Reason.VERIFY, person=person, opened_at__gt=now - reaching.AN_HOUR
    ).order_by("-opened_at")
    last = asked.values_list("opened_at", flat=True)[reaching.CODES_AN_HOUR - 1 : reaching.CODES_AN_HOUR]
    return max((at + reaching.AN_HOUR for at in last), default=None)


def last_tick() -> datetime | None:
    """When any pager last ended a whole tick."""
    last: datetime | None = Beat.objects.aggregate(last=Max("ticked_at"))["last"]
    return last
