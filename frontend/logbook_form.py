"""What somebody types into their logbook, and what is wrong with it. Reads no rows.

Called by frontend.views.logbook; the entry itself is written by workforce.logbook.
"""

from django import forms

from frontend.operator_forms import NEEDED
from network.models import Site
from workforce.logbook import Written
from workforce.models import EntryKind


class EntryForm(forms.Form):
    """Something that no referral tells of."""

    kind = forms.ChoiceField(label="What", choices=EntryKind.choices, error_messages=NEEDED)
    hub = forms.ChoiceField(label="Where", error_messages=NEEDED)
    on = forms.DateField(
        label="When",
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages=NEEDED,
    )
    count = forms.IntegerField(label="How many", min_value=1, max_value=99, initial=1, error_messages=NEEDED)
    code = forms.CharField(
        label="Referral’s code", max_length=8, required=False, help_text="Where it was one patient of Dido’s."
    )
    evidence = forms.CharField(
        label="Evidence",
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="Certificate, list, who saw it. No patient’s name or number.",
        error_messages=NEEDED,
    )

    def __init__(self, hubs: list[Site], data: object = None) -> None:
        super().__init__(data)  # type: ignore[arg-type]
        field = self.fields["hub"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(hub.code, hub.short_name) for hub in hubs]

    def written(self) -> Written:
        """What was typed."""
        said = self.cleaned_data
        kind, code = EntryKind(said["kind"]), said["code"].strip().upper()
        return Written(kind, said["on"], said["count"], said["evidence"], code)
