"""The patients that wait for somebody to say “I have them”, and those that somebody has, one line each.

Called by frontend.views.mine and, for the strip at the top, by the board. Codes, hospitals, states and clocks alone: no
fact of a patient. Writes nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from frontend import clocks, owner_line, present
from frontend.clocks import Clock
from frontend.owner_line import OwnerLine
from network.permissions import Rights
from referrals import owning, policy, queries
from referrals.models import Referral
from referrals.states import LIVE, State

NUMBERS = ("No", "One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine")


@dataclass(frozen=True)
class Line:
    """One patient: whose way, where it stands, its clock, and who has it."""

    code: str
    route: str
    state: str
    clock: Clock
    owner: OwnerLine | None
    is_mine: bool  # waits for this person, or for anybody of the role

    @property
    def waits_since(self) -> datetime | None:
        return self.owner.clock.since if self.owner and self.owner.clock else None


@dataclass(frozen=True)
class Strip:
    """What stands on top of a board until it is answered."""

    words: str
    codes: str  # for the page, which asks again when it hears of one of them


@dataclass(frozen=True)
class Sheet:
    """Those that wait for this person, those that wait for others, and those that somebody has."""

    mine: tuple[Line, ...]
    waited: tuple[Line, ...]
    held: tuple[Line, ...]

    @property
    def button(self) -> str:
        return _have(len(self.mine))


def strip(rights: Rights, *, now: datetime) -> Strip | None:
    """For this person; None where nobody waits for them. One query."""
    waiting = queries.visible(rights).filter(state__in=sorted(LIVE), change_over_at__isnull=False)
    rows = owning.waiting(queries.with_targets(waiting), rights)
    mine = [row for row in rows if _is_mine(row, owner_line.of(row, now=now), rights)]
    if not mine:
        return None
    patients = "patient waits" if len(mine) == 1 else "patients wait"
    return Strip(
        words=f"{number(len(mine))} {patients} for you to say you have {_them(len(mine))}",
        codes=" ".join(row.code for row in mine),
    )


def sheet(rights: Rights, *, now: datetime) -> Sheet:
    """Every live patient that belongs to a role of this person."""
    live = queries.with_offers(queries.visible(rights).filter(state__in=sorted(LIVE)))
    own = [row for row in live.order_by("pk") if policy.RULES["own"][0](rights, row)]
    lines = sorted(_lines(own, rights, now), key=lambda line: -line.clock.urgency)
    waiting = [line for line in lines if line.waits_since]
    return Sheet(
        mine=tuple(line for line in waiting if line.is_mine),
        waited=tuple(line for line in waiting if not line.is_mine),
        held=tuple(line for line in lines if not line.waits_since),
    )


def number(many: int) -> str:
    """As it is said at the beginning of a sentence."""
    return NUMBERS[many] if many < len(NUMBERS) else str(many)


def _them(many: int) -> str:
    return "this one" if many == 1 else "them"


def _have(many: int) -> str:
    return "I have this patient" if many == 1 else f"I have these {number(many).lower()}"


def _is_mine(row: Referral, owner: OwnerLine | None, rights: Rights) -> bool:
    """Does it wait for this person: by name, for anybody of the role, or because whoever was named is overdue?"""
    if owner is None or owner.clock is None:
        return False
    return row.successor_id in {None, rights.person.pk} or owner.clock.mood != clocks.Mood.CALM


def _lines(rows: Sequence[Referral], rights: Rights, now: datetime) -> list[Line]:
    found = []
    for row in rows:
        owner = owner_line.of(row, now=now)
        found.append(
            Line(
                code=row.code,
                route=present.route(row),
                state=str(State(row.state).label),
                clock=clocks.matters_now(row, minutes=None, now=now),
                owner=owner,
                is_mine=_is_mine(row, owner, rights),
            )
        )
    return found
