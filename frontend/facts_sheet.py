"""How the facts of a patient are laid out on the referral form: in which order, and how each is typed.

Called by frontend.views.refer; what is right or wrong is decided by referrals.facts alone. Pure.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.forms import BoundField
from django.utils import timezone

from referrals import eligibility, facts
from referrals.facts import Stage

KINDS = {
    "date_of_birth": "date",
    "sex": "choice",
    "onset_kind": "choice",
    "onset_at": "moment",
    "arrived_at": "moment",
    "nihss": "score",
    "prestroke_mrs": "choice",
    "cta_at": "moment",
    "occlusion": "choice",
    "side": "choice",
    "aspects": "score",
    "perfusion": "choice",
    "mismatch_ml": "score",
    "thrombolysis": "choice",
    "thrombolysis_at": "moment",
    "no_thrombolysis_reason": "choice",
    "anticoagulant": "choice",
    "callback": "phone",
    "note": "note",
}
MODES = {
    "nhs_number": "numeric",
    "nihss": "numeric",
    "aspects": "numeric",
    "mismatch_ml": "numeric",
    "callback": "tel",
}
HELP = {
    "nhs_number": "May follow later. Ten digits.",
    "date_of_birth": "dd/mm/yyyy",
    "nihss": "0 to 42",
    "aspects": "0 to 10",
    "perfusion": "CT perfusion or diffusion MR. Asked for beyond 6 h, and for a basilar clot.",
    "prestroke_mrs": "0 no symptoms, 3 needs some help, 5 bedbound",
    "callback": "Where the hub reaches you now.",
    "note": "For instance blood pressure, airway, allergies, what the family wants.",
}
# Asked only when another answer makes it a question; the form works without this, the screen is shorter with it.
SHOWN_WHEN = {
    "onset_at": ("onset_kind", "witnessed last_known_well"),
    "side": ("occlusion", "ICA M1 M2 other"),
    "mismatch_ml": ("perfusion", "mismatch"),
    "thrombolysis_at": ("thrombolysis", "given"),
    "no_thrombolysis_reason": ("thrombolysis", "not_given"),
}
JUDGED_FROM = ("onset_at", "occlusion", "nihss")  # one of these is known before anything is judged
PATIENT = ("family_name", "given_name", "date_of_birth", "sex", "nhs_number")
STROKE = ("arrived_at", "onset_kind", "onset_at", "nihss", "prestroke_mrs", "anticoagulant")
SCAN = (
    *("cta_at", "aspects", "occlusion", "side", "perfusion", "mismatch_ml"),
    *("thrombolysis", "thrombolysis_at", "no_thrombolysis_reason"),
)
REACH = ("callback", "note")


@dataclass(frozen=True)
class Option:
    """One of the answers to press."""

    value: str
    label: str
    ticked: bool


@dataclass(frozen=True)
class Question:
    """One fact as it is asked: what was typed, and what is wrong with it."""

    name: str
    label: str
    kind: str
    value: str
    fault: str
    needed: bool
    help: str
    mode: str
    options: tuple[Option, ...]
    depends_on: str
    depends_values: str


@dataclass(frozen=True)
class Section:
    """Questions that are answered together."""

    key: str
    title: str
    questions: tuple[Question, ...]


def sections(
    typed: Mapping[str, Any] | None,
    *,
    initial: Mapping[str, Any],
    faults: Mapping[str, str],
    stage: Stage,
    now: datetime,
) -> list[Section]:
    """The whole form: with what was typed, or with what is known before anything was."""
    form = facts.FactsForm(typed, stage=stage, now=now, initial=dict(initial))

    def ask(names: tuple[str, ...]) -> tuple[Question, ...]:
        return tuple(
            _question(form[name], faults.get(name, ""), name in facts.NEEDED[stage]) for name in names
        )

    return [
        Section("patient", "The patient", ask(PATIENT)),
        Section("stroke", "The stroke", ask(STROKE)),
        Section("scan", "Scan and thrombolysis", ask(SCAN)),
        Section("reach", "Reaching you", ask(REACH)),
    ]


def judged(typed: Mapping[str, Any], *, now: datetime) -> dict[str, Any] | None:
    """What the criteria ask for, as far as it is typed and can be; None before anything of it is."""
    form = facts.FactsForm(typed, stage=Stage.AMEND, now=now)
    form.is_valid()
    found = {name: form.cleaned_data.get(name) for name in eligibility.JUDGED_BY}
    return found if any(found[name] not in {None, ""} for name in JUDGED_FROM) else None


def label(name: str) -> str:
    """The name of a question, for the list of what is wrong."""
    return str(facts.FactsForm.base_fields[name].label) if name in facts.FactsForm.base_fields else ""


def _question(bound: BoundField, fault: str, needed: bool) -> Question:
    value = _as_typed(bound.value())
    depends_on, depends_values = SHOWN_WHEN.get(bound.name, ("", ""))
    kind = KINDS.get(bound.name, "words")
    return Question(
        name=bound.name,
        label=str(bound.label),
        kind=kind,
        value=value,
        fault=fault,
        needed=needed,
        help=HELP.get(bound.name, ""),
        mode=MODES.get(bound.name, ""),
        options=_options(bound, value) if kind == "choice" else (),
        depends_on=depends_on,
        depends_values=depends_values,
    )


def _options(bound: BoundField, value: str) -> tuple[Option, ...]:
    if bound.name == "prestroke_mrs":
        answers = [(str(score), str(score)) for score in range(6)]
    else:
        answers = [(str(v), str(text)) for v, text in getattr(bound.field, "choices", ()) if v]
    return tuple(Option(v, text, v == value) for v, text in answers)


def _as_typed(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        local = timezone.localtime(value) if timezone.is_aware(value) else value
        return local.strftime("%Y-%m-%dT%H:%M")
    return value.strftime("%d/%m/%Y") if isinstance(value, date) else str(value)
