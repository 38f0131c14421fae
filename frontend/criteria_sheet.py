"""What a hub's criteria say of a patient, as it is shown: one line, and the reasons behind it.

Called by the form, the answer and the case. Pure over the judgement that it is given; advice, never a refusal.
"""

from dataclasses import dataclass

from referrals import eligibility
from referrals.criteria.judging import Finding, Judgement, Verdict
from referrals.eligibility import Kept
from referrals.models import Offer, OfferState, Referral

MOODS = {Verdict.WITHIN: "ok", Verdict.UNCERTAIN: "soon", Verdict.OUTSIDE: "late"}
ORDER = [Verdict.OUTSIDE, Verdict.UNCERTAIN, Verdict.WITHIN]
WORDS = {Verdict.WITHIN: "within", Verdict.UNCERTAIN: "uncertain", Verdict.OUTSIDE: "outside"}


@dataclass(frozen=True)
class Reason:
    """What one clause says."""

    mood: str
    word: str
    said: str
    rule: str
    source: str
    settle: str


@dataclass(frozen=True)
class Advice:
    """The criteria of one hub in one line, with the reasons."""

    hub: str
    line: str
    mood: str
    version: str
    reasons: tuple[Reason, ...]


def advice(hub: str, judgement: Judgement | Kept) -> Advice:
    """A judgement as it is shown, what tells against the patient first."""
    findings = sorted(judgement.findings, key=lambda f: ORDER.index(f.verdict))
    return Advice(
        hub=hub,
        line=judgement.line,
        mood=MOODS[judgement.verdict],
        version=judgement.version,
        reasons=tuple(_reason(finding) for finding in findings),
    )


def _reason(finding: Finding) -> Reason:
    return Reason(
        MOODS[finding.verdict],
        WORDS[finding.verdict],
        finding.said,
        finding.rule,
        finding.source,
        finding.settle,
    )


def standing(referral: Referral) -> list[Offer]:
    """The offer that was taken, else those that still can be."""
    offers = list(referral.offers.all())
    taken = [offer for offer in offers if offer.state in {OfferState.ACCEPTED, OfferState.PROVISIONAL}]
    return taken or [offer for offer in offers if offer.state in {OfferState.OPEN, OfferState.LAPSED}]


def of_offers(offers: list[Offer]) -> tuple[Advice, ...]:
    """What was judged when each of these offers was made, and since then by the same version."""
    kept = [(str(offer.hub), eligibility.again(offer.judged)) for offer in offers]
    return tuple(advice(hub, judged) for hub, judged in kept if judged)


def perfusion(referral: Referral) -> tuple[tuple[str, str, str], ...]:
    """Perfusion or MR among the facts, only where something was said of it: within six hours nobody asks."""
    if not referral.perfusion:
        return ()
    mismatch = "" if referral.mismatch_ml is None else f"{referral.mismatch_ml} mL"
    return (("Perfusion or MR", str(referral.get_perfusion_display()), mismatch),)
