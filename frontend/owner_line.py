"""Who has a patient, as one line of a card or a case: a name and a place, or since when nobody has said so.

Called by frontend.present, frontend.watch and frontend.mine_sheet. Pure over a referral with its people and targets
read.
"""

from dataclasses import dataclass
from datetime import datetime

from frontend.clocks import Clock, Form
from referrals import owners, rulebook
from referrals.belonging import Seat
from referrals.models import Referral
from referrals.states import LIVE


@dataclass(frozen=True)
class OwnerLine:
    """“With Ben Hale, operator at Walton”; where a hand-over is waited for, whose it was and who comes on."""

    name: str  # whoever has the patient; empty: nobody
    place: str  # operator at Walton
    successor: str
    clock: Clock | None  # since the shift changed, amber and red by the network's target

    @property
    def words(self) -> str:
        """The line but for its minutes."""
        if self.clock is None:
            return f"With {self.name}, {self.place}"
        if self.name:
            who = self.successor or "somebody there"
            return f"{self.name} had this patient, {self.place}. Waits for {who} to say “I have them”"
        if self.successor:
            return f"Nobody has this patient. Waits for {self.successor}, {self.place}, to say “I have them”"
        return f"Nobody has this patient: no {self.place} has said so"


def of(referral: Referral, *, now: datetime) -> OwnerLine | None:
    """The line of a live referral; None for an ended one, and for one of which nothing is known."""
    if referral.state not in LIVE or not (referral.owner or referral.change_over_at):
        return None
    since = referral.change_over_at
    target = rulebook.held(referral)["hand_over"]
    clock = (
        Clock(
            "since the shift changed",
            Form.TICK,
            now,
            since=since,
            soon=since + target.soon,
            late=since + target.late,
        )
        if since
        else None
    )
    return OwnerLine(
        name=referral.owner.name if referral.owner else "",
        place=place(referral),
        successor=referral.successor.name if referral.successor else "",
        clock=clock,
    )


def place(referral: Referral) -> str:
    """The role and where: operator at Walton, stroke team at Arrowe Park, coordinator of Cheshire and Merseyside."""
    seat = owners.seat_of(referral)
    if seat == Seat.COORDINATOR:
        return f"coordinator of {referral.spoke.network}"
    return f"{seat.label} at {referral.hub if seat == Seat.OPERATOR else referral.spoke}"
