"""When somebody wants no message that asks for nothing, and what was kept back from their phone for that.

Written by paging.quiet alone. Imported by paging.models, so that Django knows it.
"""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q


class QuietHours(models.Model):
    """One person's quiet hours, by the clock on the wall; they may go over midnight."""

    person = models.OneToOneField(
        "network.Person", models.CASCADE, primary_key=True, related_name="quiet_hours"
    )
    since = models.TimeField(help_text="Europe/London")
    until = models.TimeField(help_text="exclusive")
    set_at = models.DateTimeField()

    class Meta:
        verbose_name_plural = "quiet hours"
        constraints: ClassVar = [
            models.CheckConstraint(condition=~Q(since=F("until")), name="no_whole_day_is_quiet")
        ]

    def __str__(self) -> str:
        return f"quiet hours of {self.person_id}"


class KeptBack(models.Model):
    """What somebody was not woken for: it stands on their screens until they have seen it."""

    escalation = models.ForeignKey("paging.Escalation", models.PROTECT, related_name="kept_back")
    person = models.ForeignKey("network.Person", models.PROTECT, related_name="+")
    at = models.DateTimeField()
    seen_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["escalation", "person"], name="kept_back_once")
        ]
        indexes: ClassVar = [
            models.Index(fields=["person"], condition=Q(seen_at=None), name="kept_back_and_not_seen")
        ]

    def __str__(self) -> str:
        return f"{self.escalation_id} kept back from {self.person_id}"
