"""Who can operate, and who is on: authorisations (phase by site) and shifts.

Written by workforce.rota and workforce.phases; read by the pager (whom to page) and by acceptance (who confirms).
"""

from datetime import datetime, time, timedelta
from typing import ClassVar

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeOperators
from django.contrib.postgres.indexes import GistIndex
from django.db import models
from django.db.models import Q
from django.utils import timezone

from network.models import Person, Site
from workforce import draft_rows, rota_rows  # noqa: F401 Django finds the rows of the rota and its drafts here
from workforce.entries import EntryKind, LogbookEntry
from workforce.grades import Phase, Rung, Specialty
from workforce.training import Agreement, Change, ChangeKind, Operator

__all__ = [
    "Agreement",
    "Authorisation",
    "Change",
    "ChangeKind",
    "Duty",
    "EntryKind",
    "LogbookEntry",
    "Operator",
    "Phase",
    "Rung",
    "Shift",
    "Specialty",
]


class Authorisation(models.Model):
    """One person may operate at one hub, in one phase, answered for by a supervisor where the phase asks for one."""

    person = models.ForeignKey(Person, models.PROTECT, related_name="authorisations")
    hub = models.ForeignKey(Site, models.PROTECT, related_name="authorisations")
    specialty = models.CharField(max_length=5, choices=Specialty.choices)
    phase = models.CharField(max_length=12, choices=Phase.choices)
    supervisor = models.ForeignKey(Person, models.PROTECT, null=True, blank=True, related_name="supervises")
    since = models.DateTimeField()
    until = models.DateTimeField(null=True, blank=True, help_text="exclusive; empty while it goes on")
    expires_on = models.DateField(null=True, blank=True, help_text="the last day on which it holds")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["person", "hub"],
                condition=Q(until=None),
                name="one_open_authorisation_a_person_and_hub",
            ),
            models.CheckConstraint(
                condition=Q(phase="independent") | Q(supervisor__isnull=False),
                name="training_names_its_supervisor",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person} at {self.hub}: {self.get_phase_display()}"

    @property
    def ends_at(self) -> datetime | None:
        """When it ends, by a change or by its own expiry; None while it goes on."""
        if self.expires_on is None:
            return self.until
        expiry = timezone.make_aware(datetime.combine(self.expires_on + timedelta(days=1), time.min))
        return min(expiry, self.until) if self.until else expiry


class Duty(models.TextChoices):
    FIRST = "first", "First on call"
    SECOND = "second", "Second on call"
    SUPERVISOR = "supervisor", "Supervisor"
    COORDINATOR = "coordinator", "Coordinator"  # of the hub's whole network, held at one of its hubs


class Shift(models.Model):
    """One person holds one duty at one hub for a stretch of time; two shifts of a duty cannot overlap."""

    hub = models.ForeignKey(Site, models.PROTECT, related_name="shifts")
    duty = models.CharField(max_length=12, choices=Duty.choices)
    person = models.ForeignKey(Person, models.PROTECT, related_name="shifts")
    period = DateTimeRangeField(help_text="[start, end) instants")

    class Meta:
        constraints: ClassVar = [
            ExclusionConstraint(
                name="one_person_a_duty_at_a_time",
                expressions=[
                    ("hub", RangeOperators.EQUAL),
                    ("duty", RangeOperators.EQUAL),
                    ("period", RangeOperators.OVERLAPS),
                ],
            ),
            ExclusionConstraint(
                name="nobody_is_on_call_twice_at_once",
                expressions=[("person", RangeOperators.EQUAL), ("period", RangeOperators.OVERLAPS)],
            ),
            models.CheckConstraint(condition=Q(period__isempty=False), name="a_shift_lasts"),
        ]
        # Who is on at an instant, of whichever hubs: the constraints' indexes begin with one hub or one person.
        indexes: ClassVar = [GistIndex(fields=["period"], name="shifts_by_time")]

    def __str__(self) -> str:
        return f"{self.person}: {self.get_duty_display()} at {self.hub}"
