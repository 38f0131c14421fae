"""Who was disabled, let in again, given a role or lost one: by whom, when and why. Written by network.access.

Rows are only ever added (the database refuses to alter them); imported by network.models, so that Django knows them.
"""

from typing import ClassVar

from django.db import models


class Deed(models.TextChoices):
    """What was done to somebody's access."""

    DISABLED = "disabled", "Disabled"
    LET_IN = "let_in", "Let in again"
    TAKEN = "taken", "Role taken away"
    GIVEN = "given", "Role given"


class AccessChange(models.Model):
    """One decision of a network's lead about one person."""

    network = models.ForeignKey("network.Network", models.PROTECT, related_name="access_changes")
    person = models.ForeignKey("network.Person", models.PROTECT, related_name="access_changes")
    deed = models.CharField(max_length=8, choices=Deed.choices)
    role = models.CharField(max_length=12, blank=True, help_text="empty where it is about all of them")
    site = models.ForeignKey("network.Site", models.PROTECT, null=True, related_name="+")
    reason = models.CharField(max_length=400)
    by = models.ForeignKey("network.Person", models.PROTECT, related_name="+")
    written_at = models.DateTimeField()

    class Meta:
        indexes: ClassVar = [models.Index(fields=["person", "-id"], name="access_changes_of_somebody")]

    def __str__(self) -> str:
        return f"{self.person}: {self.get_deed_display()}"
