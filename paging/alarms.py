"""An alarm that nobody answered is taken by a named human, who says so. Called by the case page and by SMS replies."""

from datetime import datetime

from django.db import transaction

from network import permissions
from network.models import Person, Role
from network.permissions import Rights
from paging import ladders, settling
from paging.models import Escalation, Reason
from referrals import policy
from referrals.models import Referral
from referrals.refusals import NotAllowed, NotVisible, WrongState


def may_take(rights: Rights, referral: Referral) -> bool:
    """The spoke's team, and the coordinators and leads of a network that is party to it."""
    if rights.has(Role.SPOKE, site_id=referral.spoke_id):
        return True
    networks = set(referral.parties.filter(until=None).values_list("site__network_id", flat=True))
    return bool(networks & rights.networks)


@transaction.atomic
def take(escalation_id: int, *, by: Person, at: datetime) -> Escalation:
    """This person deals with it: the alarm is silent for ten minutes, and rings again if nothing came of it."""
    locked = Escalation.objects.select_for_update(no_key=True, of=("self",)).select_related("referral__spoke")
    escalation = locked.filter(pk=escalation_id).first()
    rights = permissions.rights(by, at=at)
    if escalation is None or not policy.sees(rights, escalation.referral):
        raise NotVisible
    if not may_take(rights, escalation.referral):
        raise NotAllowed("not_allowed", "Only the spoke's team, a coordinator or a lead can take this alarm.")
    if escalation.closed_at is not None:
        raise WrongState("settled", f"{escalation.referral.code} no longer waits for anybody.")
    if (
        escalation.reason == Reason.OFFER and escalation.alarm_since is None
    ):  # only an answer slows this ladder
        raise WrongState("no_alarm", f"{escalation.referral.code} is still being put to {escalation.hub}.")
    if (
        escalation.taken_by_id not in {None, by.pk}
        and escalation.taken_at
        and at < escalation.taken_at + ladders.TAKEN_HOLDS
    ):
        raise WrongState(
            "already_taken", f"{escalation.taken_by} is already dealing with {escalation.referral.code}."
        )
    escalation.taken_by, escalation.taken_at, escalation.next_at = by, at, at + ladders.TAKEN_HOLDS
    escalation.save(update_fields=["taken_by", "taken_at", "next_at"])
    settling.show(escalation.referral_id, now=at)
    return escalation
