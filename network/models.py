"""Who and where: networks, sites, links, people and what each may do where.

Slow-moving facts that every other app builds on. Written by network.sites (places) and network.people (people).
"""

from datetime import datetime
from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import F, Q

from network import access_rows, hours_rows, viewer_rows  # noqa: F401 Django finds these rows here


class Network(models.Model):
    """One region's spokes and hubs; in England an integrated stroke delivery network (ISDN)."""

    code = models.SlugField(max_length=80, unique=True)
    name = models.CharField(max_length=120)
    offers_next_hub = models.BooleanField(
        default=False,
        help_text="When a ladder ends unanswered, offer the patient to the next-ranked hub by itself.",
    )

    def __str__(self) -> str:
        return self.name


class Site(models.Model):
    """A hospital, by its ODS site code."""

    code = models.CharField(max_length=12, unique=True, help_text="ODS site code, e.g. RBL14")
    name = models.CharField(max_length=120)
    short_name = models.CharField(max_length=24, help_text="As people say it; fits an SMS")
    network = models.ForeignKey(Network, models.PROTECT, related_name="sites")
    is_hub = models.BooleanField(default=False, help_text="Does thrombectomy")
    thrombolyses = models.BooleanField(default=True, help_text="Gives intravenous thrombolysis")
    trust_code = models.CharField(max_length=8, blank=True, help_text="ODS trust code, e.g. RBL")
    trust_name = models.CharField(max_length=160, blank=True)
    postcode = models.CharField(max_length=8, blank=True)
    country = models.CharField(max_length=24)
    latitude = models.FloatField(help_text="degrees north, WGS 84")
    longitude = models.FloatField(help_text="degrees east, WGS 84")
    phone = models.CharField(
        max_length=20, blank=True, help_text="The number to ring when nobody answers, E.164"
    )

    def __str__(self) -> str:
        return self.short_name


class Link(models.Model):
    """How long the road from one site to a hub is, without traffic."""

    origin = models.ForeignKey(Site, models.CASCADE, related_name="links_out")
    hub = models.ForeignKey(Site, models.CASCADE, related_name="links_in")
    minutes = models.PositiveSmallIntegerField(help_text="drive minutes")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["origin", "hub"], name="one_link_between_two_sites"),
            models.CheckConstraint(condition=~Q(origin=F("hub")), name="a_link_joins_two_sites"),
        ]

    def __str__(self) -> str:
        return f"{self.origin} to {self.hub}: {self.minutes} min"


class People(BaseUserManager["Person"]):
    """Makes people; the rest of their life is in network.people."""

    def create_user(self, username: str, password: str | None = None, **fields: Any) -> "Person":
        person = self.model(username=username, **fields)
        person.set_password(password)
        person.save(using=self._db)
        return person


class PhoneTrouble(models.TextChoices):
    """Why a phone cannot be reached, as a provider told us."""

    OPTED_OUT = "opted_out", "has opted out of our texts (replied STOP)"
    UNKNOWN = "unknown", "is no number in use"
    NOT_MOBILE = "not_mobile", "is not a mobile phone"


class Person(AbstractBaseUser):
    """Somebody who signs in, and may be paged."""

    username = models.CharField(max_length=60, unique=True)
    name = models.CharField(max_length=80)
    phone = models.CharField(
        max_length=16,
        blank=True,
        validators=[RegexValidator(r"^\+[1-9]\d{7,14}$")],
        help_text="mobile, E.164",
    )
    phone_verified_at = models.DateTimeField(
        null=True, blank=True, help_text="when its owner last proved that a page reaches them there"
    )
    phone_trouble = models.CharField(
        max_length=12,
        blank=True,
        choices=PhoneTrouble.choices,
        help_text="empty while nothing is known against it",
    )
    is_active = models.BooleanField(default=True)
    access_epoch = models.PositiveIntegerField(
        default=0,
        help_text="Raised whenever this person's rights change; open sockets of an older epoch are closed",
    )

    USERNAME_FIELD = "username"
    REQUIRED_FIELDS: ClassVar = ["name"]
    objects: ClassVar[People] = People()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["phone"], condition=~Q(phone=""), name="one_person_a_phone")
        ]

    def __str__(self) -> str:
        return self.name

    def set_password(self, raw_password: str | None) -> None:
        """A new password ends every open session and socket of this person."""
        super().set_password(raw_password)
        self.access_epoch += 1


class Role(models.TextChoices):
    SPOKE = "spoke", "Spoke stroke team"
    OPERATOR = "operator", "Hub operator"
    HUB = "hub", "Hub team"
    COORDINATOR = "coordinator", "Coordinator"
    LEAD = "lead", "Network lead"
    GOVERNANCE = "governance", "Medical director"  # signs operators off; sees no patient


SITE_ROLES = frozenset({Role.SPOKE, Role.OPERATOR, Role.HUB})


class Membership(models.Model):
    """What one person may do at one site, or in one network, from when until when."""

    person = models.ForeignKey(Person, models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=12, choices=Role.choices)
    site = models.ForeignKey(Site, models.PROTECT, null=True, blank=True, related_name="memberships")
    network = models.ForeignKey(Network, models.PROTECT, null=True, blank=True, related_name="memberships")
    since = models.DateTimeField()
    until = models.DateTimeField(null=True, blank=True, help_text="exclusive; empty while it goes on")

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=(Q(role__in=sorted(SITE_ROLES)) & Q(site__isnull=False, network__isnull=True))
                | (~Q(role__in=sorted(SITE_ROLES)) & Q(site__isnull=True, network__isnull=False)),
                name="a_role_has_its_place",
            ),
            models.UniqueConstraint(
                fields=["person", "role", "site", "network"],
                condition=Q(until__isnull=True),
                nulls_distinct=False,
                name="one_open_membership_a_role_and_place",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person}: {self.get_role_display()} at {self.site or self.network}"

    def holds(self, at: datetime) -> bool:
        return self.since <= at and (self.until is None or at < self.until)


class Token(models.Model):
    """A bearer token of a program that acts as one person; only its digest is kept."""

    person = models.ForeignKey(Person, models.CASCADE, related_name="tokens")
    digest = models.CharField(max_length=64, unique=True)
    made_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"token of {self.person}"


class FailedSignIn(models.Model):
    """One wrong password; see network.failures."""

    who = models.CharField(
        max_length=64, help_text="digest of the user name and the address it was tried from"
    )
    at = models.DateTimeField()

    class Meta:
        indexes: ClassVar = [models.Index(fields=["who", "at"], name="recent_failures")]

    def __str__(self) -> str:
        return f"wrong password at {self.at}"
