"""Settles with each verb whose a referral is: the first owner is who acted; where nobody of the role did, nobody is.

Called by the ledger, inside every verb's turn, before its event is written. It costs no statement but where the role
itself changes to one that nobody of has acted.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from network import permissions
from network.models import Person, Role
from network.permissions import Rights
from referrals.belonging import SEATS, Seat
from referrals.models import Event, Referral
from referrals.states import LIVE, State
from workforce import rota
from workforce.models import Duty


def settle(
    referral: Referral,
    *,
    verb: str,
    by: Person | None,
    rights: Rights | None,
    now: datetime,
    was: Mapping[str, Any],
) -> dict[str, Any]:
    """Put whose the referral is after this verb; what its event keeps of it, if it changed."""
    if referral.state not in LIVE:
        referral.change_over_at = referral.successor = None
        return {}
    if verb == "own":  # said of the role that it belonged to: another role waits for the next verb
        return {}
    seat = _seat(referral, now) if referral.seat != SEATS[State(referral.state)] else Seat(referral.seat)
    moved = seat != referral.seat
    acted = rights is not None and holds(rights, referral, seat)
    if seat == Seat.OPERATOR:
        if moved or referral.operator_id != was.get("operator_id"):
            person = referral.operator
            return give(referral, seat, person if person != by or acted else None, now=now)
    elif acted and (moved or verb in {"refer", "take"}):
        return give(referral, seat, by, now=now)
    elif moved:
        return give(referral, seat, _before(referral) if seat == Seat.SPOKE else None, now=now)
    return {}


def seat_of(referral: Referral) -> Seat:
    """The role to which the referral belongs, also of one that nothing has been done to since seats were kept."""
    return Seat(referral.seat) if referral.seat else SEATS.get(State(referral.state), Seat.SPOKE)


def holds(rights: Rights, referral: Referral, seat: str) -> bool:
    """Has this person the role to which the referral belongs, at its place?"""
    if seat == Seat.OPERATOR:
        return rights.has(Role.OPERATOR, site_id=referral.hub_id)
    if seat == Seat.SPOKE:
        own = referral.spoke_id == referral.hub_id  # a hub's own patient has no other team
        team = (Role.SPOKE, Role.OPERATOR, Role.HUB) if own else (Role.SPOKE,)
        return rights.has(*team, site_id=referral.spoke_id)
    return rights.oversees(referral.spoke.network_id)  # a lead takes the same alarm


def give(referral: Referral, seat: Seat, person: Person | None, *, now: datetime) -> dict[str, Any]:
    """From now on this person's; where it is nobody's, whoever is on duty is waited for."""
    referral.seat, referral.owner, referral.owned_at = seat, person, now
    referral.change_over_at, referral.successor = None, None
    if person is None:
        referral.change_over_at, referral.successor = now, on_duty(referral, seat, now=now)
    return {
        "seat": seat.value, "owner": person.name if person else "", "owner_id": person.pk if person else None
    }  # fmt: skip


def on_duty(referral: Referral, seat: str, *, now: datetime) -> Person | None:
    """Whom the rota names for this role now; a first hospital keeps no rota here."""
    if seat == Seat.OPERATOR and referral.hub:
        shifts = rota.on_call(referral.hub, at=now)
        on = [shift.person for shift in shifts if shift.duty == Duty.FIRST]
    elif seat == Seat.COORDINATOR:
        on = [shift.person for shift in rota.coordinating([referral.spoke.network_id], at=now)]
    else:
        on = []
    return next((person for person in on if person.is_active), None)


def _seat(referral: Referral, now: datetime) -> Seat:
    """By the state; without a coordinator in the network, a patient without a hub stays the spoke's."""
    seat = SEATS[State(referral.state)]
    if seat != Seat.COORDINATOR:
        return seat
    held = permissions.holding(now).filter(role=Role.COORDINATOR, network=referral.spoke.network_id)
    return seat if held.exists() else Seat.SPOKE


def _before(referral: Referral) -> Person | None:
    """Who had the patient at the spoke, when it comes back to it."""
    told = Event.objects.filter(referral=referral, details__seat=Seat.SPOKE.value).order_by("-number")
    last = told.values_list("details__owner_id", flat=True).first()
    return Person.objects.filter(pk=last, is_active=True).first() if last else None
