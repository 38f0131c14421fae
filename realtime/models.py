"""Streams: what one audience may see, as a numbered list. Written by realtime.feed alone."""

import uuid
from typing import ClassVar

from django.db import models


class Stream(models.Model):
    """One audience's list; `head` is the position of its last entry, counted without gaps in commit order."""

    key = models.CharField(max_length=120, primary_key=True)
    epoch = models.UUIDField(
        default=uuid.uuid4, help_text="Another epoch means that positions cannot be compared"
    )
    head = models.BigIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.key} at {self.head}"


class Entry(models.Model):
    """Something happened to a subject. What is shown of it is rendered when it is read, with the rights of then."""

    stream = models.ForeignKey(Stream, models.CASCADE, related_name="entries")
    position = models.BigIntegerField()
    subject = models.CharField(max_length=8)
    version = models.IntegerField()
    verb = models.CharField(max_length=24)
    state = models.CharField(max_length=24)
    at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["stream", "position"], name="one_entry_a_position"),
        ]

    def __str__(self) -> str:
        return f"{self.stream_id} {self.position}: {self.verb} {self.subject}"
