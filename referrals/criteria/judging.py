"""Judges a patient by a hub's criteria: within, outside or uncertain, and what would settle it. Pure.

Called by referrals.eligibility. It is advice with its reasons: nobody is ever refused by it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from referrals import states
from referrals.criteria.clauses import HOUR, Clause, Criteria


class Verdict(StrEnum):
    """What the criteria say of a patient."""

    WITHIN = "within"
    UNCERTAIN = "uncertain"
    OUTSIDE = "outside"


LAST_HOUR = 24  # of the widest window
TERRITORY = {
    states.Occlusion.ICA.value: "anterior",
    states.Occlusion.M1.value: "anterior",
    states.Occlusion.M2.value: "anterior",
    states.Occlusion.BASILAR.value: "posterior",
}
CHOICES: dict[str, Any] = {
    "occlusion": states.Occlusion,
    "perfusion": states.Perfusion,
    "thrombolysis": states.Thrombolysis,
}
NAMES = {
    "occlusion": "Clot",
    "minutes": "Onset to groin",
    "nihss": "NIHSS",
    "prestroke_mrs": "mRS before",
    "aspects": "ASPECTS",
    "perfusion": "Perfusion or MR",
    "mismatch_ml": "Mismatch",
    "age": "Age",
    "thrombolysis": "Thrombolysis",
}
SAYS = {
    Verdict.WITHIN: "Within the criteria",
    Verdict.UNCERTAIN: "Uncertain",
    Verdict.OUTSIDE: "Outside the criteria",
}


@dataclass(frozen=True)
class Finding:
    """What one clause says of this patient."""

    clause: str
    about: str
    verdict: Verdict
    said: str  # the fact as known: “NIHSS 4”
    rule: str  # what the clause asks: “6 or more”
    source: str
    settle: str = ""  # what would settle it


@dataclass(frozen=True)
class Judgement:
    """All that the criteria of one hub say of this patient."""

    criteria: Criteria
    verdict: Verdict
    findings: tuple[Finding, ...]

    @property
    def version(self) -> str:
        return self.criteria.version

    @property
    def line(self) -> str:
        return line(self.verdict, self.findings)


def line(verdict: Verdict, findings: Sequence[Finding]) -> str:
    """A judgement in one line, with what decides it."""
    telling = [f for f in findings if f.verdict != Verdict.WITHIN]
    if verdict == Verdict.OUTSIDE:
        decided = _by_subject(findings)
        outside = Verdict.OUTSIDE
        telling = [f for f in telling if f.verdict == outside and decided[f.about] == outside]
    # What is missing is said once, whichever clauses ask for it.
    said = list(dict.fromkeys(f.settle.rstrip(".") or f"{f.said} ({f.rule})" for f in telling))
    return f"{SAYS[verdict]}{': ' + '; '.join(said) if said else ''}"


def judge(facts: Mapping[str, Any], criteria: Criteria) -> Judgement:
    """Hold these facts against every clause that applies.

    `facts`: nihss, prestroke_mrs, aspects, age, mismatch_ml (whole numbers), minutes (from onset or last known well to
    the groin), occlusion, perfusion, thrombolysis (coded). None or an empty text: not known.
    """
    found = [_finding(clause, facts) for clause in criteria.clauses if _applies(clause, facts)]
    return Judgement(criteria, _weighed(found), tuple(found))


def _applies(clause: Clause, facts: Mapping[str, Any]) -> bool:
    territory = TERRITORY.get(str(facts.get("occlusion") or ""), "")
    if clause.territory and clause.territory != territory:
        return False
    if clause.hours is None:
        return True
    minutes = facts.get("minutes")
    if minutes is None:
        return False  # the window itself is what is missing, and says so
    after, until = (hours * HOUR for hours in clause.hours)
    # Beyond the last hours that any source speaks of, what is asked there is still asked.
    return bool((minutes > after or after == 0) and (minutes <= until or clause.hours[1] == LAST_HOUR))


def _finding(clause: Clause, facts: Mapping[str, Any]) -> Finding:
    value = facts.get(clause.fact)
    if value is None or value == "":
        return _made(clause, Verdict.UNCERTAIN, f"{NAMES[clause.fact]} not known", clause.settle)
    if clause.is_number:
        verdict = Verdict.WITHIN if _holds(clause, value) else Verdict(clause.beyond)
        said = f"{NAMES[clause.fact]} {_number(clause, value)}"
    else:
        verdict = Verdict.OUTSIDE
        if value in clause.within:
            verdict = Verdict.WITHIN
        elif value in clause.uncertain:
            verdict = Verdict.UNCERTAIN
        said = f"{NAMES[clause.fact]}: {_label(clause, value)}"
    return _made(clause, verdict, said, clause.doubt if verdict == Verdict.UNCERTAIN else "")


def _made(clause: Clause, verdict: Verdict, said: str, settle: str) -> Finding:
    return Finding(clause.id, clause.about, verdict, said, clause.asked, clause.said_by, settle)


def _holds(clause: Clause, value: int) -> bool:
    scale = HOUR if clause.fact == "minutes" else 1
    if clause.at_least is not None and value < clause.at_least * scale:
        return False
    if clause.at_most is not None and value > clause.at_most * scale:
        return False
    return clause.more_than is None or value > clause.more_than * scale


def _number(clause: Clause, value: int) -> str:
    if clause.fact == "minutes":
        return f"{value // HOUR} h {value % HOUR:02d}"
    return f"{value} {clause.unit}" if clause.unit in {"mL", "years"} else str(value)


def _label(clause: Clause, value: str) -> str:
    choices = CHOICES.get(clause.fact)
    return (
        str(dict(choices.choices).get(value, value)).lower()
        if choices and clause.fact != "occlusion"
        else value
    )


def _by_subject(findings: Sequence[Finding]) -> dict[str, Verdict]:
    subjects = dict.fromkeys(f.about for f in findings)
    return {about: _of_one([f for f in findings if f.about == about]) for about in subjects}


def _weighed(findings: Sequence[Finding]) -> Verdict:
    """The worst of what is asked about; where two sources differ about the same thing, that is uncertain."""
    verdicts = _by_subject(findings).values()
    worst = next((v for v in (Verdict.OUTSIDE, Verdict.UNCERTAIN) if v in verdicts), None)
    return worst or Verdict.WITHIN


def _of_one(found: list[Finding]) -> Verdict:
    verdicts = {f.verdict for f in found}
    if verdicts == {Verdict.WITHIN}:
        return Verdict.WITHIN
    if Verdict.OUTSIDE in verdicts and Verdict.WITHIN not in verdicts:
        return Verdict.OUTSIDE
    return Verdict.UNCERTAIN
