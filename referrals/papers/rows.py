"""Pictures and papers of a conversation: what is kept of each, who has opened it, and what is still on its way in.

Written by referrals.papers.intake and .opening alone. No row holds the name that a file had.
"""

import uuid
from typing import ClassVar

from django.db import models

from network.models import Person, Site
from referrals.conversation.rows import Message
from referrals.referral import Referral


class PaperKind(models.TextChoices):
    PHOTO = "photo", "Photograph"
    PDF = "pdf", "PDF"
    DICOM = "dicom", "Images"


class Paper(models.Model):
    """One picture, paper or series, sent with a message; its bytes are in the storage."""

    message = models.OneToOneField(Message, models.PROTECT, primary_key=True, related_name="paper")
    kind = models.CharField(max_length=8, choices=PaperKind.choices)
    name = models.CharField(max_length=80, unique=True, help_text="in the storage; says nothing")
    size = models.PositiveBigIntegerField(help_text="bytes that are kept")
    shape = models.JSONField(default=dict, help_text="how to show it; see referrals.papers.images.Stack")

    def __str__(self) -> str:
        return f"{self.kind} of {self.message}"


class Opened(models.Model):
    """Somebody has opened a picture or paper for the first time."""

    paper = models.ForeignKey(Paper, models.PROTECT, related_name="opened")
    person = models.ForeignKey(Person, models.PROTECT, related_name="+")
    site = models.ForeignKey(Site, models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["paper", "person"], name="opened_first_once")
        ]

    def __str__(self) -> str:
        return f"{self.person_id} opened {self.paper_id}"


class Upload(models.Model):
    """Files on their way in, part by part; gone when they are taken, refused or given up."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    referral = models.ForeignKey(Referral, models.CASCADE, related_name="+")
    by = models.ForeignKey(Person, models.CASCADE, related_name="+")
    sizes = models.JSONField(help_text="bytes of each file, in the order in which they come")
    received = models.PositiveBigIntegerField(default=0)
    opened_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"upload {self.id}"
