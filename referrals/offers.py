"""What becomes of a referral's offers while a verb is being done. Used by the verbs alone, inside their transaction."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.utils.dateparse import parse_datetime

from network.models import Site
from referrals import advising, eligibility, ledger, soonest
from referrals.criteria import judging
from referrals.ledger import Turn, clock
from referrals.models import Offer, OfferState, Referral
from referrals.refusals import BadInput, NotVisible, WrongState
from referrals.states import ENDED, State

ANSWERABLE = (OfferState.OPEN, OfferState.LAPSED)
TAKEN = (OfferState.ACCEPTED, OfferState.PROVISIONAL)


def hubs_named(codes: Iterable[str], *, spoke: Site) -> list[Site]:
    """The hubs of these codes, in this order; BadInput names those that are none."""
    wanted = list(dict.fromkeys(code.strip().upper() for code in codes))
    if not wanted:
        raise BadInput({"hubs": "Choose at least one hub."})
    found = {
        site.code: site
        for site in Site.objects.filter(code__in=wanted, is_hub=True).select_related("network")
    }
    if unknown := [code for code in wanted if code not in found]:
        raise BadInput(
            {"hubs": f"{', '.join(unknown)[:60]} is not a thrombectomy hub. Choose from the list."}
        )
    if spoke.code in found:
        raise BadInput({"hubs": f"{spoke} is where the patient already is. Choose another hub."})
    return [found[code] for code in wanted]


def open_to(turn: Turn, hubs: Sequence[Site]) -> None:
    """Put the referral to these hubs; a hub whose offer is already open is left as it is."""
    judged: dict[int, dict[str, Any]] = advising.or_nothing(lambda: _judged(turn, hubs), {})
    for hub in hubs:
        before = [offer for offer in turn.offers if offer.hub_id == hub.pk]
        if any(offer.state == OfferState.OPEN for offer in before):
            continue
        for offer in before:
            if offer.state == OfferState.LAPSED:
                offer.state = OfferState.WITHDRAWN
                offer.save(update_fields=["state"])
        offer = Offer.objects.create(
            referral=turn.referral, hub=hub, opened_at=turn.now, judged=judged.get(hub.pk, {})
        )
        turn.offers.insert(0, offer)
        ledger.admit_party(turn, hub, is_hub=True)


def _judged(turn: Turn, hubs: Sequence[Site]) -> dict[int, dict[str, Any]]:
    """What each hub's criteria say of the patient now, kept in the trail as it was judged."""
    referral = turn.referral
    facts = eligibility.facts_of(referral)
    ids = [hub.pk for hub in hubs]
    choices = soonest.hubs(referral.spoke, now=turn.now, facts=facts, referral=referral, only=ids)
    found = {
        one.hub.pk: eligibility.kept(
            one.ranked.judgement,
            groin_at=one.ranked.groin_at,
            at=turn.now,
            way=eligibility.way(one.ranked.judgement.criteria, referral.occlusion, ranked=one.ranked),
        )
        for one in choices
        if one.ranked.judgement
    }
    turn.details["judged"] = {hub.code: found[hub.pk] for hub in hubs if hub.pk in found}
    return found


def judge_again(turn: Turn) -> None:
    """The facts were corrected: the offers that go on are judged by the version that they were judged by."""
    advising.or_nothing(lambda: _judge_again(turn), None)


def _judge_again(turn: Turn) -> None:
    referral = turn.referral
    facts = eligibility.facts_of(referral)
    found: dict[str, dict[str, Any]] = {}
    for offer in turn.offers:
        if offer.judged and offer.state in (*ANSWERABLE, *TAKEN):
            criteria = eligibility.as_before(offer.hub, offer.judged)
            reckoned = _groin_at(offer.judged, now=turn.now)
            judgement = eligibility.judge(facts, criteria, groin_at=max(reckoned, turn.now), now=turn.now)
            windows = list(criteria.windows(judging.TERRITORY.get(referral.occlusion, "")))
            offer.judged = eligibility.kept(
                judgement,
                groin_at=reckoned,
                at=turn.now,
                way={**offer.judged.get("way", {}), "windows": windows},
            )
            offer.save(update_fields=["judged"])
            found[offer.hub.code] = offer.judged
    if found:
        turn.details["judged"] = found


def _groin_at(judged: dict[str, Any], *, now: datetime) -> datetime:
    """When the groin could be punctured, as it was reckoned; for a hub that took nobody, if it took the patient now."""
    if said := parse_datetime(judged["groin_at"] or ""):
        return said
    way = judged.get("way", {})
    return now + timedelta(minutes=way.get("journey", 0) + way.get("ready", 0))


def addressed(turn: Turn, hub: str) -> Offer:
    """The last offer to the hub that was named, else to the only hub where this person works; else NotVisible."""
    asked = [offer for offer in turn.offers if not hub or offer.hub.code == hub.upper()]
    if turn.rights is not None:
        mine = [offer for offer in asked if offer.hub_id in turn.rights.sites]
        answerable = [offer for offer in mine if offer.state in ANSWERABLE]
        offer = next(iter(answerable or mine), None)
    else:
        offer = next(iter(asked), None)
    if offer is None:
        raise NotVisible
    return offer


def taken_sentence(referral: Referral) -> str:
    """Who has the patient, in a sentence."""
    when = referral.accepted_at or referral.provisional_at or referral.hub_arrived_at
    assert referral.hub and referral.operator and when
    how = "was provisionally accepted" if referral.state == State.PROVISIONAL else "was already accepted"
    return f"{referral.code} {how} by {referral.operator} for {referral.hub} at {clock(when)}."


def check_open(turn: Turn, offer: Offer) -> None:
    """Refuse an answer to an offer that is no longer open, and say what became of it."""
    referral = turn.referral
    if referral.operator_id and referral.state not in ENDED:
        raise WrongState("already_taken", taken_sentence(referral))
    if offer.state not in ANSWERABLE:
        became = OfferState(offer.state).label.lower()
        raise WrongState(
            "offer_closed", f"The offer of {referral.code} to {offer.hub} is {became}. Nothing was changed."
        )


def close(turn: Turn, offer: Offer, state: OfferState, *, reason: str = "") -> None:
    """Write down what became of one offer."""
    offer.state, offer.closed_at, offer.closed_by, offer.reason = state, turn.now, turn.by, reason
    offer.save(update_fields=["state", "closed_at", "closed_by", "reason"])


def take(turn: Turn, taken: Offer, state: OfferState) -> None:
    """This hub has the patient: every other offer is withdrawn, and its hub no longer sees the referral."""
    _withdraw_others(turn, taken)
    close(turn, taken, state)


def _withdraw_others(turn: Turn, taken: Offer | None) -> None:
    for offer in turn.offers:
        if offer.state in ANSWERABLE and offer != taken:
            close(turn, offer, OfferState.WITHDRAWN)
            ledger.dismiss_party(turn, offer.hub_id)


def divert(turn: Turn, hub: Site) -> None:
    """This hub has taken a patient who was on the way to another one, which no longer sees the referral."""
    before = next(offer for offer in turn.offers if offer.state == OfferState.ACCEPTED)
    close(turn, before, OfferState.WITHDRAWN)
    ledger.dismiss_party(turn, before.hub_id)
    open_to(turn, [hub])
    close(turn, turn.offers[0], OfferState.ACCEPTED)


def close_if_ended(turn: Turn) -> None:
    """A referral that has ended has no open offer; the hub that took it goes on seeing it."""
    if turn.referral.state in ENDED:
        _withdraw_others(turn, None)
        if turn.referral.operator_id is None:
            return
        if taken := provisional(turn):
            close(turn, taken, OfferState.WITHDRAWN)


def provisional(turn: Turn) -> Offer | None:
    """The offer that was accepted under direct supervision and not yet confirmed; there is one at most."""
    return next((offer for offer in turn.offers if offer.state == OfferState.PROVISIONAL), None)


def any_open(turn: Turn) -> bool:
    return any(offer.state == OfferState.OPEN for offer in turn.offers)
