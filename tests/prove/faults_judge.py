"""What must have come of one fault: looked up in the tables after the night, against the table of faults.

Called by tests/prove/faults.py after each night; it says in words what should not have happened.
"""

from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import chain

from django.db import models

from network.models import Person
from paging import queries
from paging.models import Callback, Channel, Escalation, Fate, Page, Provider, Reason
from tests.prove.doors import TOKEN
from tests.prove.faults_matrix import SMS, Move
from tests.prove.faults_night import Night
from tests.prove.faults_provider import NOTIFY_KEY, Left

SECONDS = timedelta(seconds=1)
MOST_TRIES = 3  # by one provider
GIVEN_UP = 19 * SECONDS  # ten seconds, the last pause, and a last time-out
LEASE = 16 * SECONDS  # what a pager that dies may cost
AN_ALARM = 61 * SECONDS  # rings again
ONCE_MORE = 60 * SECONDS
SECRETS = ("Canary", "Whitlock", "Peregrine", "1950-01-31", "+441514960123", TOKEN, NOTIFY_KEY[-36:])
FAILURES = {"undelivered", "failed", "canceled", "busy", "no-answer", "machine", "fax"}
ALIVE = (Fate.SENDING, Fate.SENT, Fate.DELIVERED, Fate.ANSWERED, Fate.CANCELLED)


def wrong(night: Night, log: list[str]) -> Iterator[str]:
    """What should not have happened, in words."""
    if not night.hits:
        yield "the fault was never met"
        return
    judge = Judge(night)
    yield from chain(judge.moves(), judge.marks(), judge.leftovers(), judge.words(), judge.secrets(log))


class Judge:
    """One night that is over."""

    def __init__(self, night: Night) -> None:
        self.night, self.case = night, night.case
        self.hit = night.hits[0]
        self.page = Page.objects.select_related("escalation", "person").get(pk=self.hit.page)
        self.slack = LEASE if night.dies_at > 0 else timedelta(0)
        self.known = self._known()

    def _known(self) -> datetime:
        """When the pager could know of it."""
        told = [at for at, one, said in self.night.heard if one is self.hit and said.status in FAILURES]
        if self.case.asked and self.case.asked[0] in FAILURES:
            return self.hit.at
        takes = self.case.answer.takes if self.case.answer else 0.0
        return told[0] if told else self.hit.at + takes * SECONDS

    def moves(self) -> Iterator[str]:
        """Was the right next move made in time?"""
        bound = self.case.within * SECONDS + self.slack
        match self.case.move:
            case Move.NOTHING:
                if self.page.fate not in ALIVE:
                    yield f"nothing was lost, and the page is {self.page.fate} ({self.page.error})"
            case Move.AGAIN:
                yield from self._again(bound)
            case Move.ELSEWHERE if self.night.second:
                if not self._others(self.known, bound, "notify"):
                    yield "the second provider was not asked at once"
            case Move.ELSEWHERE | Move.CLIMB:
                yield from self._climbed(self.known, bound)
        yield from self._once_more()

    def _others(self, since: datetime, bound: timedelta, provider: str = "") -> list[Left]:
        rows = [one for one in self.night.left if one.page == self.page.pk and one is not self.hit]
        return [one for one in rows if since <= one.at <= since + bound and provider in {"", one.provider}]

    def _again(self, bound: timedelta) -> Iterator[str]:
        if not self._others(self.known, bound + self._behind()) and not self._too_late():
            yield f"it was not tried again within {bound}"
        if self.page.fate == Fate.FAILED and self.page.settled_at:
            if self.page.settled_at - self.page.due_at > GIVEN_UP + self.slack + self._spent():
                yield f"it was given up only after {self.page.settled_at - self.page.due_at}"
            yield from self._climbed(self.page.settled_at, SECONDS + self.slack)

    def _too_late(self) -> bool:
        """A page that was due ten seconds ago has one try: the ladder is quicker."""
        page = self.page
        return page.settled_at is not None and page.settled_at - page.due_at >= 10 * SECONDS

    def _spent(self) -> timedelta:
        """A tick that waits for one provider after the other keeps everybody waiting, in this proof alone."""
        return sum((one.answer.takes for one in self.night.hits), 0.0) * SECONDS

    def _behind(self) -> timedelta:
        """So long this page waited, in this proof alone, while the fault met others."""
        return self._spent() - self.hit.answer.takes * SECONDS

    def _climbed(self, known: datetime, bound: timedelta) -> Iterator[str]:
        """The next rung, or the next hub, at once, unless somebody else of this rung can still be reached."""
        page, climb = self.page, self.page.escalation
        if page.fate != Fate.FAILED or page.settled_at is None:
            yield f"the page failed, and is {page.fate}"
            return
        known = page.settled_at if page.settled_at <= known + bound else known
        beside = Page.objects.filter(escalation=climb, rung=page.rung, due_at__lte=known).exclude(pk=page.pk)
        beside = beside.filter(channel__in=["sms", "voice"])
        if beside.exclude(fate=Fate.FAILED, settled_at__lte=known).exists():
            return
        about = Page.objects.filter(escalation__referral=self.night.referral).exclude(channel=Channel.SIREN)
        later = models.Q(escalation_id__gt=climb.pk) | models.Q(escalation=climb, rung__gt=page.rung)
        if climb.closed_at and climb.closed_at <= known + bound:
            return
        if climb.alarm_since and climb.alarm_since <= known:
            later, bound = later | models.Q(escalation=climb, round__gt=page.round), AN_ALARM + self.slack
        if not about.filter(later, due_at__lte=known + bound + self._spent()).exists():
            yield f"the ladder did not go on within {bound}"

    def _once_more(self) -> Iterator[str]:
        """A text that met a phone that was off goes out once more; nothing else is repeated, but an alarm."""
        page = self.page
        if page.fate != Fate.FAILED or page.escalation.alarm_since or page.round:
            return
        again = Page.objects.filter(
            escalation=page.escalation, rung=page.rung, person=page.person, channel=page.channel, round__gt=0
        )
        rounds = list(again.order_by("round").values_list("round", "due_at"))
        wanted = self.case.once_more and page.channel == SMS and not page.escalation.closed_at
        if self.case.red and rounds:
            yield f"a phone that can never be reached was tried again: {len(rounds)} times"
        if wanted and (
            len(rounds) != 1 or page.settled_at is None or rounds[0][1] - page.settled_at != ONCE_MORE
        ):
            yield f"it was not to go out once more after a minute, but {len(rounds)} times"

    def marks(self) -> Iterator[str]:
        """Is the rota red, has the coordinator heard, has the platform's owner?"""
        person, now = self.page.person, self.known + SECONDS + self.slack
        assert person
        said = Person.objects.get(pk=person.pk).phone_trouble
        if said != self.case.red:
            yield f"the rota says “{said}” of the phone, and not “{self.case.red}”"
        contact = Escalation.objects.filter(reason=Reason.CONTACT, person=person)
        on_a_rota = person.username in {"ben", "cleo", "sam"}  # and their network has a coordinator
        contact = contact.exclude(hub__code="RM301")
        if contact.exists() is not bool(self.case.red and on_a_rota):
            yield "the coordinator was not told" if self.case.red else "the coordinator was told for nothing"
        faults = Escalation.objects.filter(reason=Reason.PLATFORM)
        theirs = faults.filter(subject=f"twilio {self.case.error}")
        if faults.exists() is not theirs.exists() or theirs.exists() is not self.case.owner:
            subjects = list(faults.values_list("subject", flat=True))
            yield f"the platform’s owner is paged for {subjects}"
        for told in (contact, theirs):
            if told.exists() and not self._paged(told, now + self._spent()):
                yield "whoever must hear of it was not paged at once"

    def _paged(self, told: models.QuerySet[Escalation], by: datetime) -> bool:
        """Was a page for one of these due by then, or handed to a provider (who may have refused it)?"""
        pages = Page.objects.filter(escalation__in=told)
        due = pages.filter(due_at__lte=by).exists()
        return due or not {one.page for one in self.night.left if one.at <= by}.isdisjoint(
            pages.values_list("pk", flat=True)
        )

    def leftovers(self) -> Iterator[str]:
        """Does any page hang, was any tried for ever, did anybody get it too often?"""
        now = self.night.now
        pages = Page.objects.filter(models.Q(lease_until=None) | models.Q(lease_until__lt=now))
        if pages.filter(fate=Fate.SENDING).exists() or pages.filter(fate=Fate.DUE, due_at__lt=now).exists():
            yield "a page is left lying about"
        tried = Counter((one.page, one.provider) for one in self.night.left)
        for (page, provider), count in tried.items():
            may = MOST_TRIES + (self.slack > timedelta(0)) if self._retried(page) else 1
            if count > may + (self._frozen(page)):
                yield f"{provider} was asked {count} times for one page"
        lost = Counter(one.page for one in self.night.left if one.sid and not _answered(one))
        for page, count in copies(self.night).items():
            if count > 1 + lost[page]:
                yield f"{count} copies of one page reached the phone"

    def _retried(self, page: int) -> bool:
        """May this page be tried more than once by the same provider?"""
        busy = (Move.AGAIN, Move.NOTHING)
        return (
            self.case.move in busy
            or self.night.meanwhile != ""
            or page not in {h.page for h in self.night.hits}
        )

    def _frozen(self, page: int) -> bool:
        return any(one.page == page and one.answer.damage == "frozen" for one in self.night.hits)

    def words(self) -> Iterator[str]:
        """Does the time line say why, and who carried it instead?"""
        climbs = chain.from_iterable(queries.climbs([self.night.referral]).values())
        shown = {page.id: page for climb in climbs for page in climb.pages}
        page = shown[self.page.pk]
        if self.page.fate == Fate.FAILED:
            if not page.error:
                yield "the time line does not say why"
            if (
                self.case.error
                and self.case.move in {Move.CLIMB, Move.ELSEWHERE}
                and (self.page.error != self.case.error and not self.night.second)
            ):
                yield f"it failed with {self.case.error}, and {self.page.error} is kept of it"

    def secrets(self, log: list[str]) -> Iterator[str]:
        """Is anything kept or logged that must not be?"""
        tables: tuple[type[models.Model], ...] = (Page, Callback, Escalation, Provider)
        kept = [str(row) for table in tables for row in table._default_manager.values_list()]
        for text in (*kept, *log):
            if found := [secret for secret in SECRETS if secret in text]:
                yield f"{found[0][:8]}… is kept or logged"
                return


def _answered(one: Left) -> bool:
    """Could the provider say that it had taken the page?"""
    return bool(one.outcome and one.outcome.provider_id) and one.answer.damage != "frozen"


def copies(night: Night) -> Counter[int]:
    """How often each page reached a phone: it was taken, and nobody said that it had failed."""
    failed = {one.sid for _, one, said in night.heard if said.status in FAILURES and said.how == "signed"}
    if night.case.asked and night.case.asked[0] in FAILURES:
        failed |= {one.sid for one in night.hits}
    return Counter(one.page for one in night.left if one.sid and one.sid not in failed)


def figures(night: Night) -> Counter[str]:
    """What this night adds to the figures."""
    return Counter(requests=len(night.left), reports=len(night.heard), instants=night.ticks)
