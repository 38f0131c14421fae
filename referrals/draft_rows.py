"""A referral form that somebody has begun and not sent. Written by referrals.drafts alone.

Imported by referrals.models, so that Django knows it.
"""

from typing import ClassVar

from django.db import models

from network.models import Person, Site


class Draft(models.Model):
    """What one person has typed so far at one spoke; gone once it is sent, or after its time."""

    person = models.ForeignKey(Person, models.CASCADE, related_name="drafts")
    spoke = models.ForeignKey(Site, models.CASCADE, related_name="+")
    said = models.JSONField(help_text="the form's fields as typed; the hubs are ranked anew")
    saved_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["person", "spoke"], name="one_draft_a_person_and_spoke")
        ]

    def __str__(self) -> str:
        return f"draft of {self.person} at {self.spoke}"
