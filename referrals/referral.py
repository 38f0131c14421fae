"""A referral, its offers, its parties and its events. Written by referrals.transitions alone.

The FSM methods declare the legal moves and set fields; they never save, send or ring.
"""

from datetime import datetime
from typing import ClassVar

from django.db import models
from django.db.models import Q
from django_fsm import FSMField, FSMModelMixin, transition

from network.models import Person, Site
from referrals import states
from referrals.ambulance import Transfer
from referrals.belonging import Belonging
from referrals.going_home import GoingHome
from referrals.procedure import Procedure
from referrals.states import LIVE, State

MOMENTS = {
    State.PRE_ALERTED: "pre_alerted_at",
    State.REFERRED: "referred_at",
    State.PROVISIONAL: "provisional_at",
    State.ACCEPTED: "accepted_at",
    State.AMBULANCE_REQUESTED: "ambulance_requested_at",
    State.DEPARTED: "departed_at",
    State.ARRIVED: "hub_arrived_at",
    State.PUNCTURE: "punctured_at",
    State.TREATED: "treated_at",
    State.REPATRIATING: "repatriation_requested_at",
    State.REPATRIATED: "repatriated_at",
    State.UNPLACED: "unplaced_at",
    State.WITHDRAWN: "ended_at",
    State.STOOD_DOWN: "ended_at",
    State.NOT_TREATED: "ended_at",
    State.DIED: "ended_at",
}  # which field says when a state was reached


class Facts(models.Model):
    """What is known of the patient. Times are instants; scores are whole numbers."""

    nhs_number = models.CharField(max_length=10, blank=True, help_text="ten digits, modulus 11")
    family_name = models.CharField(max_length=80, blank=True)
    given_name = models.CharField(max_length=80, blank=True)
    date_of_birth = models.DateField(null=True)
    sex = models.CharField(max_length=8, blank=True, choices=states.Sex.choices)
    onset_at = models.DateTimeField(null=True, help_text="onset, or last known well")
    onset_kind = models.CharField(max_length=16, blank=True, choices=states.OnsetKind.choices)
    arrived_at = models.DateTimeField(null=True, help_text="door in at the first hospital")
    nihss = models.PositiveSmallIntegerField(null=True, help_text="0 to 42")
    prestroke_mrs = models.PositiveSmallIntegerField(null=True, help_text="0 to 5")
    cta_at = models.DateTimeField(null=True)
    occlusion = models.CharField(max_length=8, blank=True, choices=states.Occlusion.choices)
    side = models.CharField(max_length=5, blank=True, choices=states.Side.choices)
    aspects = models.PositiveSmallIntegerField(null=True, help_text="0 to 10")
    perfusion = models.CharField(max_length=12, blank=True, choices=states.Perfusion.choices)
    mismatch_ml = models.PositiveSmallIntegerField(null=True, help_text="mL that could be saved, 0 to 999")
    thrombolysis = models.CharField(max_length=10, blank=True, choices=states.Thrombolysis.choices)
    thrombolysis_at = models.DateTimeField(null=True)
    no_thrombolysis_reason = models.CharField(
        max_length=16, blank=True, choices=states.NoThrombolysis.choices
    )
    anticoagulant = models.CharField(max_length=12, blank=True, choices=states.Anticoagulant.choices)
    callback = models.CharField(max_length=16, blank=True, help_text="whom to ring back, E.164")
    note = models.TextField(blank=True)

    class Meta:
        abstract = True


class Referral(FSMModelMixin, Facts, Transfer, Procedure, GoingHome, Belonging):
    """One patient's way from a spoke's CT angiogram to a hub's groin puncture and back."""

    code = models.CharField(max_length=8, unique=True)
    state = FSMField(max_length=24, choices=State.choices, default=State.NEW, protected=True)
    version = models.PositiveIntegerField(default=0)
    spoke = models.ForeignKey(Site, models.PROTECT, related_name="referrals_out")
    hub = models.ForeignKey(Site, models.PROTECT, null=True, related_name="referrals_in")
    operator = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    supervisor = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    category = models.CharField(max_length=16, blank=True, choices=states.Category.choices)
    cad = models.CharField(max_length=24, blank=True, help_text="the ambulance service's own number")
    mtici = models.CharField(max_length=2, blank=True, choices=states.Mtici.choices)
    end_reason = models.CharField(max_length=24, blank=True)
    pre_alerted_at = models.DateTimeField(null=True)
    referred_at = models.DateTimeField(null=True)
    provisional_at = models.DateTimeField(null=True)
    accepted_at = models.DateTimeField(null=True)
    ambulance_requested_at = models.DateTimeField(null=True)
    departed_at = models.DateTimeField(null=True, help_text="door out at the spoke")
    hub_arrived_at = models.DateTimeField(null=True, help_text="at the hub's door")
    punctured_at = models.DateTimeField(null=True)
    treated_at = models.DateTimeField(null=True)
    repatriation_requested_at = models.DateTimeField(null=True)
    repatriated_at = models.DateTimeField(null=True)
    unplaced_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(state__in=sorted(set(State.values) - {State.NEW})), name="state_is_known"
            ),
            *(
                models.CheckConstraint(
                    condition=~Q(state=state.value) | Q(**{f"{moment}__isnull": False}),
                    name=f"{state.value}_has_its_time",
                )
                for state, moment in MOMENTS.items()
            ),
            models.CheckConstraint(
                condition=Q(hub__isnull=False, operator__isnull=False)
                | Q(
                    state__in=[State.PRE_ALERTED, State.REFERRED, State.UNPLACED, State.WITHDRAWN, State.DIED]
                )
                | Q(accepted_at__isnull=True, provisional_at__isnull=True),
                name="a_taken_referral_has_hub_and_operator",
            ),
            models.CheckConstraint(condition=Q(nihss__isnull=True) | Q(nihss__lte=42), name="nihss_0_to_42"),
            models.CheckConstraint(
                condition=Q(prestroke_mrs__isnull=True) | Q(prestroke_mrs__lte=5), name="mrs_0_to_5"
            ),
            models.CheckConstraint(
                condition=Q(aspects__isnull=True) | Q(aspects__lte=10), name="aspects_0_to_10"
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["state"], condition=Q(state__in=sorted(LIVE)), name="live_referrals"),
            models.Index(
                fields=["nhs_number"],
                condition=Q(state__in=sorted(LIVE)) & ~Q(nhs_number=""),
                name="live_nhs_numbers",
            ),
            # A board shows who is live or ended within the last hours: with these, whoever ended before costs nothing.
            models.Index(fields=["ended_at"], condition=Q(ended_at__isnull=False), name="ended_referrals"),
            models.Index(
                fields=["repatriated_at"],
                condition=Q(repatriated_at__isnull=False),
                name="repatriated_referrals",
            ),
            models.Index(
                fields=["punctured_at"], condition=Q(punctured_at__isnull=False), name="punctured_referrals"
            ),
        ]

    def __str__(self) -> str:
        return self.code

    @transition(field=state, source=State.NEW, target=State.PRE_ALERTED, custom={"verb": "pre_alert"})
    def _pre_alert(self, *, at: datetime) -> None:
        self.pre_alerted_at = at

    @transition(
        field=state, source=[State.NEW, State.PRE_ALERTED], target=State.REFERRED, custom={"verb": "refer"}
    )
    def _refer(self, *, at: datetime) -> None:
        self.referred_at = at

    @transition(
        field=state,
        source=[State.REFERRED, State.UNPLACED],
        target=State.REFERRED,
        custom={"verb": "re_offer"},
    )
    def _re_offer(self, *, at: datetime) -> None:  # noqa: ARG002 every move takes its moment
        self.unplaced_at = None

    @transition(
        field=state, source=[State.REFERRED, State.UNPLACED], target=State.ACCEPTED, custom={"verb": "accept"}
    )
    def _accept(self, *, at: datetime) -> None:
        self.accepted_at = at

    @transition(
        field=state,
        source=[State.REFERRED, State.UNPLACED],
        target=State.PROVISIONAL,
        custom={"verb": "accept"},
    )
    def _accept_provisionally(self, *, at: datetime) -> None:
        self.provisional_at = at

    @transition(field=state, source=State.PROVISIONAL, target=State.ACCEPTED, custom={"verb": "confirm"})
    def _confirm(self, *, at: datetime) -> None:
        self.accepted_at = at

    @transition(
        field=state,
        source=[State.REFERRED, State.PROVISIONAL],
        target=State.UNPLACED,
        custom={"verb": "decline"},
    )
    def _decline_last(self, *, at: datetime) -> None:
        self.unplaced_at = at
        self.hub = self.operator = self.supervisor = None
        self.provisional_at = None

    @transition(field=state, source=State.REFERRED, target=State.UNPLACED, custom={"verb": "lapse"})
    def _lapse(self, *, at: datetime) -> None:
        self.unplaced_at = at

    @transition(
        field=state,
        source=State.ACCEPTED,
        target=State.AMBULANCE_REQUESTED,
        custom={"verb": "request_ambulance"},
    )
    def _request_ambulance(self, *, at: datetime) -> None:
        self.ambulance_requested_at = at

    @transition(
        field=state, source=State.AMBULANCE_REQUESTED, target=State.DEPARTED, custom={"verb": "depart"}
    )
    def _depart(self, *, at: datetime) -> None:
        self.departed_at = at

    @transition(
        field=state, source=[State.NEW, State.DEPARTED], target=State.ARRIVED, custom={"verb": "arrive"}
    )
    def _arrive(self, *, at: datetime) -> None:
        self.hub_arrived_at = at

    @transition(field=state, source=State.ARRIVED, target=State.PUNCTURE, custom={"verb": "puncture"})
    def _puncture(self, *, at: datetime) -> None:
        self.punctured_at = at

    @transition(field=state, source=State.PUNCTURE, target=State.TREATED, custom={"verb": "end_procedure"})
    def _end_procedure(self, *, at: datetime) -> None:
        self.treated_at = at

    @transition(
        field=state,
        source=[State.TREATED, State.NOT_TREATED],
        target=State.REPATRIATING,
        custom={"verb": "request_repatriation"},
    )
    def _request_repatriation(self, *, at: datetime) -> None:
        self.repatriation_requested_at = at

    @transition(
        field=state, source=State.REPATRIATING, target=State.REPATRIATED, custom={"verb": "repatriate"}
    )
    def _repatriate(self, *, at: datetime) -> None:
        self.repatriated_at = at

    @transition(
        field=state,
        source=sorted(states.UNTAKEN | {State.PROVISIONAL}),
        target=State.WITHDRAWN,
        custom={"verb": "withdraw"},
    )
    def _withdraw(self, *, at: datetime) -> None:
        self.ended_at = at

    @transition(
        field=state, source=sorted(states.TAKEN), target=State.STOOD_DOWN, custom={"verb": "stand_down"}
    )
    def _stand_down(self, *, at: datetime) -> None:
        self.ended_at = at

    @transition(field=state, source=State.ARRIVED, target=State.NOT_TREATED, custom={"verb": "not_treat"})
    def _not_treat(self, *, at: datetime) -> None:
        self.ended_at = at

    @transition(field=state, source=sorted(LIVE), target=State.DIED, custom={"verb": "record_death"})
    def _record_death(self, *, at: datetime) -> None:
        self.ended_at = at
