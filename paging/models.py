"""Ladders, escalations, pages and what came back: PostgreSQL is the pager's only queue.

Written by paging.engine (escalations, pages), paging.callbacks (what providers say) and paging.ladders (ladders).
No row here holds a patient fact.
"""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from network.models import Person, Site
from referrals.models import Offer, Referral


class Reason(models.TextChoices):
    """Why somebody must be reached."""

    OFFER = "offer", "An answer to the offer"
    CONFIRM = "confirm", "The supervisor's confirmation"
    UNPLACED = "unplaced", "A hub for the patient"


class Ladder(models.Model):
    """Who is paged, when, until somebody answers; per hub. A newer version never touches an open escalation."""

    hub = models.ForeignKey(
        Site, models.PROTECT, null=True, related_name="ladders", help_text="empty: every hub's default"
    )
    reason = models.CharField(max_length=8, choices=Reason.choices)
    version = models.PositiveIntegerField()
    rungs = models.JSONField(help_text="see paging.ladders.Rung")
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["hub", "reason", "version"], nulls_distinct=False, name="ladder_versions_are_numbered"
            )
        ]

    def __str__(self) -> str:
        return f"{self.hub or 'default'} {self.reason} v{self.version}"


class Escalation(models.Model):
    """One ladder being climbed for one referral, with the ladder as it stood when the climb began."""

    referral = models.ForeignKey(Referral, models.PROTECT, related_name="escalations")
    reason = models.CharField(max_length=8, choices=Reason.choices)
    hub = models.ForeignKey(Site, models.PROTECT, null=True, related_name="+")
    offer = models.ForeignKey(Offer, models.PROTECT, null=True, related_name="escalations")
    ladder_version = models.PositiveIntegerField()
    rungs = models.JSONField()
    opened_at = models.DateTimeField()
    next_rung = models.PositiveSmallIntegerField(default=0)
    next_at = models.DateTimeField(
        null=True, help_text="when the next rung fires; empty when the ladder has ended"
    )
    closed_at = models.DateTimeField(null=True)
    alarm_since = models.DateTimeField(
        null=True, help_text="the ladder ended: the lead is paged until somebody takes it"
    )
    taken_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    taken_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["referral", "reason", "offer"],
                condition=Q(closed_at=None),
                nulls_distinct=False,
                name="one_open_escalation_a_reason",
            ),
            models.CheckConstraint(
                condition=Q(closed_at__isnull=False) | Q(next_at__isnull=False) | Q(taken_at__isnull=False),
                name="an_open_escalation_has_a_timer",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["next_at"], condition=Q(closed_at=None), name="due_rungs"),
            models.Index(fields=["referral"], condition=Q(closed_at=None), name="open_escalations"),
        ]

    def __str__(self) -> str:
        return f"{self.reason} of {self.referral}"


class Fate(models.TextChoices):
    """What became of one page."""

    DUE = "due", "To be sent"
    SENDING = "sending", "Being sent"
    SENT = "sent", "Sent"
    DELIVERED = "delivered", "Delivered"
    FAILED = "failed", "Not delivered"
    ANSWERED = "answered", "Answered"
    CANCELLED = "cancelled", "Not needed"


class Page(models.Model):
    """One person reached by one channel for one reason: work order, record and reply code in one row."""

    escalation = models.ForeignKey(Escalation, models.PROTECT, related_name="pages")
    rung = models.PositiveSmallIntegerField()
    round = models.PositiveSmallIntegerField(default=0, help_text="the alarm's repetition")
    person = models.ForeignKey(Person, models.PROTECT, related_name="pages")
    channel = models.CharField(max_length=8, default="sms")
    phone = models.CharField(max_length=16)
    fate = models.CharField(max_length=10, choices=Fate.choices, default=Fate.DUE)
    due_at = models.DateTimeField()
    lease_until = models.DateTimeField(null=True)
    attempt = models.PositiveSmallIntegerField(default=0)
    sent_at = models.DateTimeField(null=True)
    settled_at = models.DateTimeField(null=True)
    provider_id = models.CharField(max_length=40, blank=True)
    provider_status = models.CharField(max_length=16, blank=True)
    error = models.CharField(max_length=40, blank=True)
    asked_at = models.DateTimeField(null=True, help_text="when the silent provider was last asked")
    reply_code = models.CharField(max_length=8, unique=True)
    used_at = models.DateTimeField(null=True, help_text="a reply code works once")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["escalation", "rung", "round", "person", "channel"],
                name="one_page_a_rung_person_and_channel",
            )
        ]
        indexes: ClassVar = [
            models.Index(fields=["due_at"], condition=Q(fate__in=["due", "sending"]), name="pages_to_send"),
            models.Index(fields=["sent_at"], condition=Q(fate="sent"), name="pages_without_a_fate"),
            models.Index(fields=["provider_id"], condition=~Q(provider_id=""), name="pages_by_provider_id"),
        ]

    def __str__(self) -> str:
        return f"page of {self.escalation_id} to {self.person_id}: {self.fate}"


class Callback(models.Model):
    """Something that a provider told us, once: unique by its id and what it said."""

    provider_id = models.CharField(max_length=40)
    event = models.CharField(max_length=24)
    error = models.CharField(max_length=8, blank=True)
    received_at = models.DateTimeField()
    page = models.ForeignKey(Page, models.PROTECT, null=True, related_name="callbacks")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["provider_id", "event"], name="a_callback_counts_once")
        ]

    def __str__(self) -> str:
        return f"{self.provider_id} {self.event}"


class Inbound(models.Model):
    """An SMS that somebody sent us, and what we made of it; its words are not kept."""

    provider_id = models.CharField(max_length=40, unique=True)
    person = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    received_at = models.DateTimeField()
    made_of_it = models.CharField(max_length=24)
    reply = models.CharField(
        max_length=200, help_text="what we answered; a repeated delivery is answered the same"
    )

    class Meta:
        indexes: ClassVar = [models.Index(fields=["person", "received_at"], name="recent_inbound")]

    def __str__(self) -> str:
        return f"{self.provider_id} {self.made_of_it}"


class Beat(models.Model):
    """When a pager last ended a whole tick; what the health page and the boards' banner look at."""

    pager = models.CharField(max_length=80, primary_key=True)
    ticked_at = models.DateTimeField()
    took = models.FloatField(help_text="seconds")

    def __str__(self) -> str:
        return f"{self.pager} at {self.ticked_at}"
