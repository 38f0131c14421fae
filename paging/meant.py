"""Which open ladders mean one person: those that have paged them and wait, or would page them on a rung ahead.

Called by the screen of people before somebody's access is taken. Reads; what would happen is asked of whom, as a rung
asks it when it fires.
"""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q

from network.models import Network, Person
from paging import rungs, whom
from paging.models import Escalation, Reason
from paging.whom import Known

OWN_PHONE = (Reason.REACH.value, Reason.VERIFY.value, Reason.CONTACT.value)


@dataclass(frozen=True)
class Meant:
    """One open ladder, and whether the person has been paged by it already."""

    escalation: Escalation
    was_paged: bool


def by_ladders(person: Person, network: Network, *, at: datetime) -> list[Meant]:
    """The open ladders of this network that mean this person, the oldest first; none about their own phone."""
    ours = Q(hub__network=network) | Q(referral__spoke__network=network)
    rows = Escalation.objects.filter(ours, closed_at=None).exclude(reason__in=OWN_PHONE)
    climbs = rows.select_related("hub", "person", "referral__spoke", "referral__supervisor").order_by("pk")
    paged = set(rows.filter(pages__person=person).values_list("pk", flat=True))
    known: Known = {}
    return [
        Meant(one, one.pk in paged) for one in climbs if one.pk in paged or _ahead(one, person, at, known)
    ]


def _ahead(climb: Escalation, person: Person, at: datetime, known: Known) -> bool:
    ladder = rungs.rungs_of(climb)
    ahead = ladder[min(climb.next_rung, len(ladder) - 1) :]
    return any(person in whom.people(rung, climb, at=at, known=known) for rung in ahead)
