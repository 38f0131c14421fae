"""Between the ambulance's request and the hub's door: who must hear that a patient is worse, late, or diverted.

Called by the engine's tick. It notices, opens a climb for each, and closes those that were answered. The referral's
state waits for nobody meanwhile, so these are escalations about a code.
"""

import json
from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path

from network.models import Link
from paging import escalations
from paging.models import ON_THE_ROAD, Escalation, Reason
from referrals import queries
from referrals.models import Referral
from referrals.states import Instruction, State

MILESTONES = json.loads((Path(__file__).parent / "data" / "milestones.json").read_text())
DEPARTURE = {name: timedelta(minutes=m) for name, m in MILESTONES["departure"]["minutes"].items()}
ARRIVAL = timedelta(minutes=MILESTONES["arrival"]["minutes"])


def notice(*, now: datetime) -> None:
    """Open what must be heard of now, each once; close what the hub has answered."""
    travelling = list(queries.travelling())
    wanted = [one for referral in travelling for one in _wanted(referral, now)]
    late = _late_arrivals([referral for referral in travelling if referral.state == State.DEPARTED], now)
    wanted += [(Reason.OVERDUE, referral, f"{referral.code} arrive") for referral in late]
    if wanted:
        _open(wanted, now=now)
    answered = Escalation.objects.filter(reason=Reason.WORSE, closed_at=None)
    waiting = [referral.code for referral in travelling if _is_worse(referral)]
    escalations.close_these(answered.exclude(subject__in=waiting), now=now)


Wanted = tuple[Reason, Referral, str]


def _is_worse(referral: Referral) -> bool:
    return referral.worse_at is not None and not referral.instruction


def _wanted(referral: Referral, now: datetime) -> Iterable[Wanted]:
    if _is_worse(referral):
        yield Reason.WORSE, referral, referral.code
    if referral.instruction == Instruction.DIVERT:
        yield Reason.DIVERT, referral, referral.code
    asked, patience = referral.ambulance_requested_at, DEPARTURE.get(referral.category)
    if referral.state == State.AMBULANCE_REQUESTED and asked and patience and now >= asked + patience:
        yield Reason.OVERDUE, referral, f"{referral.code} depart"


def _late_arrivals(departed: list[Referral], now: datetime) -> list[Referral]:
    """Those who should have been at the hub for a while: by the crew's word, else by the road."""
    left = {r.pk: r.departed_at for r in departed if r.departed_at and r.departed_at <= now - ARRIVAL}
    if not left:
        return []
    links = Link.objects.filter(
        origin__in={r.spoke_id for r in departed}, hub__in={r.hub_id for r in departed if r.hub_id}
    )
    roads = {(origin, hub): m for origin, hub, m in links.values_list("origin", "hub", "minutes")}
    found = []
    for referral in departed:
        minutes, at = roads.get((referral.spoke_id, referral.hub_id or 0)), left.get(referral.pk)
        due = referral.expected_at or (at + timedelta(minutes=minutes) if at and minutes else None)
        if due and now >= due + ARRIVAL:
            found.append(referral)
    return found


def _open(wanted: list[Wanted], *, now: datetime) -> None:
    """A climb for each that has none: worse while it is open, the others once and for all."""
    before = Escalation.objects.filter(
        reason__in=ON_THE_ROAD, subject__in={subject for _, _, subject in wanted}
    )
    told = {
        (reason, subject, person if reason == Reason.DIVERT else None)
        for reason, subject, person, closed in before.values_list("reason", "subject", "person", "closed_at")
        if closed is None or reason != Reason.WORSE
    }
    for reason, referral, subject in wanted:
        person = referral.operator_id if reason == Reason.DIVERT else None
        if (reason.value, subject, person) not in told:
            escalations.open_one(reason, now=now, hub=referral.hub, person=referral.operator, subject=subject)
