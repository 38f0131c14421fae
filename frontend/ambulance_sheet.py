"""The sheet with which an ambulance is asked for: the risk questions, what they advise, and a script to read to 999.

Called by frontend.press for the verb `request_ambulance`, and by the case for what was asked for. Writes nothing.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from frontend import patient_line, telephone, waits
from referrals import ambulance, states
from referrals.ambulance import Advice
from referrals.models import Referral

PERSON = {states.Sex.FEMALE: "woman", states.Sex.MALE: "man"}


@dataclass(frozen=True)
class Risk:
    """One question, and whether it is answered with yes."""

    id: str
    label: str
    ticked: bool
    hint: str


@dataclass(frozen=True)
class Advised:
    """What to ask for, why, and what to say on the phone."""

    asks_for: str
    category: str
    why: str
    source: str
    script: tuple[str, ...]


@dataclass(frozen=True)
class Sheet:
    """The questions with both answers; the page shows the one that fits what is ticked."""

    risks: tuple[Risk, ...]
    source: str
    low: Advised
    high: Advised
    infusion: str  # what a running infusion means for who travels; empty where none is likely
    fault: str


def sheet(referral: Referral, said: Mapping[str, str], ticked: Collection[str], fault: str) -> Sheet:
    """The sheet for this referral, with what was ticked before; what the referral says itself is ticked at first."""
    known = {"basilar"} if referral.occlusion == states.Occlusion.BASILAR else set()
    chosen = set(ticked) if said else known
    return Sheet(
        risks=tuple(
            Risk(risk, label, risk in chosen, "from the referral" if risk in known else "")
            for risk, label in ambulance.RISKS.items()
        ),
        source=f"{ambulance.DATA['risks_source']} ({ambulance.DATA['risks_version']})",
        low=_advised(ambulance.advise(()), referral),
        high=_advised(ambulance.advise(list(ambulance.RISKS)), referral),
        infusion=_infusion(referral),
        fault=fault,
    )


def _advised(advice: Advice, referral: Referral) -> Advised:
    return Advised(
        asks_for=advice.asks_for,
        category=str(states.Category(advice.advised).label),
        why=advice.why,
        source=advice.source,
        script=_script(advice, referral),
    )


def _script(advice: Advice, referral: Referral) -> tuple[str, ...]:
    """What to read out, line by line."""
    hub = referral.hub.name if referral.hub else "the hub"
    level = str(states.Category(advice.advised).label)
    lines = [
        f"“This is {referral.spoke.name}. I need an emergency transfer between hospitals: {level}.”",
        f"“It is a stroke. The patient goes to {hub} for a thrombectomy, which cannot be done here.”",
        "“Every minute counts. The hub has accepted the patient and is waiting.”",
    ]
    if advice.is_high:
        lines.append("“The patient needs a critical-care team. The reason is …” (what is ticked above)")
    if referral.callback:
        lines.append(f"“Ring back on {telephone.shown(referral.callback)}.”")
    return (*lines, "“Please give me the CAD number, and when the crew will be here.”")


def _infusion(referral: Referral) -> str:
    """How long an alteplase infusion would go on, where thrombolysis was given lately."""
    if referral.thrombolysis != states.Thrombolysis.GIVEN or referral.thrombolysis_at is None:
        return ""
    ends = referral.thrombolysis_at + ambulance.ALTEPLASE_LASTS
    why, given = ambulance.DATA["alteplase"]["why"], waits.hour(referral.thrombolysis_at)
    return f"Thrombolysed at {given}: alteplase would run until {waits.hour(ends)}. {why}"


def in_a_line(referral: Referral, now: datetime) -> str:
    """How the patient travels: “IFT level 2, CAD 4711, nurse travels, alteplase until 03:50”."""
    if not referral.category:
        return ""
    pieces = [str(referral.get_category_display())]
    if referral.cad:
        pieces.append(f"CAD {referral.cad}")
    if referral.escort == states.Escort.NOBODY:
        pieces.append("nobody travels with the patient")
    elif referral.escort:
        pieces.append(f"{str(referral.get_escort_display()).lower()} travels")
    if referral.infusion:
        ends = referral.infusion_ends_at
        until = f" until {waits.hour(ends)}" if ends and ends > now else " ended" if ends else ""
        pieces.append(f"{referral.infusion}{until}")
    return ", ".join(pieces)


def judged(referral: Referral) -> str:
    """What the risk questions said when it was asked for, and why it is something else; empty where nobody asked."""
    if referral.transfer_risks is None:
        return ""
    advice = ambulance.advise(referral.transfer_risks)
    risks = ", ".join(advice.reasons).lower() if advice.is_high else "none of the risks"
    line = f"Advised: {advice.asks_for} ({risks})."
    if referral.override:
        line += f" Something else was asked for: {str(referral.get_override_display()).lower()}."
    return line


def told(details: Mapping[str, object]) -> list[str]:
    """What an event keeps of a request, in words."""
    found: list[str] = []
    if details.get("infusion"):
        found.append(f"infusion: {details['infusion']}")
    if risks := details.get("transfer_risks"):
        assert isinstance(risks, list)
        found.append("; ".join(ambulance.RISKS.get(str(risk), str(risk)) for risk in risks))
    return found


def of_whom(referral: Referral, now: datetime) -> str:
    """Age and sex, as a crew needs them."""
    years = patient_line.age(referral.date_of_birth, now)
    person = PERSON.get(states.Sex(referral.sex), "patient") if referral.sex else "patient"
    return f"{person} of {years}" if years is not None else person
