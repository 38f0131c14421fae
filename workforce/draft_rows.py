"""The rows of a rota that is not yet one: what was asked, how far its search is, what it found; and people's wishes.

Written by workforce.drafts and workforce.wishes alone; imported by workforce.models, so that Django knows them.
"""

from typing import ClassVar

from django.contrib.postgres.fields import DateTimeRangeField
from django.db import models
from django.db.models import Q

from network.models import Person, Site


class Purpose(models.TextChoices):
    BUILD = "build", "New rota"
    MEND = "mend", "Cover for somebody away"


class DraftState(models.TextChoices):
    ASKED = "asked", "Waiting"
    SEARCHING = "searching", "Searching"
    FOUND = "found", "Draft"
    IMPOSSIBLE = "impossible", "No rota keeps every rule"
    FAILED = "failed", "Failed"
    PUBLISHED = "published", "Published"
    DISCARDED = "discarded", "Discarded"


UNDER_WAY = (DraftState.ASKED, DraftState.SEARCHING)
READY = (DraftState.FOUND, DraftState.IMPOSSIBLE)


class RotaDraft(models.Model):
    """One rota that was asked for. Nobody is on call by it until somebody publishes it."""

    hub = models.ForeignKey(Site, models.PROTECT, related_name="rota_drafts")
    purpose = models.CharField(max_length=8, choices=Purpose.choices)
    state = models.CharField(max_length=12, choices=DraftState.choices, default=DraftState.ASKED)
    first = models.DateField(help_text="the local day on which it begins")
    weeks = models.PositiveSmallIntegerField()
    keeps = models.BooleanField(help_text="whoever is on already stays on")
    person = models.ForeignKey(
        Person, models.PROTECT, null=True, related_name="+", help_text="who is away, where somebody is"
    )
    asked_by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    period = DateTimeRangeField(help_text="[start, end) instants that the draft is about")
    request = models.JSONField(help_text="what the solver is asked, as its pipe carries it")
    before = models.JSONField(help_text="who was on when it was asked: duty, person, start, end")
    left_out = models.JSONField(default=list, help_text="in words, who could not be considered and why")
    seen_at = models.DateTimeField(null=True, help_text="when the search last gave a sign of life")
    progress = models.JSONField(null=True, help_text="the best so far, as the solver's pipe carries it")
    answer = models.JSONField(null=True, help_text="what was found, as the solver's pipe carries it")
    trouble = models.TextField(blank=True)
    settled_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    settled_at = models.DateTimeField(null=True)
    reason = models.TextField(blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["hub"], condition=Q(state__in=["asked", "searching"]), name="one_search_a_hub"
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["hub", "-id"], name="rota_drafts_of_a_hub")]

    def __str__(self) -> str:
        return f"{self.get_purpose_display()} of {self.hub} from {self.first}: {self.get_state_display()}"


class Wish(models.Model):
    """An operator would like a duty that begins on this day, or would rather have none. No rule, and no leave."""

    person = models.ForeignKey(Person, models.CASCADE, related_name="wishes")
    day = models.DateField()
    wanted = models.BooleanField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["person", "day"], name="one_wish_a_person_and_day"),
        ]

    def __str__(self) -> str:
        return f"{self.person}: {'prefers' if self.wanted else 'rather not'} {self.day}"
