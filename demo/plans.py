"""What is to become of one patient: drawn once from the published figures, kept in the patient's row.

Called by the director. A plan says how long people take, what they answer and how it ends; what is really done
next is decided from the referral as it stands.
"""

from dataclasses import asdict, dataclass, field
from datetime import timedelta
from random import Random
from typing import Any, Self

from demo import published

LEAST_TO_DEPART = 15  # minutes from the request to door out, at the very least
SLEEPS_THROUGH = 150  # seconds; the text did not wake them, and the call comes before
PATIENCE_OF_STARS = 75  # seconds that a visitor has before the director answers for one of the cast
ENDS_AT = {
    "stand_down": ("accepted", "ambulance_requested", "ambulance_requested", "departed"),
    "record_death": ("departed", "arrived", "puncture", "puncture"),
}


@dataclass
class Answer:
    """What one hub says to its offer."""

    kind: str  # accept or decline
    reason: str = ""  # of a decline
    by_text: bool = True  # by replying to the page; else on the screen
    unanswered: int = 0  # so many people who were paged do not answer
    seconds: int = 30  # from the page of whoever answers to the answer
    trainee: bool = False  # somebody under direct supervision takes it, supervisor to confirm
    no_signal: bool = False  # the first on call is out of reach for a while


@dataclass
class Plan:
    """The rest of one patient's way."""

    seed: int
    home: bool
    minutes: dict[str, float]  # until each verb, from the step before, as in real life
    said: dict[str, str]  # what the verbs will be told: category, cad, mtici, reasons
    state: str = ""  # the state for which the next step was last put in the diary
    outcome: str = "treated"
    ends_at: str = ""  # the state at which an outcome other than treated happens
    answers: list[Answer] = field(default_factory=list)
    confirms: bool = True
    facts: dict[str, Any] = field(default_factory=dict)  # of a pre-alerted patient, as first said
    texted: list[int] = field(default_factory=list)  # whose phones the director answered
    dark: str = ""  # the number that the director took the signal from
    dark_until: str = ""
    refused: int = 0
    crew: int = 0  # how often the director pressed as the ambulance's crew

    @classmethod
    def of(cls, row: dict[str, Any]) -> Self:
        """The plan as it is kept in the row."""
        return cls(**{**row, "answers": [Answer(**answer) for answer in row["answers"]]})

    def row(self) -> dict[str, Any]:
        """The plan as it is kept."""
        return asdict(self)

    def rng(self, what: str) -> Random:
        """Random numbers for one decision, the same whenever it is taken."""
        return Random(f"{self.seed}:{what}")  # noqa: S311 - plays dice, guards nothing

    def answer(self, number: int) -> Answer:
        """What the hub of the patient's nth offer says; the last one goes on for good."""
        return self.answers[min(number, len(self.answers) - 1)]


def draw(seed: int, *, home: bool, door_in: timedelta) -> Plan:
    """A plan for the patient of this seed, who has been in the first hospital for so long."""
    rng = Random(f"{seed}:plan")  # noqa: S311 - plays dice, guards nothing
    outcome = published.choose(rng, "outcome")
    said = {
        "category": published.choose(rng, "category"),
        "cad": f"{rng.choice('ABCDEFGH')}{rng.randrange(10**6):06d}",
        "mtici": published.choose(rng, "mtici"),
        "withdraw": published.choose(rng, "withdraw"),
        "end": published.choose(rng, outcome) if outcome in {"not_treat", "stand_down"} else "",
    }
    return Plan(
        seed=seed,
        home=home,
        minutes=_minutes(rng, door_in.total_seconds() / 60),
        said=said,
        outcome=outcome,
        ends_at={"not_treat": "arrived"}.get(outcome) or rng.choice(ENDS_AT.get(outcome, ("",))),
        answers=_answers(rng, home=home),
        confirms=rng.random() < 0.9,
    )


def _minutes(rng: Random, so_far: float) -> dict[str, float]:
    """Minutes until each verb, from the step before it."""
    to_ambulance = published.minutes(rng, "referral_to_ambulance")
    door_out = published.intervals()["door_in_door_out"].draw_above(
        rng, so_far + to_ambulance + LEAST_TO_DEPART
    )
    return {
        "refer": rng.uniform(8, 16),
        "re_offer": rng.uniform(4, 9),
        "request_ambulance": to_ambulance,
        "depart": max(LEAST_TO_DEPART, door_out - so_far - to_ambulance),
        "arrive": published.minutes(rng, "conveyance"),
        "puncture": published.minutes(rng, "hub_door_to_puncture"),
        "end_procedure": published.minutes(rng, "puncture_to_end"),
        "request_repatriation": published.minutes(rng, "treated_to_bed_request"),
        "repatriate": published.minutes(rng, "bed_request_to_return"),
    }


def _answers(rng: Random, *, home: bool) -> list[Answer]:
    """What the first hub says, and what the next ones say if it does not take the patient."""
    first = _answer(rng, accepts=0.86 if home else 0.8)
    if not home:
        first.no_signal = rng.random() < 0.08
    return [first, _answer(rng, accepts=0.85), _answer(rng, accepts=1.0)]


def _answer(rng: Random, *, accepts: float) -> Answer:
    unanswered = rng.choices((0, 1, 3), (76, 18, 6))[0]
    seconds = rng.choices((rng.randint(18, 70), SLEEPS_THROUGH), (78, 22))[0]
    by_text = rng.random() < 0.65
    if rng.random() >= accepts:
        return Answer(
            "decline", published.choose(rng, "decline"), by_text and rng.random() < 0.4, unanswered, seconds
        )
    return Answer("accept", "", by_text, unanswered, seconds, trainee=rng.random() < 0.14)
