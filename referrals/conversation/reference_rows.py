"""Where to find a patient's study in PACS, and what an AI made of it, sent with a message of the conversation.

Written by referrals.conversation.references alone; the database refuses to change or remove a row. A number or an
address of a study may name a patient: it stays here and in the message, and goes nowhere else.
"""

from django.db import models

from referrals.conversation.rows import Message


class ReferenceKind(models.TextChoices):
    STUDY = "imaging_study", "PACS study"
    AI = "ai_result", "AI result"


class Reference(models.Model):
    """One reference, in the words of DICOM and FHIR (ImagingStudy; DiagnosticReport of a device). Never fetched."""

    message = models.OneToOneField(Message, models.PROTECT, primary_key=True, related_name="reference")
    kind = models.CharField(max_length=16, choices=ReferenceKind.choices)
    description = models.CharField(max_length=64, blank=True, help_text="Study Description (0008,1030)")
    accession_number = models.CharField(max_length=64, blank=True, help_text="(0008,0050)")
    study_instance_uid = models.CharField(max_length=64, blank=True, help_text="(0020,000D)")
    device = models.CharField(max_length=64, blank=True, help_text="the AI, by its vendor or product")
    conclusion = models.CharField(max_length=400, blank=True, help_text="what the AI says, in its words")
    issued_at = models.DateTimeField(null=True, help_text="when the AI said so")
    address = models.CharField(max_length=2000, blank=True, help_text="https, in a viewer; empty: none given")

    def __str__(self) -> str:
        return f"{self.kind} of {self.message}"
