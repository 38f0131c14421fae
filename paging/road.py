"""Between the ambulance's request and the hub's door: who must hear that a patient is worse, late, or diverted.

Called by the engine's tick. It notices, opens a climb for each, and ends those whose reason has gone: answered, left,
expected later, arrived. The referral's state waits for nobody meanwhile, so these are escalations about a code.
"""

import json
from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path
from typing import NamedTuple

from django.db.models import Q, QuerySet

from network.models import Link
from paging import escalations
from paging.glance import When
from paging.models import Escalation, Reason
from referrals import queries
from referrals.models import Referral
from referrals.states import Instruction, State

MILESTONES = json.loads((Path(__file__).parent / "data" / "milestones.json").read_text())
DEPARTURE = {name: timedelta(minutes=m) for name, m in MILESTONES["departure"]["minutes"].items()}
ARRIVAL = timedelta(minutes=MILESTONES["arrival"]["minutes"])
DRIVE: int = MILESTONES["drive"]["minutes"]  # where the network keeps none
CLOCKS_DIFFER = timedelta(seconds=10)  # between a web process and the database, by which a climb is opened
NOTICED = (Reason.WORSE.value, Reason.OVERDUE.value, Reason.DIVERT.value)


class Wanted(NamedTuple):
    """Something of which somebody must hear now."""

    reason: Reason
    referral: Referral
    subject: str
    since: datetime | None = None  # a climb that began before was about something else

    @property
    def key(self) -> tuple[str, str, int | None, int | None]:
        """As its climb is found again."""
        return self.reason.value, self.subject, self.referral.hub_id, self.referral.operator_id


def work(now: When) -> tuple[QuerySet[Referral], QuerySet[Escalation]]:
    """The patients about whom there may be something to hear, and the climbs that go on."""
    late = Q(ambulance_requested_at__lte=now - min(DEPARTURE.values())) | Q(departed_at__lte=now - ARRIVAL)
    said = Q(worse_at__isnull=False) | ~Q(instruction="")
    return queries.travelling().filter(late | said), _going_on()


def notice(*, now: datetime) -> None:
    """End what nobody need hear of any more; open what must be heard of now, each once."""
    travelling = list(queries.travelling())
    wanted = [one for referral in travelling for one in _wanted(referral, now)]
    wanted += _late_arrivals([referral for referral in travelling if referral.state == State.DEPARTED], now)
    if wanted:  # first: no fault in an ending keeps anybody from hearing
        _open(wanted, now=now)
    keys = {one.key for one in wanted}
    for climb in _going_on():
        if (climb.reason, climb.subject, climb.hub_id, climb.person_id) not in keys:
            by = queries.crew_answered_by(climb.subject) if climb.reason == Reason.WORSE else None
            escalations.close_answered(climb.pk, by, now=now)


def _going_on() -> QuerySet[Escalation]:
    return Escalation.objects.filter(reason__in=NOTICED, closed_at=None)


def _is_worse(referral: Referral) -> bool:
    return referral.worse_at is not None and not referral.instruction


def _wanted(referral: Referral, now: datetime) -> Iterable[Wanted]:
    if _is_worse(referral):
        yield Wanted(Reason.WORSE, referral, referral.code)
    if referral.instruction == Instruction.DIVERT:
        yield Wanted(Reason.DIVERT, referral, referral.code, _taken_at(referral))
    asked, patience = referral.ambulance_requested_at, DEPARTURE.get(referral.category)
    if referral.state == State.AMBULANCE_REQUESTED and asked and patience and now >= asked + patience:
        yield Wanted(Reason.OVERDUE, referral, f"{referral.code} depart", asked + patience)


def _taken_at(referral: Referral) -> datetime | None:
    """Since when the hub that has the patient has them: from the acceptance, or from a diversion."""
    taken: datetime | None = referral.taken_at  # type: ignore[attr-defined]  # annotated
    return taken


def _late_arrivals(departed: list[Referral], now: datetime) -> list[Wanted]:
    """Those who should have been at the hub for a while: by the crew's word, else by the road.

    Where a patient was when they were diverted, nobody knows: then the whole road is counted from that moment on. A
    road whose drive is not known is one on which somebody is missed all the same.
    """
    left = {r.pk: r.departed_at for r in departed if r.departed_at and r.departed_at <= now - ARRIVAL}
    if not left:
        return []
    links = Link.objects.filter(
        origin__in={r.spoke_id for r in departed}, hub__in={r.hub_id for r in departed if r.hub_id}
    )
    roads = {(origin, hub): m for origin, hub, m in links.values_list("origin", "hub", "minutes")}
    found = []
    for referral in departed:
        minutes, at = roads.get((referral.spoke_id, referral.hub_id or 0), DRIVE), left.get(referral.pk)
        since = max(at, _taken_at(referral) or at) if at else None
        due = referral.expected_at or (since + timedelta(minutes=minutes) if since else None)
        if due and now >= due + ARRIVAL:
            found.append(Wanted(Reason.OVERDUE, referral, f"{referral.code} arrive", due + ARRIVAL))
    return found


def _open(wanted: list[Wanted], *, now: datetime) -> None:
    """A climb for each that has none: worse while it is open, the others once for what they are about."""
    before = Escalation.objects.filter(reason__in=NOTICED, subject__in={one.subject for one in wanted})
    told = {
        (climb.reason, climb.subject, climb.hub_id, climb.person_id): climb.opened_at
        for climb in before.order_by("opened_at")
        if climb.closed_at is None or climb.reason != Reason.WORSE
    }
    for one in wanted:
        last = told.get(one.key)
        if last is None or (one.since is not None and last + CLOCKS_DIFFER < one.since):
            referral = one.referral
            escalations.open_one(
                one.reason, now=now, hub=referral.hub, person=referral.operator, subject=one.subject
            )
