"""Supervisors are told what somebody under indirect supervision has accepted: one page that asks for no answer.

Called by the engine's tick. It notices acceptances and opens a climb for each; nothing waits for it. It ends those of
patients who have gone elsewhere.
"""

from datetime import datetime

from django.db.models import Exists, OuterRef, QuerySet

from paging import escalations
from paging.glance import When
from paging.models import Escalation, Reason
from referrals import queries
from referrals.models import Referral


def work(_now: When) -> tuple[QuerySet[Referral], QuerySet[Escalation]]:
    """The patients of whom nobody has been told, and the climbs of whom nobody need be told any more."""
    told = Escalation.objects.filter(reason=Reason.TOLD, subject=OuterRef("code"))
    theirs = queries.under_a_supervisor().filter(
        code=OuterRef("subject"), operator=OuterRef("person"), hub=OuterRef("hub")
    )
    telling = Escalation.objects.filter(reason=Reason.TOLD, closed_at=None)
    return queries.accepted_under_a_supervisor().exclude(Exists(told)), telling.exclude(Exists(theirs))


def follow(*, now: datetime) -> None:
    """One climb for each patient who is on the way to an operator for whom somebody answers; never a second one.

    After an outage it is told late, and not at all once the patient has arrived. What was begun goes on at the door
    and in the suite, and ends where there is nobody to answer for any more: diverted, stood down, over.
    """
    untold, over = work(now)
    for referral in untold.select_related("hub", "operator"):
        escalations.open_one(
            Reason.TOLD, now=now, hub=referral.hub, person=referral.operator, subject=referral.code
        )
    escalations.close_these(over, now=now)
