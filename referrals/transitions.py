"""One function for each verb: the only way in which a referral changes.

Called by the screens, the API, the pager's replies and the demonstration. Each verb takes `by=`, `at=` and may take
`key=`, `via=`, `note=`, `now=` (see ledger.Press); each raises a Refusal with a sentence and then has changed nothing.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, Unpack

from network.models import Person
from referrals import ambulance, facts, ledger, offers, order, policy, recording
from referrals.ledger import Press, Turn, clock
from referrals.models import OfferState, Referral
from referrals.refusals import BadInput, NotAllowed, NotVisible, WrongState
from referrals.states import LIVE, State
from workforce import phases
from workforce.models import Authorisation, Phase

COLUMNS = frozenset(
    {"category", "cad", "mtici", "end_reason", *(column.name for column in ambulance.Transfer._meta.fields)}
)  # what a verb is given for the referral itself


def _plain(code: str, verb: str, press: Press, step: Callable[..., None] | None, **fields: Any) -> Referral:
    """A verb that moves the referral and sets some fields, which the event keeps too."""

    def work(turn: Turn) -> None:
        if not turn.by_crew:
            policy.check(turn.verb, turn.rights, turn.referral)
        if step is None:
            if turn.referral.state not in LIVE:
                raise WrongState("wrong_state", f"{turn.referral.code} has ended. Nothing was changed.")
        else:
            turn.move(step)
        order.check(turn)
        for name, value in fields.items():
            if name in COLUMNS:
                setattr(turn.referral, name, value)
            if value:
                turn.details[name] = value.isoformat() if isinstance(value, datetime) else value
        offers.close_if_ended(turn)

    return ledger.change(code, verb, press, work)


def accept(code: str, *, hub: str = "", **press: Unpack[Press]) -> Referral:
    """The hub takes the patient. Exactly one acceptance: the others are told who."""

    def work(turn: Turn) -> None:
        offer = offers.addressed(turn, hub)
        if turn.rights is None or not policy.may_accept(turn.rights, offer.hub_id):
            raise NotAllowed(
                "not_allowed", f"Only an operator of {offer.hub} can accept. Nothing was changed."
            )
        offers.check_open(turn, offer)
        held = phases.authorisation(turn.rights.person, offer.hub, at=turn.now)
        if held is None:
            raise NotAllowed(
                "not_authorised", f"You are not authorised to operate at {offer.hub}. Nothing was changed."
            )
        direct = held.phase == Phase.DIRECT
        turn.move(Referral._accept_provisionally if direct else Referral._accept)
        order.check(turn)
        turn.referral.hub = offer.hub
        turn.referral.operator = turn.by
        turn.referral.supervisor = _answering(turn, held)
        turn.details |= {"hub": offer.hub.code, "phase": held.phase}
        offers.take(turn, offer, OfferState.PROVISIONAL if direct else OfferState.ACCEPTED)

    return ledger.change(code, "accept", press, work)


def _answering(turn: Turn, held: Authorisation) -> Person | None:
    """Who answers for whoever accepts; refused where somebody has to and nobody can be reached."""
    if held.phase == Phase.INDEPENDENT:
        return None
    if held.phase == Phase.DIRECT:
        return held.supervisor
    reachable = phases.reachable_supervisors(held.hub, of=held.person, at=turn.now)
    if not reachable:
        raise NotAllowed(
            "no_supervisor",
            f"No supervisor at {held.hub} can be reached now, so you cannot accept. Nothing was changed;"
            " others are paged.",
        )
    turn.details["told"] = reachable[0].name
    return reachable[0]


def confirm(code: str, **press: Unpack[Press]) -> Referral:
    """The supervisor co-accepts for an operator under direct supervision: now it is final."""

    def work(turn: Turn) -> None:
        referral = turn.referral
        if turn.rights is None or not policy.sees(turn.rights, referral):
            raise NotVisible
        if referral.state == State.PROVISIONAL and not policy.may_confirm(turn.rights, referral, at=turn.now):
            raise NotAllowed(
                "not_allowed", "Only the supervisor can confirm this acceptance. Nothing was changed."
            )
        turn.move(Referral._confirm)
        order.check(turn)
        referral.supervisor = turn.by
        taken = offers.provisional(turn)
        assert taken, "somebody accepted provisionally"
        offers.close(turn, taken, OfferState.ACCEPTED)

    return ledger.change(code, "confirm", press, work)


def decline(
    code: str, *, reason: str, clause: str = "", hub: str = "", text: str = "", **press: Unpack[Press]
) -> Referral:
    """The hub does not take the patient, for a coded reason; the last one to decline leaves it unplaced."""

    def work(turn: Turn) -> None:
        referral = turn.referral
        said = {"reason": reason, "clause": clause, "text": text}
        turn.details |= {name: value for name, value in said.items() if value}
        if referral.state == State.PROVISIONAL and turn.rights and policy.sees(turn.rights, referral):
            if not policy.may_confirm(turn.rights, referral, at=turn.now):
                raise NotAllowed("not_allowed", "Only the supervisor can decline now. Nothing was changed.")
            offer = offers.provisional(turn)
            assert offer, "somebody accepted provisionally"
        else:
            offer = offers.addressed(turn, hub)
            if turn.rights is None or not policy.may_decline(turn.rights, offer.hub_id):
                raise NotAllowed("not_allowed", f"Only {offer.hub} can decline. Nothing was changed.")
            offers.check_open(turn, offer)
        order.check(turn)
        turn.details["hub"] = offer.hub.code
        offers.close(turn, offer, OfferState.DECLINED, reason=reason)
        ledger.dismiss_party(turn, offer.hub_id)
        if referral.state != State.UNPLACED and not offers.any_open(turn):
            turn.move(Referral._decline_last)

    return ledger.change(code, "decline", press, work)


def lapse(code: str, *, hub: str, **press: Unpack[Press]) -> Referral:
    """The ladder of this hub ended without an answer: the clock's verb. The hub may still accept, while nobody has."""

    def work(turn: Turn) -> None:
        if turn.by is not None:
            raise NotAllowed("not_allowed", "Only the clock ends an offer that nobody answered.")
        offer = offers.addressed(turn, hub)
        offers.check_open(turn, offer)
        turn.details["hub"] = offer.hub.code
        offers.close(turn, offer, OfferState.LAPSED)
        if not offers.any_open(turn):
            turn.move(Referral._lapse)

    return ledger.change(code, "lapse", press, work)


def re_offer(code: str, *, hubs: list[str], **press: Unpack[Press]) -> Referral:
    """Put the referral to further hubs; by the spoke, the coordinator, or the clock where the network allows it."""

    def work(turn: Turn) -> None:
        if turn.by is not None:
            policy.check(turn.verb, turn.rights, turn.referral)
        chosen = offers.hubs_named(hubs, spoke=turn.referral.spoke)
        turn.move(Referral._re_offer)
        turn.details["hubs"] = [hub.code for hub in chosen]
        offers.open_to(turn, chosen)

    return ledger.change(code, "re_offer", press, work)


def _amended(referral: Referral, said: Mapping[str, Any], *, now: datetime) -> dict[str, Any]:
    """The facts as corrected: what had to be said still is, and the first door is before what came after it."""
    entered = referral.pre_alerted_at or referral.referred_at or referral.hub_arrived_at
    stage = facts.Stage.REFER if referral.referred_at else facts.Stage.ADMIT
    if referral.state == State.PRE_ALERTED:
        stage = facts.Stage.PRE_ALERT
    after = facts.check(said, stage=stage, now=now, since=entered)
    for field, name in order.AFTER_DOOR_IN:
        later, arrived = getattr(referral, field), after["arrived_at"]
        if later and arrived > later:
            sentence = f"{clock(arrived)} is after {name} at {clock(later)}. Check both times."
            raise BadInput({"arrived_at": sentence})
    if referral.spoke_id == referral.hub_id:  # came straight to the hub: both doors are one
        referral.hub_arrived_at = after["arrived_at"]
    return after


def amend(code: str, *, said: Mapping[str, Any], **press: Unpack[Press]) -> Referral:
    """The spoke corrects or adds facts; the event keeps the old and the new."""

    def work(turn: Turn) -> None:
        policy.check(turn.verb, turn.rights, turn.referral)
        if turn.referral.state not in LIVE:
            raise WrongState("wrong_state", f"{turn.referral.code} has ended. Nothing was changed.")
        before = {name: getattr(turn.referral, name) for name in facts.NAMES}
        after = _amended(turn.referral, {**before, **said}, now=turn.now)
        changed = {n: [str(before[n] or ""), str(v or "")] for n, v in after.items() if v != before[n]}
        for name, value in after.items():
            setattr(turn.referral, name, value)
        turn.details["changed"] = changed
        if changed:
            offers.judge_again(turn)

    return ledger.change(code, "amend", press, work)


def request_ambulance(
    code: str,
    *,
    category: str,
    cad: str = "",
    escort: str = "",
    infusion: str = "",
    infusion_ends_at: str = "",
    risks: Sequence[str] = (),
    override: str = "",
    **press: Unpack[Press],
) -> Referral:
    """Transport is asked for: its category and number, who travels, what runs, and what the risks advised."""
    asked = ambulance.request(
        category=category,
        cad=cad,
        escort=escort,
        infusion=infusion,
        infusion_ends_at=infusion_ends_at,
        risks=risks,
        override=override,
        at=press["at"],
    )
    return _plain(code, "request_ambulance", press, Referral._request_ambulance, **asked)


def depart(code: str, **press: Unpack[Press]) -> Referral:
    """Door out at the spoke."""
    return _plain(code, "depart", press, Referral._depart)


def arrive(code: str, **press: Unpack[Press]) -> Referral:
    """At the hub's door."""
    return _plain(code, "arrive", press, Referral._arrive)


def puncture(code: str, **press: Unpack[Press]) -> Referral:
    """Groin puncture: the procedure has begun."""
    return _plain(code, "puncture", press, Referral._puncture)


def end_procedure(
    code: str,
    *,
    mtici: str,
    reperfused_at: str = "",
    second: str = "",
    observing: str = "",
    complications: Sequence[str] = (),
    **press: Unpack[Press],
) -> Referral:
    """The procedure is over; mTICI says how well the artery was opened, and the rest whatever is known of it."""

    def work(turn: Turn) -> None:
        policy.check(turn.verb, turn.rights, turn.referral)
        turn.move(Referral._end_procedure)
        order.check(turn)
        turn.referral.mtici = turn.details["mtici"] = mtici
        recording.record(
            turn, reperfused_at=reperfused_at, second=second, observing=observing, complications=complications
        )

    return ledger.change(code, "end_procedure", press, work)


def request_repatriation(code: str, **press: Unpack[Press]) -> Referral:
    """The hub asks the spoke for a bed."""
    return _plain(code, "request_repatriation", press, Referral._request_repatriation)


def repatriate(code: str, **press: Unpack[Press]) -> Referral:
    """The patient is back at the spoke: closed."""
    return _plain(code, "repatriate", press, Referral._repatriate)


def withdraw(code: str, *, reason: str, text: str = "", **press: Unpack[Press]) -> Referral:
    """The spoke ends the referral before a hub has accepted it."""
    return _plain(code, "withdraw", press, Referral._withdraw, end_reason=reason, text=text)


def stand_down(code: str, *, reason: str, text: str = "", **press: Unpack[Press]) -> Referral:
    """The transfer ends after acceptance and before arrival."""
    return _plain(code, "stand_down", press, Referral._stand_down, end_reason=reason, text=text)


def not_treat(code: str, *, reason: str, text: str = "", **press: Unpack[Press]) -> Referral:
    """Arrived, and no puncture."""
    return _plain(code, "not_treat", press, Referral._not_treat, end_reason=reason, text=text)


def record_death(code: str, *, text: str = "", **press: Unpack[Press]) -> Referral:
    """The patient died."""
    return _plain(code, "record_death", press, Referral._record_death, text=text)
