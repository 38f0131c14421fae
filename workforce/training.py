"""How somebody becomes an operator at a hub: the rung reached, the agreement, who answers for them, and every change.

Changes and agreements can be added and read, and nothing else: the database refuses the rest. Written by
workforce.phases, workforce.operators and workforce.sign_offs, through workforce.changes.
"""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from network.models import Person, Site
from workforce.grades import Rung, Specialty


class Operator(models.Model):
    """One person at one hub, on the way to operating there alone. What they may do is in their authorisation."""

    person = models.ForeignKey(Person, models.PROTECT, related_name="operates")
    hub = models.ForeignKey(Site, models.PROTECT, related_name="operators")
    specialty = models.CharField(max_length=5, choices=Specialty.choices)
    rung = models.CharField(
        max_length=12, blank=True, choices=Rung.choices, help_text="the highest reached; empty: none yet"
    )
    supervisor = models.ForeignKey(Person, models.PROTECT, null=True, blank=True, related_name="answers_for")
    review_on = models.DateField(null=True, blank=True, help_text="when the arrangement is looked at again")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["person", "hub"], name="one_operator_a_person_and_hub"),
            models.CheckConstraint(
                condition=Q(supervisor=None) | ~Q(supervisor=models.F("person")),
                name="nobody_supervises_themselves",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person} at {self.hub}"


class ChangeKind(models.TextChoices):
    ENROLLED = "enrolled", "Enrolled"
    RUNG = "rung", "Rung reached"
    AGREED = "agreed", "Agreement"
    SUPERVISOR = "supervisor", "Supervisor named"
    SIGNED = "signed", "Signed off"
    AUTHORISED = "authorised", "Authorised"
    SET_BACK = "set_back", "Set back"
    REVIEWED = "reviewed", "Reviewed"
    ENDED = "ended", "Ended"


class Change(models.Model):
    """What was changed about an operator: who, what, when it happened, when it was written. Append-only."""

    operator = models.ForeignKey(Operator, models.PROTECT, related_name="changes")
    number = models.PositiveIntegerField(help_text="1, 2, 3 … for each operator")
    kind = models.CharField(max_length=12, choices=ChangeKind.choices)
    by = models.ForeignKey(
        Person, models.PROTECT, null=True, related_name="+", help_text="empty: taken over from the records"
    )
    at = models.DateTimeField(help_text="from when it holds")
    written_at = models.DateTimeField(help_text="when it was written down")
    details = models.JSONField(default=dict)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["operator", "number"], name="changes_are_numbered")
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.kind} of {self.operator_id}"


class Agreement(models.Model):
    """The formal agreement on somebody's training; the newest of an operator holds. Append-only."""

    operator = models.ForeignKey(Operator, models.PROTECT, related_name="agreements")
    employer = models.CharField(max_length=120)
    consultant = models.CharField(max_length=80, help_text="the supervising consultant")
    centre = models.CharField(max_length=120, help_text="where the training takes place")
    starts_on = models.DateField()
    months = models.PositiveSmallIntegerField(help_text="likely duration, months")
    sessions_a_week = models.DecimalField(max_digits=3, decimal_places=1)
    completion = models.TextField(help_text="what has to be shown at the end")
    backfill = models.TextField(help_text="who does their other work meanwhile, and who helps")
    in_hours = models.CharField(max_length=200, help_text="when they attend in office hours")
    out_of_hours = models.CharField(max_length=200, help_text="when they attend outside office hours")
    made_by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    made_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(months__gte=1, months__lte=60), name="months_1_to_60"),
            models.CheckConstraint(
                condition=Q(sessions_a_week__gt=0, sessions_a_week__lte=14), name="sessions_up_to_14"
            ),
        ]

    def __str__(self) -> str:
        return f"agreement of {self.operator}, {self.starts_on}"
