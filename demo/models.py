"""What the demonstration's director keeps in mind: one row for each patient that it plays. Written by demo alone."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from referrals.models import Referral


class Patient(models.Model):
    """A patient of the night: where the plan stands, and whether a visitor has taken over."""

    referral = models.OneToOneField(Referral, models.PROTECT, related_name="+")
    plan = models.JSONField(
        help_text="what is still to happen, and after how many minutes; see demo.plans.Plan"
    )
    next_at = models.DateTimeField(null=True, help_text="when the next step is due; empty when there is none")
    left_at = models.DateTimeField(null=True, help_text="when a visitor acted and the director stepped back")
    made_at = models.DateTimeField()

    class Meta:
        indexes: ClassVar = [
            models.Index(
                fields=["next_at"], condition=Q(left_at=None, next_at__isnull=False), name="patients_on_stage"
            )
        ]

    def __str__(self) -> str:
        return f"{self.referral}"
