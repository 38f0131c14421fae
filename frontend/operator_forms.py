"""What is typed about an operator, and what is wrong with it in a sentence. Reads no rows but the choices it is given.

Called by frontend.views.operators; the changes themselves are made by the workforce's own writers.
"""

from datetime import date

from django import forms

from network.models import Person
from workforce.models import Phase, Specialty
from workforce.operators import Terms

NEEDED = {"required": "This is needed.", "invalid": "Check this: it cannot be read."}


def _words(label: str, *, longest: int = 1000, rows: int = 0, text: str = "") -> forms.CharField:
    widget = forms.Textarea(attrs={"rows": rows}) if rows else forms.TextInput()
    return forms.CharField(
        label=label, max_length=longest, widget=widget, help_text=text, error_messages=NEEDED
    )


def _day(label: str, text: str = "") -> forms.DateField:
    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    return forms.DateField(label=label, widget=widget, help_text=text, error_messages=NEEDED)


class Enrolment(forms.Form):
    """Who begins, and what they are."""

    person = forms.ChoiceField(label="Who", error_messages=NEEDED)
    specialty = forms.ChoiceField(label="Specialty", choices=Specialty.choices, error_messages=NEEDED)

    def __init__(self, people: list[Person], data: object = None) -> None:
        super().__init__(data)  # type: ignore[arg-type]
        field = self.fields["person"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(str(person.pk), person.name) for person in people]


class RungForm(forms.Form):
    """The next rung: when it was reached, and where that is written down."""

    on = _day("Reached on")
    evidence = _words(
        "Evidence", longest=300, text="What was done and who saw it. No patient’s name or number."
    )


class TermsForm(forms.Form):
    """The formal agreement, field by field as the guidance asks for it."""

    employer = _words("Employer", longest=120)
    consultant = _words("Supervising consultant", longest=80)
    centre = _words("Training centre", longest=120)
    starts_on = _day("From")
    months = forms.IntegerField(
        label="Likely duration, months", min_value=1, max_value=60, error_messages=NEEDED
    )
    sessions_a_week = forms.DecimalField(
        label="Sessions a week",
        min_value=0.5,
        max_value=14,
        decimal_places=1,
        error_messages=NEEDED,
    )
    in_hours = _words("Attends in office hours", longest=200)
    out_of_hours = _words("Attends out of hours", longest=200)
    completion = _words("What has to be shown at the end", rows=3)
    backfill = _words("Backfill and support", rows=3)

    def terms(self) -> Terms:
        """What was typed."""
        return Terms(**self.cleaned_data)


class SupervisorForm(forms.Form):
    """Who answers for them."""

    supervisor = forms.ChoiceField(label="Supervisor", error_messages=NEEDED)

    def __init__(self, people: list[Person], data: object = None) -> None:
        super().__init__(data)  # type: ignore[arg-type]
        field = self.fields["supervisor"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(str(person.pk), person.name) for person in people]


class ReviewForm(forms.Form):
    """It was looked at, and is looked at again."""

    next_on = _day("Next review")
    note = forms.CharField(label="What was found", max_length=300, required=False)


class SignForm(forms.Form):
    """A signature; only the medical director names the reference and the days."""

    grounds = _words("What this is based on", rows=3, text="What was seen, and where it is written down.")
    reference = _words("Governance’s reference", longest=60)
    expires_on = _day("Holds until")
    review_on = _day("Looked at again on")

    def __init__(self, *, as_director: bool, data: object = None) -> None:
        super().__init__(data)  # type: ignore[arg-type]
        if not as_director:
            for name in ("reference", "expires_on", "review_on"):
                del self.fields[name]


class BackForm(forms.Form):
    """Closer supervision, or none of it any more."""

    phase = forms.ChoiceField(label="From now on", error_messages=NEEDED)
    supervisor = forms.ChoiceField(label="Who answers for them", required=False)
    reason = _words("Why", longest=300)

    def __init__(self, *, phases: list[Phase], people: list[Person], data: object = None) -> None:
        super().__init__(data)  # type: ignore[arg-type]
        chosen, answers = self.fields["phase"], self.fields["supervisor"]
        assert isinstance(chosen, forms.ChoiceField) and isinstance(answers, forms.ChoiceField)
        chosen.choices = [*((p.value, p.label) for p in phases), ("none", "Does not operate here any more")]
        answers.choices = [(str(person.pk), person.name) for person in people]
        if not people:
            del self.fields["supervisor"]


def iso(day: date | None) -> str:
    """A day as a date field takes it."""
    return day.isoformat() if day else ""
