"""When a hub takes patients: its weekly hours, closures, and closures that ended early. Written by network.hours.

Rows are only ever added (the database refuses to alter them); imported by network.models, so that Django knows them.
"""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q


class OpeningHours(models.Model):
    """One week of a hub, for referrals of one network or of all, from a day on; the last one written holds."""

    hub = models.ForeignKey("network.Site", models.PROTECT, related_name="hours")
    network = models.ForeignKey(
        "network.Network",
        models.PROTECT,
        null=True,
        related_name="+",
        help_text="whose referrals; empty: everybody else's",
    )
    since = models.DateField(help_text="the first day, in London")
    until = models.DateField(null=True, help_text="the day after the last one; empty while it goes on")
    weekly = models.JSONField(help_text="Monday to Sunday: lists of [from, to, be there by or empty]")
    source = models.CharField(max_length=200, blank=True, help_text="who published it, for what was loaded")
    reason = models.CharField(max_length=400, blank=True, help_text="why it was changed here")
    by = models.ForeignKey("network.Person", models.PROTECT, null=True, related_name="+")
    written_at = models.DateTimeField()

    class Meta:
        verbose_name_plural = "opening hours"
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(until=None) | Q(until__gt=F("since")), name="hours_hold_a_day")
        ]

    def __str__(self) -> str:
        return f"hours of {self.hub} from {self.since}"


class Closure(models.Model):
    """A hub takes nobody, from when until when, and why."""

    hub = models.ForeignKey("network.Site", models.PROTECT, related_name="closures")
    since = models.DateTimeField()
    until = models.DateTimeField(help_text="exclusive")
    reason = models.CharField(max_length=400)
    by = models.ForeignKey("network.Person", models.PROTECT, related_name="+")
    written_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(until__gt=F("since")), name="a_closure_lasts")
        ]
        indexes: ClassVar = [models.Index(fields=["hub", "until"], name="closures_ahead")]

    def __str__(self) -> str:
        return f"{self.hub} closed from {self.since} until {self.until}"


class Reopening(models.Model):
    """A closure ended before its time."""

    closure = models.OneToOneField(Closure, models.PROTECT, related_name="reopening")
    at = models.DateTimeField()
    reason = models.CharField(max_length=400)
    by = models.ForeignKey("network.Person", models.PROTECT, related_name="+")

    def __str__(self) -> str:
        return f"{self.closure.hub} open again at {self.at}"
