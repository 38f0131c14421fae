"""What a network's hubs make ready for a patient, version by version. Written by referrals.readiness alone."""

from typing import ClassVar

from django.db import models

from network.models import Network, Person


class ReadinessList(models.Model):
    """One version of a network's list; a referral keeps the one with which its hub began."""

    network = models.ForeignKey(Network, models.PROTECT, related_name="readiness_lists")
    version = models.PositiveIntegerField()
    items = models.JSONField(help_text="[{id, label}] in the order of the screen")
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(Person, models.PROTECT, related_name="+")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["network", "version"], name="readiness_lists_are_numbered")
        ]

    def __str__(self) -> str:
        return f"{self.network} v{self.version}"
