"""The crew's link by text: to a number that the spoke types, over the pager's own providers, with what came of it.

The page has no person: whoever holds that phone has no account. Its words are made when it leaves, so the secret is in
no row. Called by the spoke's page of links, by the wording, and by the engine's tick, which ends what is over.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet

from paging import escalations, ladders, rungs, showing, troubles
from paging.glance import When
from paging.models import Channel, Escalation, Fate, Page, Reason
from referrals import crew, ledger, queries
from referrals.crew_link import CrewLink
from referrals.ledger import Press
from referrals.refusals import WrongState

MOST = 6  # texts for one transfer: nobody's phone is filled with our links


@dataclass(frozen=True)
class Texted:
    """One text with a link, and what became of it."""

    number: str
    at: datetime
    fate: Fate
    settled_at: datetime | None
    error: str


def send(code: str, link: int, number: str, press: Press) -> None:
    """Text this link to this mobile number (E.164), once; WrongState while the last text with it is under way."""
    now = press.get("now", press["at"])
    with transaction.atomic():
        if ledger.done_before(press, "text_crew"):
            return
        referral = crew.text_crew(code, link=link, number=number, **press)
        subject = f"{referral.code} {link}"
        if _climbs(referral.code).count() >= MOST:
            raise WrongState("too_many", f"{MOST} texts have been sent. Show the square, or ring the crew.")
        if not escalations.open_one(Reason.CREW, now=now, subject=subject, next_rung=1):
            raise WrongState("under_way", "A text with this link is under way. Wait for what comes of it.")
        climb = Escalation.objects.get(reason=Reason.CREW, subject=subject, closed_at=None)
        ends = ladders.read(climb.rungs)[1].after
        Escalation.objects.filter(pk=climb.pk).update(next_at=now + timedelta(seconds=ends))
        (reply,) = rungs.reply_codes(1)
        page = Page(escalation=climb, rung=0, channel=Channel.SMS, phone=number, due_at=now, reply_code=reply)
        page.save(force_insert=True)
    showing.wake()


def _climbs(code: str) -> QuerySet[Escalation]:
    """The climbs of all texts with a link of this referral."""
    links = CrewLink.objects.filter(referral__code=code).values_list("pk", flat=True)
    return Escalation.objects.filter(reason=Reason.CREW, subject__in=[f"{code} {pk}" for pk in links])


def link_of(subject: str) -> CrewLink | None:
    """The link that a text is about, while it opens something."""
    pk = subject.partition(" ")[2]
    return CrewLink.objects.filter(pk=pk, ended_at=None).first()


def address(subject: str) -> str:
    """Where the link leads, with its secret behind the “#”; it is made here and kept nowhere."""
    link = link_of(subject)
    assert link, "what has ended is not sent"
    return f"{settings.PUBLIC_URL}/crew/#{crew.secret_of(link.seed)}"


def work(_now: When) -> tuple[QuerySet[Escalation]]:
    """The texts that go on."""
    return (Escalation.objects.filter(reason=Reason.CREW, closed_at=None),)


def follow(*, now: datetime) -> None:
    """A link that was ended, and a road that is over, are texted to nobody any more."""
    (climbs,) = work(now)
    subjects = dict(climbs.values_list("pk", "subject"))
    travelling = set(queries.travelling().values_list("code", flat=True)) if subjects else set()
    over = [
        pk
        for pk, subject in subjects.items()
        if subject.partition(" ")[0] not in travelling or link_of(subject) is None
    ]
    escalations.close_these(Escalation.objects.filter(pk__in=over), now=now)


def of(code: str) -> dict[int, list[Texted]]:
    """The texts of a referral's links, by the link's id, the newest first."""
    pages = Page.objects.filter(escalation__in=_climbs(code))
    found: dict[int, list[Texted]] = {}
    for page in pages.select_related("escalation").order_by("-pk"):
        link = int(page.escalation.subject.partition(" ")[2])
        error = troubles.in_words(page.error)
        told = Texted(page.phone, page.sent_at or page.due_at, Fate(page.fate), page.settled_at, error)
        found.setdefault(link, []).append(told)
    return found
