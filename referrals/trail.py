"""Offers, parties and events: what surrounds a referral. Written by referrals.transitions alone.

Events are append-only in the database itself (a trigger refuses update and delete) and hash-chained per referral.
"""

import hashlib
import json
from datetime import UTC
from typing import Any, ClassVar

from django.db import models
from django.db.models import Q

from network.models import Person, Site
from referrals.referral import Referral
from referrals.states import DeclineReason, State


class OfferState(models.TextChoices):
    OPEN = "open", "Open"
    PROVISIONAL = "provisional", "Accepted, supervisor to confirm"
    ACCEPTED = "accepted", "Accepted"
    DECLINED = "declined", "Declined"
    WITHDRAWN = "withdrawn", "Withdrawn"
    LAPSED = "lapsed", "Nobody answered"


class Offer(models.Model):
    """A referral put to one hub; at most one offer of a referral is ever taken at a time."""

    referral = models.ForeignKey(Referral, models.PROTECT, related_name="offers")
    hub = models.ForeignKey(Site, models.PROTECT, related_name="offers")
    state = models.CharField(max_length=12, choices=OfferState.choices, default=OfferState.OPEN)
    opened_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)
    closed_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    reason = models.CharField(max_length=24, blank=True, choices=DeclineReason.choices)
    judged = models.JSONField(default=dict, help_text="what the hub's criteria said, by which version")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["referral"], condition=Q(state__in=["accepted", "provisional"]), name="one_acceptance"
            ),
            models.UniqueConstraint(
                fields=["referral", "hub"], condition=Q(state="open"), name="one_open_offer_a_hub"
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["referral"], condition=Q(state="open"), name="open_offers")]

    def __str__(self) -> str:
        return f"{self.referral} to {self.hub}: {self.state}"


class Party(models.Model):
    """A site that may see a referral, from when until when."""

    referral = models.ForeignKey(Referral, models.PROTECT, related_name="parties")
    site = models.ForeignKey(Site, models.PROTECT, related_name="parties")
    is_hub = models.BooleanField()
    since = models.DateTimeField()
    until = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["referral", "site"], condition=Q(until=None), name="one_open_party_a_site"
            )
        ]
        indexes: ClassVar = [models.Index(fields=["site"], condition=Q(until=None), name="open_parties")]

    def __str__(self) -> str:
        return f"{self.site} in {self.referral}"


class Via(models.TextChoices):
    WEB = "web", "Web"
    API = "api", "Program"
    SMS = "sms", "SMS"
    VOICE = "voice", "Phone call"
    NIGHT = "night", "Demonstration"
    CLOCK = "clock", "Clock"
    CREW = "crew", "Ambulance crew"


class Event(models.Model):
    """What was done to a referral: who, what, when it happened, when it was written. The audit record."""

    referral = models.ForeignKey(Referral, models.PROTECT, related_name="events")
    number = models.PositiveIntegerField(help_text="1, 2, 3 … in each referral; its version after this event")
    verb = models.CharField(max_length=24)
    before = models.CharField(max_length=24, choices=State.choices)
    after = models.CharField(max_length=24, choices=State.choices)
    by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+", help_text="empty: the clock")
    via = models.CharField(max_length=8, choices=Via.choices)
    at = models.DateTimeField(help_text="when it happened")
    written_at = models.DateTimeField(help_text="when it was written down")
    details = models.JSONField(default=dict)
    key = models.CharField(
        max_length=200, null=True, unique=True, help_text="idempotency: the person's id and key"
    )
    previous_hash = models.CharField(max_length=64)
    hash = models.CharField(max_length=64)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["referral", "number"], name="events_are_numbered")
        ]
        indexes: ClassVar = [
            # Both are read at each tick of the pager.
            models.Index(fields=["written_at"], condition=Q(verb="seen"), name="looks"),
            models.Index(
                fields=["written_at"],
                condition=Q(after__in=[State.STOOD_DOWN, State.NOT_TREATED]),
                name="ends_after_acceptance",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.verb}"

    def seal(self) -> str:
        """SHA-256 over everything that this event says, and the seal of the one before."""
        said: dict[str, Any] = {
            "referral": self.referral_id,
            "number": self.number,
            "verb": self.verb,
            "before": str(self.before),
            "after": str(self.after),
            "by": self.by_id,
            "via": str(self.via),
            "at": self.at.astimezone(UTC).isoformat(),
            "written_at": self.written_at.astimezone(UTC).isoformat(),
            "details": self.details,
            "key": self.key,
            "previous": self.previous_hash,
        }
        return hashlib.sha256(json.dumps(said, sort_keys=True, ensure_ascii=False).encode()).hexdigest()
