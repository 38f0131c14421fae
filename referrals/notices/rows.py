"""Notices: what a hub or a network tells everybody concerned, and to whom it has come. Imported by referrals.models.

Written by referrals.notices.saying and .receipts alone. The database refuses to change or remove one: what takes a
notice back is a notice of its own, beside it.
"""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from network.hours_rows import Closure
from network.models import Network, Person, Role, Site


class NoticeKind(models.TextChoices):
    """What it means for a referral."""

    INFORMATION = "information", "Information"
    REDUCED = "reduced", "Reduced"
    CLOSED = "closed", "Closed"
    TAKEN_BACK = "taken_back", "Taken back"


class Notice(models.Model):
    """What one person told everybody concerned in a network, of one hub or of all of it, from when until when."""

    network = models.ForeignKey(Network, models.PROTECT, related_name="notices")
    hub = models.ForeignKey(
        Site, models.PROTECT, null=True, related_name="notices", help_text="empty: the whole network"
    )
    kind = models.CharField(max_length=12, choices=NoticeKind.choices)
    words = models.CharField(max_length=280)
    since = models.DateTimeField()
    until = models.DateTimeField(null=True, help_text="exclusive; empty: until it is taken back")
    by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    role = models.CharField(max_length=12, choices=Role.choices)
    at = models.DateTimeField(help_text="when it was said")
    closure = models.OneToOneField(Closure, models.PROTECT, null=True, related_name="notice")
    takes_back = models.OneToOneField("self", models.PROTECT, null=True, related_name="taken_back")

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(until=None) | Q(until__gt=F("since")), name="a_notice_holds_for_a_while"
            ),
            models.CheckConstraint(
                condition=Q(kind=NoticeKind.CLOSED, closure__isnull=False, hub__isnull=False)
                | (~Q(kind=NoticeKind.CLOSED) & Q(closure=None)),
                name="a_notice_that_closes_has_its_closure",
            ),
            models.CheckConstraint(
                condition=Q(kind=NoticeKind.TAKEN_BACK, takes_back__isnull=False)
                | (~Q(kind=NoticeKind.TAKEN_BACK) & Q(takes_back=None)),
                name="a_notice_that_takes_back_says_what",
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["network", "at"], name="notices_of_a_network")]

    def __str__(self) -> str:
        return f"{self.kind} of {self.hub or self.network} at {self.at}"


class NoticeMarking(models.TextChoices):
    """How far a notice has come to somebody."""

    DELIVERED = "delivered", "On a screen"
    SEEN = "seen", "Seen"


class NoticeMark(models.Model):
    """A notice was on one person's screen, or they said that they have seen it; the first time of each."""

    notice = models.ForeignKey(Notice, models.PROTECT, related_name="marks")
    person = models.ForeignKey(Person, models.PROTECT, related_name="+")
    kind = models.CharField(max_length=9, choices=NoticeMarking.choices)
    at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["notice", "person", "kind"], name="one_mark_a_notice_person_and_kind"
            )
        ]

    def __str__(self) -> str:
        return f"{self.notice_id} {self.kind} by {self.person_id}"
