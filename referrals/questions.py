"""The hub's usual questions and what the spoke answers to each: typed, checked, and said again in a ward's words.

Pure but for the clock that it is given. Used by referrals.remarks (to keep an answer) and by the screens (to ask with
one tap). Which questions: what hubs ask by phone before they accept; Dido's own list, to be added to here.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import TextChoices
from django.utils import timezone

from network import digits
from referrals import states, typed
from referrals.refusals import BadInput

LONGEST_AGO = timedelta(days=14)


class Topic(TextChoices):
    PERFUSION = "perfusion", "Perfusion"
    BLOOD_PRESSURE = "blood_pressure", "Blood pressure"
    ANTICOAGULANT = "anticoagulant", "Anticoagulant"
    WISHES = "wishes", "Family’s wishes"


class Treated(TextChoices):
    YES = "yes", "Being lowered"
    NO = "no", "Not treated"


class Wishes(TextChoices):
    WANTS = "wants", "Wants the procedure"
    UNDECIDED = "undecided", "Undecided"
    AGAINST = "against", "Does not want it"
    NOT_REACHED = "not_reached", "Nobody reached yet"


@dataclass(frozen=True)
class Part:
    """One thing that an answer may say: a choice, a whole number within limits, or a moment."""

    name: str
    label: str
    choices: type[TextChoices] | None = None
    lowest: int = 0
    highest: int = 0  # 0: no number
    unit: str = ""

    @property
    def is_moment(self) -> bool:
        return self.choices is None and not self.highest

    @property
    def kind(self) -> str:
        """How it is typed."""
        if self.choices is not None:
            return "text"
        return "datetime-local" if self.is_moment else "number"

    def read(self, said: str, *, now: datetime) -> str | int:
        """What was typed, as it is kept; BadInput with a sentence."""
        if self.choices is not None:
            if said not in self.choices.values:
                raise BadInput({self.name: f"{self.label} must be one of: {', '.join(self.choices.values)}."})
            return said
        return self._moment(said, now) if self.is_moment else self._number(said)

    def _number(self, said: str) -> int:
        number = digits.whole(said)
        if number is not None and self.lowest <= number <= self.highest:
            return number
        limits = f"from {self.lowest} to {self.highest} {self.unit}".strip()
        raise BadInput({self.name: f"{self.label} is a whole number {limits}."})

    def _moment(self, said: str, now: datetime) -> str:
        moment = typed.moment(said, now=now)
        if moment is None:
            raise BadInput({self.name: f"{self.label}: write a date and time like 2026-11-21 02:30."})
        if not now - LONGEST_AGO <= moment <= now + typed.CLOCKS_DIFFER:
            raise BadInput({self.name: f"{self.label}: check the date and time."})
        return moment.isoformat()


@dataclass(frozen=True)
class Question:
    """One of the usual questions."""

    topic: Topic
    text: str
    parts: tuple[Part, ...]
    words: Callable[[Mapping[str, Any]], str]  # of what was kept


def _label(choices: type[TextChoices], value: Any) -> str:
    return str(choices(value).label).lower() if value else ""


def _joined(*pieces: str) -> str:
    return ", ".join(piece for piece in pieces if piece)


def _perfusion(said: Mapping[str, Any]) -> str:
    volume = f"{said['mismatch_ml']} mL" if "mismatch_ml" in said else ""
    return _joined(_label(states.Perfusion, said.get("perfusion")), volume)


def _pressure(said: Mapping[str, Any]) -> str:
    upper, lower = said.get("systolic"), said.get("diastolic")
    figures = f"{upper or '?'}/{lower or '?'} mmHg" if upper or lower else ""
    return _joined(figures, _label(Treated, said.get("pressure_treated")))


def _anticoagulant(said: Mapping[str, Any]) -> str:
    taken = ""
    if at := said.get("dose_at"):
        # With the date: it may be two weeks ago, and two days or nine make the difference.
        taken = f"last taken {timezone.localtime(datetime.fromisoformat(at)):%a %-d %b %H:%M}"
    return _joined(_label(states.Anticoagulant, said.get("anticoagulant")), taken)


QUESTIONS = {
    question.topic.value: question
    for question in (
        Question(
            Topic.PERFUSION,
            "What does perfusion show?",
            (
                Part("perfusion", "Perfusion or MR", states.Perfusion),
                Part("mismatch_ml", "Mismatch", highest=999, unit="mL"),
            ),
            _perfusion,
        ),
        Question(
            Topic.BLOOD_PRESSURE,
            "What is the blood pressure now?",
            (
                Part("systolic", "Systolic", lowest=40, highest=300, unit="mmHg"),
                Part("diastolic", "Diastolic", lowest=20, highest=200, unit="mmHg"),
                Part("pressure_treated", "Treatment", Treated),
            ),
            _pressure,
        ),
        Question(
            Topic.ANTICOAGULANT,
            "Which anticoagulant, and when was it last taken?",
            (
                Part("anticoagulant", "Anticoagulant", states.Anticoagulant),
                Part("dose_at", "When it was last taken"),
            ),
            _anticoagulant,
        ),
        Question(
            Topic.WISHES,
            "What do the patient and the family want?",
            (Part("wishes", "The patient or the family", Wishes),),
            lambda said: _label(Wishes, said.get("wishes")),
        ),
    )
}
PARTS = {part.name: part for question in QUESTIONS.values() for part in question.parts}


def read(topic: str, said: Mapping[str, str], *, now: datetime) -> dict[str, str | int]:
    """What an answer says of this topic, as it is kept; BadInput with a sentence for each part that is wrong."""
    known = {part.name: part for part in QUESTIONS[topic].parts} if topic else {}
    faults = {
        name: "This is no answer to that question."
        for name, value in said.items()
        if value and name not in known
    }
    kept: dict[str, str | int] = {}
    for name, part in known.items():
        try:
            if said.get(name):
                kept[name] = part.read(said[name], now=now)
        except BadInput as bad:
            faults |= bad.fields
    if faults:
        raise BadInput(faults)
    return kept


def in_words(topic: str, said: Mapping[str, Any], text: str = "") -> str:
    """An answer as people say it: “150/90 mmHg, being lowered. Labetalol given.”"""
    words = QUESTIONS[topic].words(said) if topic in QUESTIONS else ""
    words = words[:1].upper() + words[1:]
    return f"{words}. {text}" if words and text else words or text
