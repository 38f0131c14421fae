"""A hub that closes while a patient is offered to it: its ladder does not wait for people who can take nobody.

Called by the engine's tick; paging.whom finds nobody at a hub that has closed so. A hub that was closed already when
it was asked is paged like any other: whoever asked it knew.
"""

from datetime import datetime

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet

from network import hours
from network.hours_rows import Closure, OpeningHours
from paging import climbing, escalations, ladders, showing
from paging.glance import When
from paging.models import Escalation, Reason


def work(now: When) -> tuple[QuerySet[Escalation]]:
    """The offers to hubs that are not always open."""
    keeps_hours = OpeningHours.objects.filter(hub=OuterRef("hub"))
    closures = Closure.objects.filter(hub=OuterRef("hub"), until__gt=OuterRef("opened_at"))
    return (_asked(now).filter(Exists(keeps_hours) | Exists(closures)),)


def _asked(now: When) -> QuerySet[Escalation]:
    return Escalation.objects.filter(
        closed_at=None, reason=Reason.OFFER, alarm_since=None, next_at__gt=now, hub__isnull=False
    )


def hurry(*, now: datetime) -> None:
    """The next rung at once, for the offers whose hub has closed meanwhile; unless somebody looks.

    Only where the ladder hands the patient on in the end: on one that does not, there would be nothing to hurry to.
    """
    climbing_now = _asked(now)
    pairs = set(climbing_now.order_by().values_list("hub", "referral__spoke__network").distinct())
    if not pairs:
        return
    for (hub, network), since in hours.shut_since(pairs, at=now).items():
        asked = climbing_now.filter(hub=hub, referral__spoke__network=network, opened_at__lt=since)
        for pk in list(asked.values_list("pk", flat=True)):
            _hurry(pk, now=now)


@transaction.atomic
def _hurry(pk: int, *, now: datetime) -> None:
    locked = Escalation.objects.select_for_update(skip_locked=True, no_key=True)
    escalation = locked.filter(pk=pk, closed_at=None).first()
    if escalation is None or not ladders.hands_on(escalation.rungs):
        return
    before = escalations.stand_of(escalation)
    after = climbing.hurry(before, now=now)
    if after != before:
        escalations.put(escalation, after)
        showing.show(escalation.referral_id, now=now)
