"""A referral's conversation: its messages, and which of them were on whose screen and before whose eyes.

Written by referrals.conversation.sending, .confirming and .marks alone. The database refuses to change or remove a
message or a mark: a correction is a message of its own.
"""

from typing import ClassVar

from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVector
from django.db import models
from django.db.models import F, Q

from network.models import Network, Person, Role, Site
from referrals.crew_link import CrewLink
from referrals.referral import Referral


class Conversation(models.Model):
    """Where a referral's messages have got to; its row is what two senders wait for, and no verb does."""

    referral = models.OneToOneField(Referral, models.PROTECT, primary_key=True, related_name="conversation")
    head = models.PositiveIntegerField(default=0, help_text="the number of the last message")
    last_at = models.DateTimeField(help_text="when the last message was taken; rises with the numbers")

    def __str__(self) -> str:
        return f"conversation of {self.referral_id} at {self.head}"


class Address(models.TextChoices):
    """To whom a message is addressed: a role, whoever has it when it is read. Everybody else reads it too."""

    OPERATOR = "operator", "Hub operator"
    SPOKE = "spoke", "Spoke team"
    COORDINATOR = "coordinator", "Coordinator"
    CREW = "crew", "Ambulance crew"


class Message(models.Model):
    """What one person, or the ambulance's crew, wrote to the others: from where and as what, when it was taken and
    when it was typed."""

    referral = models.ForeignKey(Referral, models.PROTECT, related_name="messages")
    number = models.PositiveIntegerField(help_text="1, 2, 3 … in each referral, in the order of time")
    by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+", help_text="empty: the crew")
    crew = models.ForeignKey(
        CrewLink, models.PROTECT, null=True, related_name="+", help_text="by which link the crew wrote"
    )
    role = models.CharField(max_length=12, blank=True, choices=Role.choices)
    site = models.ForeignKey(Site, models.PROTECT, null=True, related_name="+")
    network = models.ForeignKey(
        Network, models.PROTECT, null=True, related_name="+", help_text="of a coordinator or lead"
    )
    to = models.CharField(
        max_length=12, blank=True, choices=Address.choices, help_text="empty: everybody alike"
    )
    text = models.TextField()
    at = models.DateTimeField(help_text="when the server took it")
    typed_at = models.DateTimeField(null=True, help_text="when it was written, where the line was down then")
    corrects = models.ForeignKey("self", models.PROTECT, null=True, related_name="corrections")
    key = models.CharField(
        max_length=200, null=True, unique=True, help_text="idempotency: the person's id and key"
    )

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["referral", "number"], name="messages_are_numbered"),
            models.CheckConstraint(
                condition=Q(by__isnull=False, crew=None, site__isnull=False, network=None)
                | Q(by__isnull=False, crew=None, site=None, network__isnull=False)
                | Q(by=None, crew__isnull=False, site=None, network=None),
                name="a_message_has_its_place",
            ),
        ]
        indexes: ClassVar = [
            GinIndex(SearchVector("text", config="english"), name="words_of_messages"),
            models.Index(
                fields=["at", "id"], name="newest_messages"
            ),  # the newest first, of whichever patient
        ]

    def __str__(self) -> str:
        return f"message {self.number} of {self.referral_id}"

    @property
    def is_to_be_confirmed(self) -> bool:
        """Must somebody of the role to which it is addressed still say that they have it?"""
        wanted = getattr(self, "confirmation", None)
        return wanted is not None and wanted.at is None

    @property
    def confirmed(self) -> "Confirmation | None":
        """Who has said that they have it; None where nobody has, or nobody was asked."""
        wanted = getattr(self, "confirmation", None)
        return wanted if wanted is not None and wanted.at is not None else None


class Confirmation(models.Model):
    """Somebody of the role to which a message is addressed must say that they have it; empty until they do."""

    message = models.OneToOneField(Message, models.PROTECT, primary_key=True, related_name="confirmation")
    opened_at = models.DateTimeField()
    by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    crew = models.ForeignKey(CrewLink, models.PROTECT, null=True, related_name="+")
    place = models.CharField(max_length=80, blank=True, help_text="from where, as people say it")
    at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(by=None, crew=None, at=None)
                | Q(by__isnull=False, crew=None, at__isnull=False)
                | Q(by=None, crew__isnull=False, at__isnull=False),
                name="a_confirmation_is_somebodys",
            )
        ]
        indexes: ClassVar = [
            models.Index(fields=["opened_at"], condition=Q(at=None), name="confirmations_wanted")
        ]

    def __str__(self) -> str:
        return f"confirmation of {self.message}"


class Marking(models.TextChoices):
    """How far a message has come to somebody."""

    DELIVERED = "delivered", "On a screen"
    READ = "read", "Read"


class Mark(models.Model):
    """Messages `first` to `upto` came to the screen of one person, or of the crew, or before their eyes, at one
    moment."""

    referral = models.ForeignKey(Referral, models.PROTECT, related_name="marks")
    person = models.ForeignKey(
        Person, models.PROTECT, null=True, related_name="+", help_text="empty: the crew"
    )
    crew = models.ForeignKey(CrewLink, models.PROTECT, null=True, related_name="+")
    site = models.ForeignKey(
        Site, models.PROTECT, null=True, related_name="+", help_text="from where; empty: from a network"
    )
    kind = models.CharField(max_length=9, choices=Marking.choices)
    first = models.PositiveIntegerField()
    upto = models.PositiveIntegerField(help_text="inclusive")
    at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(first__gte=1, upto__gte=F("first")), name="a_mark_is_of_messages"
            ),
            models.CheckConstraint(
                condition=Q(person__isnull=False, crew=None) | Q(person=None, crew__isnull=False, site=None),
                name="a_mark_is_somebodys",
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["referral", "person", "kind"], name="marks_of_a_person")]

    def __str__(self) -> str:
        return f"{self.kind} {self.first} to {self.upto}"
