"""The verbs that leave a referral's state as it is: ask, answer, seen, take, noted.

Called like those of referrals.transitions, by screens, programs and answers by phone; each is an event of the trail.
"""

from collections.abc import Mapping
from typing import Any, Unpack

from referrals import facts, ledger, offers, policy, questions
from referrals.ledger import Press, Turn
from referrals.models import Event, Referral
from referrals.refusals import BadInput, NotAllowed, NotVisible, WrongState
from referrals.states import LIVE, State

NOTHING: Mapping[str, Any] = {}


def ask(code: str, *, text: str = "", topic: str = "", **press: Unpack[Press]) -> Referral:
    """The hub asks the spoke for more: in words, or one of the usual questions by its topic."""
    asked = text or (questions.QUESTIONS[topic].text if topic else "")
    if not asked:
        raise BadInput({"text": "The question: this is needed."})
    return _said(code, "ask", press, {"text": asked} | ({"topic": topic} if topic else {}))


def answer(
    code: str, *, text: str = "", topic: str = "", said: Mapping[str, str] = NOTHING, **press: Unpack[Press]
) -> Referral:
    """The spoke answers the hub: in words, or with what belongs to a topic; that is kept as facts of the case."""
    kept = questions.read(topic, said, now=press.get("now", press["at"]))
    if not (text or kept):
        raise BadInput({"text": "The answer: this is needed."})
    details: dict[str, Any] = {"text": questions.in_words(topic, kept, text)}
    return _said(
        code, "answer", press, details | ({"topic": topic, "said": kept} if kept else {}), facts_of=kept
    )


def _said(
    code: str, verb: str, press: Press, details: Mapping[str, Any], *, facts_of: Mapping[str, Any] = NOTHING
) -> Referral:
    def work(turn: Turn) -> None:
        policy.check(turn.verb, turn.rights, turn.referral)
        _check_live(turn.referral)
        turn.details |= details
        changed = {}
        for name in facts_of.keys() & set(facts.NAMES):
            before, after = getattr(turn.referral, name), facts_of[name]
            if before != after:
                changed[name] = ["" if before is None else str(before), str(after)]
                setattr(turn.referral, name, after)
        if changed:
            turn.details["changed"] = changed
            offers.judge_again(turn)

    return ledger.change(code, verb, press, work)


def seen(code: str, *, hub: str = "", **press: Unpack[Press]) -> Referral:
    """Whoever is asked for an answer has seen it and is looking: the ladder waits a little for them."""

    def work(turn: Turn) -> None:
        referral = turn.referral
        if turn.rights is None or not policy.sees(turn.rights, referral):
            raise NotVisible
        if referral.state == State.PROVISIONAL:
            if not policy.may_confirm(turn.rights, referral, at=turn.now):
                raise NotAllowed("not_allowed", "Only the supervisor is asked now. Nothing was changed.")
            assert referral.hub, "somebody accepted provisionally"
            turn.details["hub"] = referral.hub.code
            return
        offer = offers.addressed(turn, hub)
        if not policy.may_decline(turn.rights, offer.hub_id):
            raise NotAllowed("not_allowed", f"Only {offer.hub} is asked. Nothing was changed.")
        offers.check_open(turn, offer)
        turn.details["hub"] = offer.hub.code

    return ledger.change(code, "seen", press, work)


def take(code: str, **press: Unpack[Press]) -> Referral:
    """A named person deals with the alarm of this referral."""

    def work(turn: Turn) -> None:
        policy.check(turn.verb, turn.rights, turn.referral)
        _check_live(turn.referral)

    return ledger.change(code, "take", press, work)


def is_stood_down(referral: Referral) -> bool:
    """Was whoever got ready for this patient stood down: before the door, or at it, where nothing was done?"""
    if referral.state == State.STOOD_DOWN:
        return True
    at_the_door = referral.ended_at is not None and referral.punctured_at is None
    goes_back = {State.NOT_TREATED, State.REPATRIATING, State.REPATRIATED}
    return at_the_door and referral.state in goes_back and referral.spoke_id != referral.hub_id


def noted(code: str, **press: Unpack[Press]) -> Referral:
    """Whoever was alerted has seen that the transfer is stood down, or that the patient is not treated."""

    def work(turn: Turn) -> None:
        policy.check(turn.verb, turn.rights, turn.referral)
        if not is_stood_down(turn.referral):
            raise WrongState("wrong_state", f"{turn.referral.code} is not stood down. Nothing was changed.")
        if Event.objects.filter(referral=turn.referral, verb="noted", by=turn.by).exists():
            raise WrongState("no_change", "You have said so already. Nothing was changed.")

    return ledger.change(code, "noted", press, work)


def _check_live(referral: Referral) -> None:
    if referral.state not in LIVE:
        raise WrongState("wrong_state", f"{referral.code} has ended. Nothing was changed.")
