"""A picture or paper is opened: only by who may see its referral, and who was the first is kept.

Called by the viewer's views and the case's page. It changes nothing but the note of who has opened it.
"""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Min, Q

from network.permissions import Rights
from referrals import queries
from referrals.conversation import places
from referrals.models import Opened, Paper, PaperKind, Referral
from referrals.papers import kept
from referrals.papers.images import Stack
from referrals.refusals import NotVisible


@dataclass(frozen=True)
class Times:
    """When the first images of a referral were sent, and when anybody at a hub first saw one."""

    sent: datetime | None
    seen: datetime | None


def get(rights: Rights, code: str, number: int) -> Paper:
    """The picture or paper of this message, or NotVisible."""
    referral = queries.get(rights, code)
    papers = Paper.objects.filter(message__referral=referral, message__number=number)
    paper = papers.select_related("message__by", "message__referral").first()
    if paper is None:
        raise NotVisible
    return paper


def note(rights: Rights, paper: Paper, *, at: datetime) -> None:
    """This person has it before their eyes; the first time counts, and the sender's own does not."""
    if paper.message.by_id == rights.person.pk:
        return
    place = places.of(rights, paper.message.referral)
    first = Opened(paper=paper, person=rights.person, site=place.site, at=at)
    Opened.objects.bulk_create([first], ignore_conflicts=True)


def whole(paper: Paper) -> bytes:
    """All of a photograph or PDF."""
    with kept.opened(paper) as file:
        return bytes(file.read())


def frame(paper: Paper, number: int) -> tuple[Stack, bytes]:
    """The pixels of one frame, counted from 0; NotVisible where there is none."""
    if paper.kind != PaperKind.DICOM:
        raise NotVisible
    stack = Stack(**paper.shape)
    if not 0 <= number < stack.frames:
        raise NotVisible
    with kept.opened(paper) as file:
        file.seek(number * stack.frame_bytes)
        return stack, bytes(file.read(stack.frame_bytes))


def times(referral: Referral) -> Times:
    """When images were first sent, and when they were first seen at a hub; one query each."""
    shown = Paper.objects.filter(message__referral=referral).exclude(kind=PaperKind.PDF)
    sent = shown.aggregate(first=Min("message__at"))["first"]
    hubs = Q(site__in=referral.parties.filter(is_hub=True).values("site"))
    seen = Opened.objects.filter(hubs, paper__in=shown).aggregate(first=Min("at"))["first"] if sent else None
    return Times(sent, seen)


def first_openings(paper: Paper) -> list[Opened]:
    """Who has opened it, the first first."""
    return list(paper.opened.select_related("person", "site").order_by("at", "pk"))
