"""Which hosts a network has listed as PACS or AI viewers of its own. Written by network.viewers.

Rows are only ever added (the database refuses to alter them); imported by network.models, so that Django knows them.
"""

from typing import ClassVar

from django.db import models


class ListedViewer(models.Model):
    """What a network said of one host: a viewer of its own, or no longer; the last word holds."""

    network = models.ForeignKey("network.Network", models.PROTECT, related_name="viewers")
    host = models.CharField(max_length=120, help_text="in small letters, with a port where it is not 443")
    name = models.CharField(max_length=60, help_text="as people call it")
    listed = models.BooleanField(help_text="false: taken off the list")
    by = models.ForeignKey("network.Person", models.PROTECT, related_name="+")
    written_at = models.DateTimeField()

    class Meta:
        indexes: ClassVar = [models.Index(fields=["network", "host", "-id"], name="last_word_of_a_viewer")]

    def __str__(self) -> str:
        return f"{self.name} of {self.network}"
