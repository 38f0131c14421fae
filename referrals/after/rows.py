"""What became of a patient after the procedure, and who takes the mRS at 90 days. Imported by referrals.models.

Written by referrals.after.recording and referrals.rulebook alone; the database refuses to alter or remove a row.
"""

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q, TextChoices

from network.models import Network, Person
from referrals.procedure import Complication
from referrals.referral import Referral


class Kind(TextChoices):
    """What is asked for, in the order of time; a death is never asked for."""

    DAY = "day", "24 h after the procedure"
    DISCHARGE = "discharge", "Discharge"
    NINETY = "ninety", "90 days"
    DEATH = "death", "Death"


class Bleed(TextChoices):
    """What the scan after the procedure showed."""

    NONE = "none", "No haemorrhage"
    ASYMPTOMATIC = "asymptomatic", "Haemorrhage, not symptomatic"
    SYMPTOMATIC = "symptomatic", "Symptomatic haemorrhage"
    NO_SCAN = "no_scan", "No scan done"


class Destination(TextChoices):
    """Where the patient went, in SSNAP's kinds."""

    HOME = "home", "Home"
    HOME_TEAM = "home_team", "Home, with a community team"
    CARE_HOME = "care_home", "Care home"
    HOSPITAL = "hospital", "Another hospital or rehabilitation"
    ELSEWHERE = "elsewhere", "Somewhere else"
    DIED = "died", "Died in hospital"


class Method(TextChoices):
    """How the mRS at 90 days was taken."""

    PHONE = "phone", "By phone"
    CLINIC = "clinic", "In clinic"
    RECORDS = "records", "From records"


class NotObtained(TextChoices):
    """Why there is no figure; a mistake takes an entry back, and what was asked for is owed again."""

    UNREACHED = "unreached", "Could not be reached"
    DECLINED = "declined", "Declined"
    UNEXAMINED = "unexamined", "Could not be examined"
    ELSEWHERE = "elsewhere", "Another hospital has not answered"
    MISSED = "missed", "Nobody did it in time"
    OTHER = "other", "Other"
    MISTAKE = "mistake", "Entered by mistake"


class By(TextChoices):
    """Whose team takes the mRS at 90 days."""

    HUB = "hub", "The hub"
    SPOKE = "spoke", "The first hospital"


class Outcome(models.Model):
    """One entry: a figure, or why there is none. A correction stands beside what it corrects."""

    referral = models.ForeignKey(Referral, models.PROTECT, related_name="outcomes")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    taken_at = models.DateTimeField(null=True, help_text="of the NIHSS: the instant")
    taken_on = models.DateField(help_text="the day of the figure, of discharge or death")
    nihss = models.PositiveSmallIntegerField(null=True, help_text="0 to 42")
    mrs = models.PositiveSmallIntegerField(null=True, help_text="0 to 6; 6: died")
    bleed = models.CharField(max_length=14, blank=True, choices=Bleed.choices)
    complications = ArrayField(models.CharField(max_length=16, choices=Complication.choices), default=list)
    destination = models.CharField(max_length=10, blank=True, choices=Destination.choices)
    method = models.CharField(max_length=8, blank=True, choices=Method.choices)
    not_obtained = models.CharField(max_length=10, blank=True, choices=NotObtained.choices)
    text = models.CharField(max_length=300, blank=True)
    rules = models.CharField(max_length=8, help_text="the version of the windows")
    by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    written_at = models.DateTimeField()
    corrects = models.OneToOneField("self", models.PROTECT, null=True, related_name="corrected_by")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["referral", "kind"], condition=Q(corrects=None), name="one_first_outcome_of_a_kind"
            ),
            models.CheckConstraint(
                condition=Q(nihss__isnull=True) | Q(nihss__lte=42), name="outcome_nihss_0_to_42"
            ),
            models.CheckConstraint(condition=Q(mrs__isnull=True) | Q(mrs__lte=6), name="outcome_mrs_0_to_6"),
            models.CheckConstraint(
                condition=~Q(not_obtained="")
                | Q(kind="death")
                | Q(nihss__isnull=False)
                | Q(mrs__isnull=False),
                name="an_outcome_has_a_figure_or_a_reason",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} of {self.referral_id}"

    @property
    def is_taken_back(self) -> bool:
        """Does it say that what it corrects was a mistake?"""
        return self.not_obtained == NotObtained.MISTAKE


class NinetyRule(models.Model):
    """Who takes a network's mRS at 90 days, from this version on."""

    network = models.ForeignKey(Network, models.PROTECT, related_name="ninety_rules")
    version = models.PositiveIntegerField(help_text="1, 2, 3 … of each network")
    taken_by = models.CharField(max_length=6, choices=By.choices)
    reason = models.CharField(max_length=400)
    by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    written_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["network", "version"], name="ninety_rules_are_numbered")
        ]

    def __str__(self) -> str:
        return f"90 days in {self.network}, version {self.version}"
