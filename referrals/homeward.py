"""The verbs of the way back: the promise and the offer of a bed, a haemorrhage, and the ambulance home.

Called like those of referrals.transitions. None of them moves the referral: `request_repatriation` and `repatriate` do.
"""

from collections.abc import Callable
from typing import Any, Unpack

from referrals import going_home, ledger, policy
from referrals.ledger import Press, Turn, clock
from referrals.models import Referral
from referrals.refusals import BadInput, WrongState
from referrals.states import TAKEN, State

AT_HUB = frozenset({State.ARRIVED, State.PUNCTURE, State.TREATED, State.NOT_TREATED})
PROMISED = TAKEN | AT_HUB | {State.PROVISIONAL}
SCANNED = AT_HUB | {State.REPATRIATING}  # where a haemorrhage may be found, treated or not


def open_verbs(referral: Referral) -> set[str]:
    """The verbs of this module that the referral's state allows now; a hub's own patient goes nowhere."""
    state, found = referral.state, set()
    if state in SCANNED:
        found.add("find_haemorrhage")
    if referral.spoke_id == referral.hub_id:
        return found
    if state in PROMISED and referral.hub_id:
        found.add("promise_bed")
    if state == State.REPATRIATING:
        found.add("offer_bed")
        found.add("request_return")
        if referral.return_left_at is None:
            found.add("leave_hub")
    return found


def _said(code: str, verb: str, press: Press, put: Callable[[Turn], dict[str, Any]]) -> Referral:
    def work(turn: Turn) -> None:
        referral = turn.referral
        policy.check(turn.verb, turn.rights, referral)
        if turn.verb not in open_verbs(referral):
            label = State(referral.state).label.lower()
            raise WrongState(
                "wrong_state",
                f"{referral.code} is at “{label}”, so this cannot be done now. Nothing was changed.",
            )
        turn.details |= {name: value for name, value in put(turn).items() if value}

    return ledger.change(code, verb, press, work)


def promise_bed(code: str, *, text: str = "", **press: Unpack[Press]) -> Referral:
    """The spoke promises to take the patient back: the hub knows that its bed will be free again."""

    def put(turn: Turn) -> dict[str, Any]:
        turn.referral.bed_promised_at, turn.referral.bed_promise = turn.at, text
        return {"text": text}

    return _said(code, "promise_bed", press, put)


def find_haemorrhage(code: str, *, text: str = "", **press: Unpack[Press]) -> Referral:
    """The hub found a haemorrhage, after the procedure or instead of it: from then on there is a caution."""

    def put(turn: Turn) -> dict[str, Any]:
        referral = turn.referral
        began = referral.punctured_at or referral.hub_arrived_at
        if began and turn.at.replace(second=0, microsecond=0) < began.replace(second=0, microsecond=0):
            before = "groin puncture" if referral.punctured_at else "the arrival at the hub"
            sentence = f"{clock(turn.at)} is before {before} at {clock(began)}. Check both times."
            raise BadInput({"at": sentence})
        turn.referral.haemorrhage_at = turn.at
        return {"text": text}

    return _said(code, "find_haemorrhage", press, put)


def offer_bed(code: str, *, text: str, **press: Unpack[Press]) -> Referral:
    """The spoke says which bed is ready."""

    def put(turn: Turn) -> dict[str, Any]:
        turn.referral.bed_offered_at, turn.referral.bed_offer = turn.at, text
        return {"text": text}

    return _said(code, "offer_bed", press, put)


def request_return(
    code: str, *, category: str, cad: str = "", escort: str = "", **press: Unpack[Press]
) -> Referral:
    """The hub asks for the ambulance home; which cautions still held then is kept with it."""

    def put(turn: Turn) -> dict[str, Any]:
        referral = turn.referral
        referral.return_requested_at, referral.return_category = turn.at, category
        referral.return_cad, referral.return_escort = cad, escort
        referral.home_rules = going_home.VERSION
        found = going_home.cautions(treated_at=referral.treated_at, haemorrhage_at=referral.haemorrhage_at)
        held = [caution.id for caution in found if caution.until > turn.at]
        return {
            "category": category, "cad": cad, "escort": escort, "cautions": held, "home_rules": going_home.VERSION,
        }  # fmt: skip

    return _said(code, "request_return", press, put)


def leave_hub(code: str, **press: Unpack[Press]) -> Referral:
    """Door out at the hub, on the way back."""

    def put(turn: Turn) -> dict[str, Any]:
        turn.referral.return_left_at = turn.at
        return {}

    return _said(code, "leave_hub", press, put)
