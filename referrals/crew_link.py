"""The secret link of an ambulance's crew: which referral it opens, since when and until when.

Written by referrals.crew alone. The secret itself is in no row: see there.
"""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from network.models import Person
from referrals.referral import Referral


class CrewLink(models.Model):
    """One link for whoever drives the patient; it opens as little as a crew needs."""

    referral = models.ForeignKey(Referral, models.PROTECT, related_name="crew_links")
    seed = models.CharField(
        max_length=32, unique=True, help_text="with the installation's key it makes the secret"
    )
    digest = models.CharField(max_length=64, unique=True, help_text="SHA-256 of the secret")
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    heard_at = models.DateTimeField(null=True, help_text="when a phone last had it open")
    ended_at = models.DateTimeField(null=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["referral"], condition=Q(ended_at=None), name="open_crew_links")
        ]

    def __str__(self) -> str:
        return f"crew link {self.pk} of {self.referral_id}"
