"""“I have this patient”: whoever comes on says so, by a verb; that the shift has changed is a verb of the clock.

Called by the screens and programs (`own`), and by the pager, which asks what is due and writes it (`change_over`).
Nothing waits for an answer: no other verb is refused for it.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Unpack

from django.db.models import Q
from django.utils import timezone

from network.models import Person
from network.permissions import Rights
from referrals import ledger, owners, policy
from referrals.belonging import Seat
from referrals.ledger import Press, Turn
from referrals.models import Referral
from referrals.refusals import NotAllowed, WrongState
from referrals.states import LIVE
from workforce import rota
from workforce.models import Duty, Shift

DATA = json.loads((Path(__file__).parent / "data" / "ownership.json").read_text())
SPOKE_CHANGES = tuple(time.fromisoformat(said) for said in DATA["spoke_changes"]["at"])
OPERATING = frozenset(
    {Duty.FIRST, Duty.SECOND, Duty.SUPERVISOR}
)  # whoever is still on for the hub has not gone home


@dataclass(frozen=True)
class Due:
    """A shift has changed over a referral: since when, and who has come on; None where no rota says.

    Where it is the owner who is on, as after a rota was corrected, nobody is waited for any more.
    """

    code: str
    at: datetime
    successor: Person | None


def own(code: str, **press: Unpack[Press]) -> Referral:
    """Somebody of the role to which the referral belongs has the patient."""

    def work(turn: Turn) -> None:
        referral = turn.referral
        policy.check(turn.verb, turn.rights, referral)
        if referral.state not in LIVE:
            raise WrongState("wrong_state", f"{referral.code} has ended. Nothing was changed.")
        if is_with(referral, turn.by):
            raise WrongState("no_change", f"You have {referral.code} already. Nothing was changed.")
        turn.details |= owners.give(referral, owners.seat_of(referral), turn.by, now=turn.now)

    return ledger.change(code, "own", press, work)


def is_with(referral: Referral, person: Person | None) -> bool:
    """Has this person the patient, with nobody waited for?"""
    return person is not None and referral.owner_id == person.pk and referral.change_over_at is None


def change_over(code: str, *, successor: Person | None, **press: Unpack[Press]) -> Referral:
    """The shift of whoever has the patient is over: the clock's verb. The owner stays until somebody else says so.

    The owner as successor: they are on after all, and keep the patient.
    """

    def work(turn: Turn) -> None:
        referral = turn.referral
        if turn.by is not None:
            raise NotAllowed("not_allowed", "Only the clock says that a shift has changed.")
        keeps = successor is not None and successor.pk == referral.owner_id
        is_waited = referral.change_over_at is not None
        late = referral.owned_at is None or referral.owned_at >= turn.at
        same = is_waited and referral.successor_id == (successor and successor.pk)
        if referral.state not in LIVE or late or (not is_waited if keeps else same):
            raise WrongState("no_change", f"{referral.code}: no shift has changed over it.")
        if successor and keeps:
            referral.change_over_at = referral.successor = None
            turn.details["kept"] = successor.name
            return
        referral.change_over_at = referral.change_over_at or turn.at
        referral.successor = successor
        if successor:
            turn.details["successor"] = successor.name

    return ledger.change(code, "change_over", press, work)


def due(*, now: datetime) -> list[Due]:
    """The live referrals over which a shift has changed, and of which the trail does not say so yet; three queries."""
    changed = last_change(now)
    told = Q(seat=Seat.SPOKE) & (Q(change_over_at__isnull=False) | Q(owned_at__gte=changed))
    live = Referral.objects.filter(state__in=sorted(LIVE), owned_at__isnull=False).exclude(Q(seat="") | told)
    rows = list(live.select_related("spoke", "hub", "owner").order_by("pk"))
    at_hubs = {row.hub for row in rows if row.seat == Seat.OPERATOR and row.hub}
    above = {row.spoke.network_id for row in rows if row.seat == Seat.COORDINATOR}
    on: dict[tuple[str, int], list[Shift]] = {}
    for shift in rota.on_call_at(at_hubs, at=now) if at_hubs else ():
        on.setdefault((Seat.OPERATOR, shift.hub_id), []).append(shift)
    for shift in rota.coordinating(above, at=now) if above else ():
        on.setdefault((Seat.COORDINATOR, shift.hub.network_id), []).append(shift)
    return [found for row in rows if (found := _due(row, on, changed, now))]


def _due(
    row: Referral, on: Mapping[tuple[str, int], list[Shift]], changed: datetime, now: datetime
) -> Due | None:
    """What has changed over one referral; whoever is still on duty keeps the patient, or has it again. Pure."""
    assert row.owned_at
    if row.seat == Seat.SPOKE:
        return Due(row.code, changed, None)  # the others were not read
    place = row.hub_id if row.seat == Seat.OPERATOR else row.spoke.network_id
    held = on.get((row.seat, place or 0), [])
    if row.owner_id in {shift.person_id for shift in held if shift.duty in OPERATING | {Duty.COORDINATOR}}:
        return Due(row.code, now, row.owner) if row.change_over_at else None
    following = next((s for s in held if s.duty in {Duty.FIRST, Duty.COORDINATOR}), None)
    if following is None or following.period.lower <= row.owned_at:
        return None
    named = {s.person_id if s.person.is_active else None for s in held if s.duty == following.duty}
    if row.change_over_at and row.successor_id in named:
        return None
    return Due(row.code, following.period.lower, following.person if following.person.is_active else None)


def last_change(now: datetime) -> datetime:
    """The last moment at which the stroke teams of first hospitals changed, by the clock on their wall."""
    today = timezone.localdate(now)
    moments = (
        timezone.make_aware(datetime.combine(today - timedelta(days=back), hour))
        for back in (0, 1)
        for hour in SPOKE_CHANGES
    )
    return max(moment for moment in moments if moment <= now)


def waiting(referrals: Iterable[Referral], rights: Rights) -> list[Referral]:
    """Of these, the live ones that wait for somebody of this person's role to say that they have the patient."""
    return [
        row
        for row in referrals
        if row.change_over_at and row.state in LIVE and policy.RULES["own"][0](rights, row)
    ]
