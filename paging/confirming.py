"""A message that must be confirmed goes on asking: one climb for each, until somebody of the role has it.

Called by the engine's tick. Whom a rung reaches is looked up when it fires, so the asking follows the hand-over; a
page says that a message waits, and never what it says.
"""

from datetime import datetime

from django.db.models import QuerySet

from paging import escalations
from paging.glance import When
from paging.models import Escalation, Page, Reason
from referrals.conversation import confirming
from referrals.models import Confirmation


def work(now: When) -> tuple[QuerySet[Confirmation], QuerySet[Escalation]]:
    """The messages that wait, and the climbs: a subject joins them, which only a reader can compare."""
    return confirming.asking(at=now), _climbs()


def _climbs() -> QuerySet[Escalation]:
    return Escalation.objects.filter(reason=Reason.MESSAGE, closed_at=None)


def follow(*, now: datetime) -> None:
    """Open a climb for each message that waits, and end it for those that do not."""
    waiting = {confirming.subject(message) for message in confirming.to_ask(at=now)}
    climbing = dict(_climbs().values_list("subject", "pk"))
    for subject in sorted(waiting - climbing.keys()):
        escalations.open_one(Reason.MESSAGE, now=now, subject=subject)
    over = climbing.keys() - waiting
    confirmed = confirming.confirmed_by(over) if over else {}
    for subject in sorted(over):
        escalations.close_answered(climbing[subject], confirmed.get(subject), now=now)


def asked(subjects: list[str]) -> dict[str, int]:
    """How many people have been asked to confirm each of these messages, by subject."""
    pages = Page.objects.filter(
        escalation__reason=Reason.MESSAGE, escalation__subject__in=subjects, sent_at__isnull=False
    )
    found: dict[str, set[int]] = {}
    for subject, person in pages.values_list("escalation__subject", "person"):
        if person is not None:
            found.setdefault(subject, set()).add(person)
    return {subject: len(people) for subject, people in found.items()}
