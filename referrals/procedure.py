"""What a referral keeps of its procedure beside mTICI: reperfusion, who else was there, and complications.

Columns and codes alone; written by referrals.recording at the end of the procedure.
"""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import TextChoices

from network.models import Person


class Complication(TextChoices):
    """What went wrong; “none” says that somebody was asked. The first two and “other” are SSNAP's own."""

    NONE = "none", "None"
    INTRACRANIAL = "intracranial", "Symptomatic intracranial haemorrhage"
    EXTRACRANIAL = "extracranial", "Extracranial haemorrhage"
    PERFORATION = "perforation", "Perforation"
    DISSECTION = "dissection", "Dissection"
    NEW_TERRITORY = "new_territory", "Clot in a new territory"
    VASOSPASM = "vasospasm", "Vasospasm"
    ACCESS_SITE = "access_site", "At the access site"
    OTHER = "other", "Other"


class Procedure(models.Model):
    """What a referral keeps of its procedure; empty where nobody has recorded it."""

    reperfused_at = models.DateTimeField(null=True, help_text="first reperfusion")
    second = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    observer = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    complications = ArrayField(
        models.CharField(max_length=16, choices=Complication.choices), null=True, help_text="none, or which"
    )

    class Meta:
        abstract = True
