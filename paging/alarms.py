"""An alarm that nobody answered is taken by a named human, who says so. Called by the case page and by answers.

Taking it is an event of the referral's trail; it silences the alarm for a while and ends nothing.
"""

from datetime import datetime
from typing import Unpack

from django.conf import settings
from django.db import transaction

from network import permissions
from network.models import Person, PhoneTrouble
from network.permissions import Rights
from paging import aftermath, climbing, escalations, ladders, showing
from paging.models import Escalation, Reason
from referrals import policy, remarks
from referrals.ledger import Press
from referrals.models import Referral
from referrals.refusals import NotAllowed, NotVisible, WrongState


def may_take(rights: Rights, referral: Referral) -> bool:
    """The spoke's team, and the coordinators and leads of a network that is party to it."""
    return policy.RULES["take"][0](rights, referral)


@transaction.atomic
def take(escalation_id: int, **press: Unpack[Press]) -> Escalation:
    """This person deals with it: the alarm is silent for ten minutes, and rings again if nothing came of it."""
    by, at = press["by"], press["at"]
    found = Escalation.objects.filter(pk=escalation_id).select_related("referral").first()
    if found is None or found.referral is None or by is None:
        raise NotVisible
    if not policy.sees(permissions.rights(by, at=at), found.referral):
        raise NotVisible
    # The referral before its escalation, like everybody else.
    Referral.objects.select_for_update(no_key=True).get(pk=found.referral.pk)
    locked = Escalation.objects.select_for_update(no_key=True, of=("self",)).select_related(
        "referral", "hub", "taken_by"
    )
    escalation = locked.get(pk=escalation_id)
    _check_open(escalation, found.referral.code, by, at)
    remarks.take(found.referral.code, **press)
    _taken(escalation, by=by, at=at)
    showing.show(escalation.referral_id, now=at)
    return escalation


def _check_open(escalation: Escalation, code: str, by: Person, at: datetime) -> None:
    if not may_take(permissions.rights(by, at=at), escalation.referral):  # type: ignore[arg-type]
        raise NotAllowed("not_allowed", "Only the spoke's team, a coordinator or a lead can take this alarm.")
    if escalation.closed_at is not None:
        raise WrongState("settled", f"{code} no longer waits for anybody.")
    if (
        escalation.reason == Reason.OFFER and escalation.alarm_since is None
    ):  # only an answer slows this ladder
        raise WrongState("no_alarm", f"{code} is still being put to {escalation.hub}.")
    if (
        escalation.taken_by_id not in {None, by.pk}
        and escalation.taken_at
        and at < escalation.taken_at + ladders.TAKEN_HOLDS
    ):
        raise WrongState("already_taken", f"{escalation.taken_by} is already dealing with {code}.")


def _taken(escalation: Escalation, *, by: Person, at: datetime) -> None:
    escalation.taken_by, escalation.taken_at = by, at
    escalation.save(update_fields=["taken_by", "taken_at"])
    escalations.put(escalation, climbing.take(escalations.stand_of(escalation), now=at))


@transaction.atomic
def take_platform(escalation_id: int, *, by: Person, at: datetime) -> None:
    """The platform's owner deals with its fault: over in ten minutes, unless it has been met again by then."""
    escalation = Escalation.objects.select_for_update(no_key=True).get(pk=escalation_id)
    if by.username != settings.PLATFORM_OWNER:
        raise NotAllowed("not_allowed", "Only the platform's owner can take this.")
    if escalation.closed_at is not None:
        raise WrongState("settled", "This fault is over.")
    escalation.alarm_since = None
    _taken(escalation, by=by, at=at)


def opted_out(person: Person, *, now: datetime) -> None:
    """Somebody texted STOP: the provider sends them nothing any more, so the coordinator must hear of it now."""
    aftermath.phone_troubled(person, person.phone, PhoneTrouble.OPTED_OUT, now=now)
