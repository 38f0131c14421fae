"""The rows around the shifts: the trail of every change, leave, call-outs, patterns, swaps, a network’s own figures.

Written by workforce.rota and the modules beside it alone; imported by workforce.models, so that Django knows them.
"""

from typing import ClassVar

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeOperators
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from network.models import Network, Person, Site


class Deed(models.TextChoices):
    """What was done to the rota."""

    PUT = "put", "put on"
    OFF = "off", "taken off"
    TOOK = "took", "took the shift"
    SWAP_ASKED = "swap_asked", "asked for a swap"
    SWAP_OFFERED = "swap_offered", "offered to swap"
    SWAP_APPROVED = "swap_approved", "swap approved"
    SWAP_REFUSED = "swap_refused", "swap refused"
    SWAP_WITHDRAWN = "swap_withdrawn", "swap withdrawn"
    LEAVE = "leave", "leave entered"
    LEAVE_ENDED = "leave_ended", "leave withdrawn"
    CALLED_OUT = "called_out", "call-out noted"
    FIGURES = "figures", "rules changed"
    PATTERN = "pattern", "pattern changed"


class RotaEvent(models.Model):
    """One change, its author and the breaches that were accepted with it; the database refuses to alter it."""

    network = models.ForeignKey(Network, models.PROTECT, related_name="rota_events")
    hub = models.ForeignKey(Site, models.PROTECT, null=True, related_name="rota_events")
    deed = models.CharField(max_length=16, choices=Deed.choices)
    person = models.ForeignKey(Person, models.PROTECT, null=True, related_name="rota_events")
    duty = models.CharField(max_length=12, blank=True)
    start = models.DateTimeField(null=True)
    end = models.DateTimeField(null=True)
    by = models.ForeignKey(
        Person, models.PROTECT, null=True, related_name="+", help_text="empty: Dido, by a plan"
    )
    written_at = models.DateTimeField(db_default=Now())
    reason = models.TextField(blank=True)
    breaches = models.JSONField(default=list, help_text="in words, as they stood before whoever did it")

    class Meta:
        indexes: ClassVar = [models.Index(fields=["hub", "-id"], name="rota_events_of_a_hub")]

    def __str__(self) -> str:
        return f"{self.get_deed_display()}: {self.person or ''} {self.duty}".strip()


class RuleFigures(models.Model):
    """A network's own figures for the rules, one version after the other; what it leaves out is as shipped."""

    network = models.ForeignKey(Network, models.PROTECT, related_name="rule_figures")
    version = models.PositiveIntegerField()
    figures = models.JSONField(help_text="rule: figure")
    note = models.TextField()
    by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["network", "version"], name="one_version_of_figures"),
        ]

    def __str__(self) -> str:
        return f"{self.network}: figures {self.version}"


class LeaveKind(models.TextChoices):
    ANNUAL = "annual", "Annual leave"
    STUDY = "study", "Study leave"
    SICK = "sick", "Ill"
    OTHER = "other", "Other leave"


class Leave(models.Model):
    """A person is not to be on call."""

    person = models.ForeignKey(Person, models.PROTECT, related_name="leave")
    kind = models.CharField(max_length=8, choices=LeaveKind.choices)
    period = DateTimeRangeField(help_text="[start, end) instants")

    class Meta:
        constraints: ClassVar = [
            ExclusionConstraint(
                name="nobody_is_on_leave_twice_at_once",
                expressions=[("person", RangeOperators.EQUAL), ("period", RangeOperators.OVERLAPS)],
            ),
            models.CheckConstraint(condition=Q(period__isempty=False), name="leave_lasts"),
        ]

    def __str__(self) -> str:
        return f"{self.person}: {self.get_kind_display()}"


class CallOut(models.Model):
    """A person on call had to work, from when until when."""

    person = models.ForeignKey(Person, models.PROTECT, related_name="call_outs")
    hub = models.ForeignKey(Site, models.PROTECT, related_name="call_outs")
    period = DateTimeRangeField(help_text="[start, end) instants")

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(period__isempty=False), name="a_call_out_lasts"),
        ]

    def __str__(self) -> str:
        return f"{self.person} called out at {self.hub}"


class Pattern(models.Model):
    """A duty that comes again on the same weekdays at the same hours of the wall clock in London."""

    hub = models.ForeignKey(Site, models.PROTECT, related_name="patterns")
    duty = models.CharField(max_length=12)
    weekdays = models.CharField(max_length=7, help_text="0 is Monday: 01234 is Monday to Friday")
    start = models.TimeField()
    end = models.TimeField(help_text="on the next day where it is not later than the start")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["hub", "duty", "weekdays", "start"], name="one_pattern_a_duty_and_start"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.duty} at {self.hub} from {self.start:%H:%M} until {self.end:%H:%M}"


class SwapState(models.TextChoices):
    ASKED = "asked", "Asked for"
    OFFERED = "offered", "Offered"
    APPROVED = "approved", "Approved"
    REFUSED = "refused", "Refused"
    WITHDRAWN = "withdrawn", "Withdrawn"


OPEN = (SwapState.ASKED, SwapState.OFFERED)


class Swap(models.Model):
    """Somebody asks to be relieved of a duty; somebody else offers to hold it, perhaps for one of their own."""

    hub = models.ForeignKey(Site, models.PROTECT, related_name="swaps")
    duty = models.CharField(max_length=12)
    period = DateTimeRangeField(help_text="[start, end) instants of the duty that is to change hands")
    asker = models.ForeignKey(Person, models.PROTECT, related_name="swaps_asked")
    state = models.CharField(max_length=10, choices=SwapState.choices, default=SwapState.ASKED)
    why = models.TextField(blank=True)
    offerer = models.ForeignKey(Person, models.PROTECT, null=True, related_name="swaps_offered")
    return_hub = models.ForeignKey(Site, models.PROTECT, null=True, related_name="+")
    return_duty = models.CharField(max_length=12, blank=True)
    return_period = DateTimeRangeField(null=True, help_text="the duty that the asker holds instead")
    asked_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            ExclusionConstraint(
                name="a_duty_is_in_one_open_swap",
                expressions=[
                    ("hub", RangeOperators.EQUAL),
                    ("duty", RangeOperators.EQUAL),
                    ("period", RangeOperators.OVERLAPS),
                ],
                condition=Q(state__in=["asked", "offered"]),
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["offered", "approved"]) | Q(offerer__isnull=False),
                name="an_offer_has_its_author",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.asker} swaps {self.duty} at {self.hub}: {self.get_state_display()}"


class CalendarAddress(models.Model):
    """A secret address at which a calendar program reads one person's duties, or a hub's; only its digest is kept."""

    person = models.ForeignKey(
        Person, models.CASCADE, related_name="calendar_addresses", help_text="whose it is"
    )
    hub = models.ForeignKey(
        Site,
        models.CASCADE,
        null=True,
        related_name="calendar_addresses",
        help_text="empty: the person's own duties",
    )
    digest = models.CharField(max_length=64, unique=True)
    made_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["person", "hub"],
                condition=Q(ended_at=None),
                nulls_distinct=False,
                name="one_open_calendar_address",
            ),
        ]

    def __str__(self) -> str:
        return f"calendar of {self.hub or self.person}"
