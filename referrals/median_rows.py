"""The medians of the last year as they are kept, so that no ranking and no page reads a year of journeys.

Written by referrals.medians alone; read by referrals.observed and referrals.last_year. No fact of a patient is here.
"""

from datetime import datetime, timedelta

from django.db import models

from network.models import Network, Site
from referrals import usual

TRUSTED = timedelta(minutes=usual.TRUSTED)


class KeptMedian(models.Model):
    """How long one stretch took in the year before a moment, at these places: half took no longer, and of how many."""

    name = models.CharField(max_length=16)
    network = models.ForeignKey(Network, models.CASCADE, null=True, related_name="+")
    spoke = models.ForeignKey(Site, models.CASCADE, null=True, related_name="+")
    hub = models.ForeignKey(Site, models.CASCADE, null=True, related_name="+")
    length = models.DurationField()
    number = models.PositiveIntegerField(help_text="how many journeys")
    reckoned_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.name}: {self.length}, median of {self.number}"


def fresh(now: datetime) -> models.QuerySet[KeptMedian]:
    """Those that may still be told; none where the last reckoning is too old, or from a clock that was ahead."""
    return KeptMedian.objects.filter(reckoned_at__gt=now - TRUSTED, reckoned_at__lte=now)
