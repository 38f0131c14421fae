"""Records what a procedure was, when it is over: reperfusion, who else was there, and complications.

Called by transitions.end_procedure inside its turn. Nothing of it is needed to end a procedure.
"""

from collections.abc import Sequence
from datetime import datetime

from network.models import Person
from referrals import typed
from referrals.ledger import Turn, clock
from referrals.procedure import Complication
from referrals.refusals import BadInput
from workforce import operators

LABELS = {"reperfused_at": "First reperfusion", "second": "Second operator", "observing": "Observing"}


def record(
    turn: Turn, *, reperfused_at: str, second: str, observing: str, complications: Sequence[str]
) -> None:
    """Keep what was said with the referral and its event; BadInput where it cannot be. Empty: not recorded."""
    referral = turn.referral
    if reperfused_at:
        referral.reperfused_at = _reperfusion(turn, reperfused_at)
        turn.details["reperfused_at"] = referral.reperfused_at.isoformat()
    referral.second = _beside(turn, "second", second)
    referral.observer = _beside(turn, "observing", observing)
    if referral.second and referral.second == referral.observer:
        raise BadInput({"observing": f"{referral.second.name} was second operator already."})
    if complications:
        if Complication.NONE in complications and len(set(complications)) > 1:
            raise BadInput({"complications": "Complications: either none, or those that there were."})
        referral.complications = [c for c in Complication.values if c in complications]
        turn.details["complications"] = referral.complications


def _reperfusion(turn: Turn, said: str) -> datetime:
    at = typed.moment(said, now=turn.now)
    if at is None:
        raise BadInput({"reperfused_at": "This is not a date and time. Write it like 2026-11-21T02:30."})
    begun = turn.referral.punctured_at
    if begun and _minute(at) < _minute(begun):
        sentence = f"{clock(at)} is before groin puncture at {clock(begun)}. Check both times."
        raise BadInput({"reperfused_at": sentence})
    if _minute(at) > _minute(turn.at):
        sentence = f"{clock(at)} is after the end of the procedure at {clock(turn.at)}. Check both times."
        raise BadInput({"reperfused_at": sentence})
    return at


def _minute(moment: datetime) -> datetime:
    return moment.replace(second=0, microsecond=0)


def _beside(turn: Turn, name: str, username: str) -> Person | None:
    """One of the hub's operators by user name, and not whoever operated."""
    if not username:
        return None
    hub = turn.referral.hub
    assert hub, "a procedure is at a hub"
    found = next((p for p in operators.people(hub) if p.username == username), None)
    if found is None:
        raise BadInput({name: f"{LABELS[name]}: choose one of the operators of {hub}."})
    if found.pk == turn.referral.operator_id:
        raise BadInput({name: f"{found.name} was first operator already."})
    turn.details[name] = found.name
    return found
