"""What a network has decided otherwise than the national default, version by version. Imported by referrals.models.

Written by referrals.rulebook alone; the database refuses to alter or remove a version.
"""

from typing import ClassVar

from django.db import models

from network.models import Network, Person, Site


class HubCriteria(models.Model):
    """How one hub's criteria differ from the national ones, from this version on."""

    hub = models.ForeignKey(Site, models.PROTECT, related_name="criteria")
    version = models.PositiveIntegerField(help_text="1, 2, 3 … of each hub")
    differences = models.JSONField(help_text="clause → its own bounds, or dropped")
    reason = models.CharField(max_length=400)
    by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    written_at = models.DateTimeField()

    class Meta:
        verbose_name_plural = "hub criteria"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["hub", "version"], name="criteria_are_numbered")
        ]

    def __str__(self) -> str:
        return f"criteria of {self.hub}, version {self.version}"


class NetworkTargets(models.Model):
    """A network's own targets, in minutes, from this version on."""

    network = models.ForeignKey(Network, models.PROTECT, related_name="targets")
    version = models.PositiveIntegerField(help_text="1, 2, 3 … of each network")
    minutes = models.JSONField(help_text="target → [amber from, red from], in minutes")
    reason = models.CharField(max_length=400)
    by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    written_at = models.DateTimeField()

    class Meta:
        verbose_name_plural = "network targets"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["network", "version"], name="targets_are_numbered")
        ]

    def __str__(self) -> str:
        return f"targets of {self.network}, version {self.version}"
