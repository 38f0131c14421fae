"""What an operator writes into their logbook by hand: rows that can be added and read, and nothing else.

Written by workforce.logbook; what referrals tell of is not written here, it is read from their events.
"""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from network.models import Person, Site


class EntryKind(models.TextChoices):
    """What somebody writes into their logbook by hand."""

    COURSE = "course", "Course"
    SIMULATOR = "simulator", "Simulator cases"
    LIST = "list", "Diagnostic lists"
    OBSERVED = "observed", "Thrombectomy, observing"
    SECOND = "second", "Thrombectomy, second operator"
    FIRST = "first", "Thrombectomy, first operator"
    SUPERVISING = "supervising", "Thrombectomy, supervising"


class LogbookEntry(models.Model):
    """What somebody did that no referral tells of, with its evidence; struck out by another entry. Append-only."""

    person = models.ForeignKey(Person, models.PROTECT, related_name="logbook")
    hub = models.ForeignKey(Site, models.PROTECT, related_name="+")
    kind = models.CharField(max_length=12, choices=EntryKind.choices)
    on = models.DateField()
    count = models.PositiveSmallIntegerField(default=1, help_text="how many cases, lists or courses")
    code = models.CharField(max_length=8, blank=True, help_text="the referral's code, where it was one")
    evidence = models.CharField(max_length=300)
    written_at = models.DateTimeField()
    strikes = models.OneToOneField("self", models.PROTECT, null=True, related_name="struck_by")

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(count__gte=1, count__lte=99), name="count_1_to_99")
        ]
        indexes: ClassVar = [models.Index(fields=["person", "on"], name="logbook_by_day")]

    def __str__(self) -> str:
        return f"{self.kind} of {self.person_id} on {self.on}"
