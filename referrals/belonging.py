"""To whom a live referral belongs: a role at one place, by its state, and within it whoever said “I have this patient”.

Columns and the table of states alone; settled with each verb by referrals.owners, and by the verbs of referrals.owning.
It holds nobody up: no verb asks whose a patient is.
"""

from django.db import models

from network.models import Person
from referrals.states import State


class Seat(models.TextChoices):
    """The role that must see to a patient; where is told by the referral."""

    SPOKE = "spoke", "stroke team"
    OPERATOR = "operator", "operator"
    COORDINATOR = "coordinator", "coordinator"


SEATS = {
    State.PRE_ALERTED: Seat.SPOKE,
    State.REFERRED: Seat.SPOKE,  # the patient is theirs until a hub has taken it
    State.UNPLACED: Seat.COORDINATOR,
    State.PROVISIONAL: Seat.OPERATOR,
    State.ACCEPTED: Seat.OPERATOR,
    State.AMBULANCE_REQUESTED: Seat.OPERATOR,
    State.DEPARTED: Seat.OPERATOR,
    State.ARRIVED: Seat.OPERATOR,
    State.PUNCTURE: Seat.OPERATOR,
    State.TREATED: Seat.OPERATOR,
    State.REPATRIATING: Seat.SPOKE,
}


class Belonging(models.Model):
    """Who has the patient, since when, and since when a hand-over is waited for."""

    seat = models.CharField(
        max_length=12, blank=True, choices=Seat.choices, help_text="as it was settled last"
    )
    owner = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    owned_at = models.DateTimeField(null=True, help_text="when the owner took the patient, or nobody had")
    change_over_at = models.DateTimeField(
        null=True, help_text="since when somebody must say that they have the patient"
    )
    successor = models.ForeignKey(
        Person, models.PROTECT, null=True, related_name="+", help_text="whom the rota names, if it names one"
    )

    class Meta:
        abstract = True
