"""Ladders, escalations, pages and what came back: PostgreSQL is the pager's only queue.

Written by the pager's own modules alone (docs/architecture.md says which). No row here holds a patient fact.
"""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from network.models import Person, Site
from referrals.models import Offer, Referral
from workforce.models import Shift


class Reason(models.TextChoices):
    """Why somebody must be reached."""

    OFFER = "offer", "An answer to the offer"
    CONFIRM = "confirm", "The supervisor's confirmation"
    UNPLACED = "unplaced", "A hub for the patient"
    REACH = "reach", "A test of a phone"
    DRILL = "drill", "A drill, without a patient"
    VERIFY = "verify", "A new phone number"
    CONTACT = "contact", "A phone that cannot be reached"
    PLATFORM = "platform", "The platform itself"
    TOLD = "told", "A supervisor is told"
    WORSE = "worse", "A patient is worse on the way"
    OVERDUE = "overdue", "A patient is late on the way"
    DIVERT = "divert", "A patient is diverted"
    STOOD = "stood", "A transfer is stood down"
    MESSAGE = "message", "A message to be confirmed"


ABOUT_A_REFERRAL = (Reason.OFFER.value, Reason.CONFIRM.value, Reason.UNPLACED.value)
ON_THE_ROAD = (Reason.WORSE.value, Reason.OVERDUE.value, Reason.DIVERT.value, Reason.STOOD.value)


class Ladder(models.Model):
    """Who is paged, when, until somebody answers; per hub. A newer version never touches an open escalation."""

    hub = models.ForeignKey(
        Site, models.PROTECT, null=True, related_name="ladders", help_text="empty: every hub's default"
    )
    reason = models.CharField(max_length=8, choices=Reason.choices)
    version = models.PositiveIntegerField()
    rungs = models.JSONField(help_text="see paging.ladders.Rung")
    seen_holds = models.PositiveSmallIntegerField(
        default=120, help_text="seconds for which “seen, looking” holds the ladder, once for each person"
    )
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    note = models.CharField(max_length=200, blank=True, help_text="why, in the words of who made it")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["hub", "reason", "version"], nulls_distinct=False, name="ladder_versions_are_numbered"
            )
        ]

    def __str__(self) -> str:
        return f"{self.hub or 'default'} {self.reason} v{self.version}"


class Escalation(models.Model):
    """One ladder being climbed, with the ladder as it stood when the climb began.

    For a referral that waits, or without one: a test of somebody's phone, a drill, a fault that somebody must hear of.
    """

    referral = models.ForeignKey(Referral, models.PROTECT, null=True, related_name="escalations")
    reason = models.CharField(max_length=8, choices=Reason.choices)
    hub = models.ForeignKey(Site, models.PROTECT, null=True, related_name="+")
    offer = models.ForeignKey(Offer, models.PROTECT, null=True, related_name="escalations")
    person = models.ForeignKey(
        Person, models.PROTECT, null=True, related_name="+", help_text="whose phone this is about"
    )
    shift = models.ForeignKey(
        Shift, models.SET_NULL, null=True, related_name="reach_tests", help_text="at whose start it is tested"
    )
    subject = models.CharField(
        max_length=60, blank=True, help_text="the number, fault or code that it is about"
    )
    ladder_version = models.PositiveIntegerField()
    rungs = models.JSONField()
    seen_holds = models.PositiveSmallIntegerField(default=120)
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
    seen_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    held_until = models.DateTimeField(null=True, help_text="somebody is looking: no rung fires before")
    held_for = models.JSONField(default=list, help_text="ids of the people whose look has held it already")
    answered_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    answered_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["referral", "reason", "offer"],
                condition=Q(closed_at=None, referral__isnull=False),
                nulls_distinct=False,
                name="one_open_escalation_a_reason",
            ),
            models.UniqueConstraint(
                fields=["reason", "hub", "person", "subject"],
                condition=Q(closed_at=None, referral=None),
                nulls_distinct=False,
                name="one_open_escalation_without_a_referral",
            ),
            models.UniqueConstraint(
                fields=["shift"], condition=Q(reason=Reason.REACH), name="one_reach_test_a_shift"
            ),
            models.CheckConstraint(
                condition=Q(reason__in=ABOUT_A_REFERRAL, referral__isnull=False)
                | (~Q(reason__in=ABOUT_A_REFERRAL) & Q(referral=None)),
                name="a_wait_has_its_referral",
            ),
            models.CheckConstraint(
                condition=Q(closed_at__isnull=False) | Q(next_at__isnull=False) | Q(taken_at__isnull=False),
                name="an_open_escalation_has_a_timer",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["next_at"], condition=Q(closed_at=None), name="due_rungs"),
            models.Index(fields=["referral"], condition=Q(closed_at=None), name="open_escalations"),
            models.Index(fields=["subject"], condition=Q(reason="told"), name="supervisors_told"),
            models.Index(fields=["subject"], condition=Q(reason__in=ON_THE_ROAD), name="told_on_the_road"),
        ]

    def __str__(self) -> str:
        return f"{self.reason} of {self.referral or self.person or self.hub or self.subject}"


class Fate(models.TextChoices):
    """What became of one page."""

    DUE = "due", "To be sent"
    SENDING = "sending", "Being sent"
    SENT = "sent", "Sent"
    DELIVERED = "delivered", "Delivered"
    FAILED = "failed", "Not delivered"
    ANSWERED = "answered", "Answered"
    CANCELLED = "cancelled", "Not needed"


class Channel(models.TextChoices):
    """How somebody is reached."""

    SMS = "sms", "Text"
    VOICE = "voice", "Call"
    PUSH = "push", "Push"
    SIREN = "siren", "Siren on the boards"


PHONE_CHANNELS = (Channel.SMS.value, Channel.VOICE.value)


class Page(models.Model):
    """One person reached by one channel for one reason: work order, record and reply code in one row."""

    escalation = models.ForeignKey(Escalation, models.PROTECT, related_name="pages")
    rung = models.PositiveSmallIntegerField()
    round = models.PositiveSmallIntegerField(default=0, help_text="the alarm's repetition")
    person = models.ForeignKey(
        Person,
        models.PROTECT,
        null=True,
        related_name="pages",
        help_text="nobody where the boards' siren sounds",
    )
    channel = models.CharField(max_length=8, choices=Channel.choices, default=Channel.SMS)
    phone = models.CharField(
        max_length=16, blank=True, help_text="for a siren the code of the site whose boards sound"
    )
    provider = models.CharField(max_length=8, blank=True, help_text="who carried it")
    passed_over = models.CharField(
        max_length=8, blank=True, help_text="the provider that could not deliver it, while there is another"
    )
    digits = models.CharField(max_length=3, blank=True, help_text="of a call: to accept, to decline, to look")
    machine = models.BooleanField(default=False, help_text="an answering machine took the call")
    fate = models.CharField(max_length=10, choices=Fate.choices, default=Fate.DUE)
    due_at = models.DateTimeField()
    lease_until = models.DateTimeField(null=True)
    attempt = models.PositiveSmallIntegerField(default=0)
    sent_at = models.DateTimeField(null=True)
    settled_at = models.DateTimeField(null=True)
    provider_id = models.CharField(max_length=40, blank=True)
    provider_status = models.CharField(max_length=24, blank=True)
    error = models.CharField(max_length=40, blank=True)
    asked_at = models.DateTimeField(null=True, help_text="when the silent provider was last asked")
    reply_code = models.CharField(max_length=8, unique=True)
    used_at = models.DateTimeField(null=True, help_text="a reply code works once")
    tries = models.PositiveSmallIntegerField(default=0, help_text="wrong codes typed for a new number")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["escalation", "rung", "round", "person", "channel"],
                nulls_distinct=False,
                name="one_page_a_rung_person_and_channel",
            ),
            models.CheckConstraint(
                condition=Q(person__isnull=False) | Q(channel=Channel.SIREN), name="only_a_siren_has_nobody"
            ),
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
    error = models.CharField(max_length=24, blank=True)
    received_at = models.DateTimeField()
    page = models.ForeignKey(Page, models.PROTECT, null=True, related_name="callbacks")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["provider_id", "event"], name="a_callback_counts_once")
        ]

    def __str__(self) -> str:
        return f"{self.provider_id} {self.event}"


class Inbound(models.Model):
    """An SMS that somebody sent us or a key that they pressed, and what we made of it; its words are not kept."""

    provider_id = models.CharField(max_length=48, unique=True)
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


class Device(models.Model):
    """A browser that its owner lets us wake; the endpoint is the push service's address of it."""

    person = models.ForeignKey(Person, models.CASCADE, related_name="devices")
    endpoint = models.TextField(unique=True)
    p256dh = models.CharField(max_length=120)
    auth = models.CharField(max_length=40)
    made_at = models.DateTimeField()
    failed_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"device of {self.person_id}"


class Provider(models.Model):
    """How one provider does on one channel, as the pagers find it; for the boards and the figures."""

    name = models.CharField(max_length=8)
    channel = models.CharField(max_length=8, choices=Channel.choices)
    troubled_since = models.DateTimeField(null=True, help_text="empty while it works")
    error = models.CharField(max_length=40, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["name", "channel"], name="one_row_a_provider")
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.channel}"


class Beat(models.Model):
    """When a pager last ended a whole tick; what the health page and the boards' banner look at."""

    pager = models.CharField(max_length=80, primary_key=True)
    ticked_at = models.DateTimeField()
    took = models.FloatField(help_text="seconds")

    def __str__(self) -> str:
        return f"{self.pager} at {self.ticked_at}"
