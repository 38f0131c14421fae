"""Supervisors are told what somebody under indirect supervision has accepted: one page that asks for no answer.

Called by the engine's tick. It notices acceptances and opens a climb for each; nothing waits for it.
"""

from datetime import datetime

from django.db.models import Exists, OuterRef

from paging import escalations
from paging.models import Escalation, Reason
from referrals import queries


def open_for_accepted(*, now: datetime) -> None:
    """One climb for each patient who is on the way to an operator for whom somebody answers; never a second one.

    After an outage it is told late, and not at all once the patient has arrived.
    """
    told = Escalation.objects.filter(reason=Reason.TOLD, subject=OuterRef("code"))
    untold = queries.accepted_under_a_supervisor().exclude(Exists(told))
    for referral in untold.select_related("hub", "operator"):
        escalations.open_one(
            Reason.TOLD, now=now, hub=referral.hub, person=referral.operator, subject=referral.code
        )
