"""A decline that goes on: the next hub in the same tap, and a second opinion of another hub.

Called like the verbs of referrals.transitions, by screens and programs; a decline by phone is the plain one.
"""

import hashlib
from typing import Unpack

from django.db import transaction

from network.models import Site
from referrals import ledger, offers, policy, transitions
from referrals.ledger import Press, Turn
from referrals.models import OfferState, Referral, Via
from referrals.refusals import BadInput, WrongState
from referrals.soonest import Around
from referrals.states import Onward, State


def onward_hub(around: Around) -> Site | None:
    """The hub that a decline would hand the patient on to; None where the network leaves that to the spoke."""
    return around.next_hub(is_open=True) if around.referral.spoke.network.offers_next_hub else None


def decline(
    code: str,
    *,
    reason: str,
    clause: str = "",
    onward: str = "",
    hub: str = "",
    text: str = "",
    **press: Unpack[Press],
) -> Referral:
    """The hub does not take the patient; where it says so and the network allows it, the next hub is asked at once."""
    said = {"reason": reason, "clause": clause, "hub": hub, "text": text}
    if onward != Onward.YES:
        return transitions.decline(code, **said, **press)
    with transaction.atomic():
        return _onward(transitions.decline(code, **said, **press), press)


def _onward(referral: Referral, press: Press) -> Referral:
    """Offer the patient to the next hub, where this was the last that was asked."""
    if referral.state != State.UNPLACED:
        return referral
    if not referral.spoke.network.offers_next_hub:
        raise BadInput({"onward": "In this network the spoke decides who is asked next. Decline without it."})
    following = onward_hub(Around(referral, now=press.get("now", press["at"])))
    if following is None:
        return referral
    # The hub that declines may not offer: the network's own rule does, with the same press.
    whole = ledger.scoped(press) or ""
    key = f"onward:{hashlib.sha256(whole.encode()).hexdigest()}" if whole else ""
    clocks = Press(by=None, at=press["at"], now=press.get("now", press["at"]), via=Via.CLOCK, key=key)
    return transitions.re_offer(referral.code, hubs=[following.code], **clocks)


def may_ask_again(referral: Referral) -> bool:
    """Can a second opinion be asked for: somebody has declined, and nobody has taken the patient?"""
    declined = any(offer.state == OfferState.DECLINED for offer in referral.offers.all())
    return declined and referral.state in {State.REFERRED, State.UNPLACED}


def second_opinion(code: str, *, hubs: list[str], text: str, **press: Unpack[Press]) -> Referral:
    """After a decline another hub is asked whether it sees it the same way; it may take the patient."""

    def work(turn: Turn) -> None:
        policy.check(turn.verb, turn.rights, turn.referral)
        if not any(offer.state == OfferState.DECLINED for offer in turn.offers):
            raise WrongState("nobody_declined", "Nobody has declined yet: there is no first opinion.")
        chosen = offers.hubs_named(hubs, spoke=turn.referral.spoke)
        before = {offer.hub_id for offer in turn.offers if offer.state == OfferState.DECLINED}
        if again := [hub for hub in chosen if hub.pk in before]:
            raise BadInput({"hubs": f"{again[0]} has given its opinion. Choose another hub."})
        turn.move(Referral._re_offer)
        turn.details |= {"hubs": [hub.code for hub in chosen], "text": text}
        offers.open_to(turn, chosen)

    return ledger.change(code, "second_opinion", press, work)
