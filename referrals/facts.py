"""What may be said of a patient: one form for the screen and the API, with an answer to each wrong value.

Pure but for the clock that it is given. The verbs keep only what this form has cleaned.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

import phonenumbers
from django import forms
from django.utils import timezone

from referrals import nhs_number, states, typed
from referrals.refusals import BadInput

NAMES = (
    "nhs_number", "family_name", "given_name", "date_of_birth", "sex", "onset_at", "onset_kind", "arrived_at", "nihss",
    "prestroke_mrs", "cta_at", "occlusion", "side", "aspects", "perfusion", "mismatch_ml", "thrombolysis",
    "thrombolysis_at", "no_thrombolysis_reason", "anticoagulant", "callback", "note",
)  # fmt: skip
TIMES = ("onset_at", "arrived_at", "cta_at", "thrombolysis_at")
OLDEST = timedelta(days=14)  # a time older than this is a slip of the date
MAX_AGE_YEARS = 125
MAX_NOTE = 4000


class Stage(StrEnum):
    """How much must be known."""

    PRE_ALERT = "pre_alert"
    REFER = "refer"
    ADMIT = "admit"  # came straight to the hub
    AMEND = "amend"


IDENTITY = {"family_name", "given_name", "date_of_birth", "sex"}
NEEDED = {
    Stage.PRE_ALERT: {"arrived_at", "callback"},
    Stage.REFER: IDENTITY | {"onset_kind", "arrived_at", "nihss", "cta_at", "occlusion", "callback"},
    Stage.ADMIT: IDENTITY | {"onset_kind", "arrived_at", "nihss"},
    Stage.AMEND: set(),
}
MISSING = {
    "family_name": "Give the family name.",
    "given_name": "Give the first name.",
    "date_of_birth": "Give the date of birth.",
    "sex": "Say the patient's sex, or that it is not known.",
    "onset_kind": "Say how the onset is known: seen to begin, last known well, or woke up with it.",
    "arrived_at": "Give the time of arrival at your door.",
    "nihss": "Give the NIHSS.",
    "cta_at": "Give the time of the CT angiogram.",
    "occlusion": "Say where the clot is.",
    "callback": "Give a number on which the hub can ring you back.",
}


def _choice(label: str, choices: Any) -> forms.ChoiceField:
    wrong = f"{label} must be one of: {', '.join(choices.values)}."
    return forms.ChoiceField(
        label=label,
        choices=[("", "—"), *choices.choices],
        required=False,
        error_messages={"invalid_choice": wrong},
    )


def _score(label: str, highest: int) -> forms.IntegerField:
    wrong = f"{label} is a whole number from 0 to {highest}."
    messages = {"invalid": wrong, "min_value": wrong, "max_value": wrong}
    return forms.IntegerField(
        label=label, min_value=0, max_value=highest, required=False, error_messages=messages
    )


def _moment(label: str) -> typed.Moment:
    wrong = f"{label}: this is not a date and time. Write it like 2026-11-21 02:30."
    return typed.Moment(
        label=label,
        required=False,
        error_messages={"invalid": wrong, "ambiguous_timezone": wrong},
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )


def _words(label: str, longest: int, **attrs: str) -> forms.CharField:
    return forms.CharField(
        label=label,
        max_length=longest,
        required=False,
        error_messages={"max_length": f"{label} is too long: at most {longest:,} characters."},
        widget=forms.TextInput(attrs={"autocomplete": "off", **attrs}),
    )


class FactsForm(forms.Form):
    """The facts of one patient, as typed; `stage` says what must be there and `now` what lies in the future."""

    nhs_number = _words("NHS number", 16, inputmode="numeric")
    family_name = _words("Family name", 80)
    given_name = _words("First name", 80)
    date_of_birth = forms.DateField(
        label="Date of birth",
        required=False,
        error_messages={"invalid": "Date of birth: this is not a date. Write it like 1950-01-31."},
        widget=forms.DateInput(attrs={"type": "date", "autocomplete": "off"}, format="%Y-%m-%d"),
    )
    sex = _choice("Sex", states.Sex)
    onset_kind = _choice("How the onset is known", states.OnsetKind)
    onset_at = _moment("Onset, or last known well")
    arrived_at = _moment("Arrived at your door")
    nihss = _score("NIHSS", 42)
    prestroke_mrs = _score("mRS before the stroke", 5)
    cta_at = _moment("CT angiogram")
    occlusion = _choice("Where the clot is", states.Occlusion)
    side = _choice("Side", states.Side)
    aspects = _score("ASPECTS", 10)
    perfusion = _choice("Perfusion or MR", states.Perfusion)
    mismatch_ml = _score("Mismatch in mL", 999)
    thrombolysis = _choice("Thrombolysis", states.Thrombolysis)
    thrombolysis_at = _moment("Thrombolysis given at")
    no_thrombolysis_reason = _choice("Why not", states.NoThrombolysis)
    anticoagulant = _choice("Anticoagulant", states.Anticoagulant)
    callback = _words("Ring back on", 24, inputmode="tel")
    note = forms.CharField(
        label="Anything else",
        required=False,
        max_length=MAX_NOTE,
        error_messages={
            "max_length": f"The note is too long: at most {MAX_NOTE:,} characters. Shorten it; nothing is lost."
        },
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def __init__(
        self,
        data: Mapping[str, Any] | None = None,
        *,
        stage: Stage,
        now: datetime,
        since: datetime | None = None,
        **options: Any,
    ) -> None:
        super().__init__(data, **options)
        self.stage = stage
        self.now = now
        self.oldest = min(since or now, now) - OLDEST
        for name in TIMES:
            moment = self.fields[name]
            assert isinstance(moment, typed.Moment)
            moment.now = now
        for name in NEEDED[stage]:
            self.fields[name].required = True
            self.fields[name].error_messages["required"] = MISSING[name]
        for name in self.fields:
            self.fields[name].error_messages["null_characters_not_allowed"] = (
                "This holds a character that cannot be kept."
            )

    def clean_nhs_number(self) -> str:
        number = nhs_number.digits(self.cleaned_data["nhs_number"])
        if number and not nhs_number.is_valid(number):
            raise forms.ValidationError(
                "This is not a valid NHS number: check the ten digits, or leave it empty until you know it."
            )
        return number

    def clean_callback(self) -> str:
        typed = self.cleaned_data["callback"]
        if not typed:
            return ""
        try:
            number = phonenumbers.parse(typed, "GB")
        except phonenumbers.NumberParseException:
            number = None
        if number is None or not phonenumbers.is_possible_number(number):
            raise forms.ValidationError("This is not a telephone number: write it like 0151 496 0123.")
        return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)

    def clean_date_of_birth(self) -> Any:
        born = self.cleaned_data["date_of_birth"]
        today = timezone.localdate(self.now)
        if born and born > today:
            raise forms.ValidationError("The date of birth lies in the future.")
        if born and born.year < today.year - MAX_AGE_YEARS:
            raise forms.ValidationError("Check the year of birth.")
        return born

    def clean(self) -> dict[str, Any]:
        for name in TIMES:
            self._check_moment(name)
        self._check_onset()
        self._check_order(
            "cta_at", "arrived_at", "The CT angiogram is before the arrival at your door. Check both times."
        )
        self._check_order(
            "thrombolysis_at", "onset_at", "Thrombolysis is before the onset. Check both times."
        )
        self._check_side()
        self._check_thrombolysis()
        return self.cleaned_data

    def _check_moment(self, name: str) -> None:
        moment = self.cleaned_data.get(name)
        label = str(self.fields[name].label)
        if moment and moment > self.now + typed.CLOCKS_DIFFER:
            self.add_error(name, f"{label} lies in the future. Check the date and time.")
        elif moment and moment < self.oldest:
            self.add_error(name, f"{label} is more than {OLDEST.days} days ago. Check the date.")

    def _check_onset(self) -> None:
        kind = self.cleaned_data.get("onset_kind")
        if (
            kind
            and kind != states.OnsetKind.WAKE_UP
            and not self.cleaned_data.get("onset_at")
            and "onset_at" not in self.errors
        ):
            self.add_error("onset_at", "Give the time of onset, or when the patient was last known well.")

    def _check_order(self, later: str, earlier: str, sentence: str) -> None:
        after, before = self.cleaned_data.get(later), self.cleaned_data.get(earlier)
        if after and before and after < before:
            self.add_error(later, sentence)

    def _check_side(self) -> None:
        needs_side = self.cleaned_data.get("occlusion") in {
            states.Occlusion.ICA,
            states.Occlusion.M1,
            states.Occlusion.M2,
        }
        if needs_side and not self.cleaned_data.get("side") and "side" not in self.errors:
            self.add_error("side", "Say which side the clot is on.")

    def _check_thrombolysis(self) -> None:
        said = self.cleaned_data.get("thrombolysis")
        untimed = not self.cleaned_data.get("thrombolysis_at") and "thrombolysis_at" not in self.errors
        if said == states.Thrombolysis.GIVEN and untimed:
            self.add_error("thrombolysis_at", "Give the time of thrombolysis.")
        unsaid = (
            not self.cleaned_data.get("no_thrombolysis_reason")
            and "no_thrombolysis_reason" not in self.errors
        )
        if said == states.Thrombolysis.NOT_GIVEN and unsaid:
            self.add_error("no_thrombolysis_reason", "Say why thrombolysis was not given.")

    def faults(self) -> dict[str, str]:
        """A sentence for each field that is wrong or missing."""
        return {name: " ".join(str(e) for e in errors) for name, errors in self.errors.items()}


def check(
    said: Mapping[str, Any], *, stage: Stage, now: datetime, since: datetime | None = None
) -> dict[str, Any]:
    """The cleaned facts, or BadInput with a sentence for each field; an unknown field is a fault too.

    `since`: when the patient was entered, where that was before now; a time may be so much older.
    """
    texts = {name: typed.text_of(value) for name, value in said.items() if name in NAMES}
    faults = {name: f"There is no field called “{name[:40]}”." for name in said if name not in NAMES}
    faults |= {name: f"{name} must be a text or a number." for name, text in texts.items() if text is None}
    form = FactsForm({name: text or "" for name, text in texts.items()}, stage=stage, now=now, since=since)
    if not form.is_valid() or faults:
        raise BadInput({**form.faults(), **faults})
    return {name: form.cleaned_data[name] for name in NAMES}
