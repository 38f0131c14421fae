"""What the API answers, as types: they check each answer and are printed into the OpenAPI document.

What is not known is null. Moments are instants in UTC. Filled by api.present.
"""

from datetime import UTC, date, datetime
from typing import Annotated, Any

from ninja import Schema
from pydantic import Field, PlainSerializer, WithJsonSchema

from referrals.states import State


def _instant(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


Moment = Annotated[
    datetime,
    PlainSerializer(_instant, return_type=str),
    WithJsonSchema({"type": "string", "format": "date-time", "examples": ["2026-11-21T02:30:00Z"]}),
]
SiteCode = Annotated[str, Field(description="ODS site code", examples=["RBL14"])]
Minutes = Annotated[int | None, Field(description="whole minutes; null until both moments are known")]


class Fault(Schema):
    """Why something was refused. Nothing was changed."""

    error: str = Field(description="a code for programs")
    message: str = Field(description="a sentence for people")
    fields: dict[str, str] | None = Field(None, description="a sentence for each thing that is wrong")


class Reason(Schema):
    """What one clause of the criteria says."""

    clause: str
    verdict: str = Field(description="within, uncertain or outside")
    said: str
    rule: str
    source: str
    settle: str = Field(description="what would settle it; empty where nothing is open")


class Judgement(Schema):
    """What a hub's criteria say of the patient: advice with its reasons, never a refusal."""

    version: str
    verdict: str = Field(description="within, uncertain or outside")
    line: str
    reasons: list[Reason]


class Offer(Schema):
    """The referral put to one hub."""

    hub: SiteCode
    state: str = Field(description="open, provisional, accepted, declined, withdrawn or lapsed")
    opened_at: Moment
    closed_at: Moment | None
    reason: str | None = Field(description="why it was declined")
    criteria: Judgement | None = Field(description="as judged when it was offered, and kept by that version")


class Heading(Schema):
    """Which referral, and where it stands."""

    code: str = Field(examples=["R7K2"])
    state: State
    version: int = Field(description="the number of its last event")
    visible: bool = Field(
        description="false where you no longer see it, as after declining: then only what you did last is told"
    )
    spoke: SiteCode
    hub: SiteCode | None
    offers: list[Offer]


class Facts(Schema):
    """What is known of the patient."""

    nhs_number: str | None
    family_name: str | None
    given_name: str | None
    date_of_birth: date | None
    sex: str | None
    onset_at: Moment | None
    onset_kind: str | None
    arrived_at: Moment | None = Field(description="door in at the first hospital")
    nihss: int | None
    prestroke_mrs: int | None
    cta_at: Moment | None
    occlusion: str | None
    side: str | None
    aspects: int | None
    perfusion: str | None = Field(
        description="CT perfusion or diffusion MR: mismatch, no_mismatch or not_done"
    )
    mismatch_ml: int | None = Field(description="mL that could be saved")
    thrombolysis: str | None
    thrombolysis_at: Moment | None
    no_thrombolysis_reason: str | None
    anticoagulant: str | None
    callback: str | None
    note: str | None


class Moments(Schema):
    """When each state was reached."""

    pre_alerted_at: Moment | None
    referred_at: Moment | None
    provisional_at: Moment | None
    accepted_at: Moment | None
    ambulance_requested_at: Moment | None
    departed_at: Moment | None = Field(description="door out at the spoke")
    hub_arrived_at: Moment | None
    punctured_at: Moment | None
    treated_at: Moment | None
    repatriation_requested_at: Moment | None
    repatriated_at: Moment | None
    unplaced_at: Moment | None
    ended_at: Moment | None


class Travel(Schema):
    """How the patient travels there and back."""

    crew_at_spoke_at: Moment | None
    expected_at: Moment | None = Field(
        description="at the hub’s door, by the word of the crew or of a hospital; null: nobody has said"
    )
    expected_said_at: Moment | None = Field(description="when that was said")
    diverted_at: Moment | None = Field(
        description="to this hub; after the door out, the drive from the spoke says nothing of the arrival"
    )
    worse_at: Moment | None = Field(description="when the patient was last reported worse on the way")
    instruction: str | None = Field(description="the hub’s answer to that; null: it has not answered")
    ready: list[str] | None = Field(description="ids of what the hub has made ready")
    bed_promised_at: Moment | None
    haemorrhage_at: Moment | None
    bed_offered_at: Moment | None
    return_requested_at: Moment | None
    return_left_at: Moment | None = Field(description="door out at the hub")


class Referral(Moments, Travel, Facts, Heading):
    """One patient's way."""

    operator: str | None = Field(description="name")
    supervisor: str | None = Field(description="name")
    category: str | None
    cad: str | None
    escort: str | None = Field(description="who of the hospital travels with the patient")
    infusion: str | None
    infusion_ends_at: Moment | None
    transfer_risks: list[str] | None = Field(description="ids of the risks that are true; null: nobody asked")
    override: str | None = Field(description="why other than advised")
    mtici: str | None
    reperfused_at: Moment | None = Field(description="first reperfusion")
    second: str | None = Field(description="second operator, name")
    observing: str | None = Field(description="name")
    complications: list[str] | None = Field(description="“none”, or which; null: not recorded")
    end_reason: str | None
    dido_minutes: Minutes
    door_to_puncture_minutes: Minutes
    onset_to_puncture_minutes: Minutes


class Entered(Referral):
    """The referral that the patient now has."""

    joined: bool = Field(description="true where your hospital joined the live referral of another team")


class By(Schema):
    """Who did it."""

    username: str
    name: str


class Event(Schema):
    """What was done to a referral; each event is sealed over the one before."""

    number: int
    verb: str
    before: State
    after: State
    by: By | None = Field(description="null: the clock")
    via: str
    at: Moment = Field(description="when it happened")
    written_at: Moment
    details: dict[str, Any]
    hash: str


class Site(Schema):
    """A hospital."""

    code: SiteCode
    name: str
    short_name: str
    network: str = Field(description="the network's code")
    hub: bool = Field(description="does thrombectomy")
    thrombolyses: bool
    phone: str | None


class OnCall(Schema):
    """Who holds a duty."""

    duty: str = Field(description="first, second or supervisor")
    name: str


class Hub(Schema):
    """A hub, as seen from one hospital."""

    code: SiteCode
    name: str
    minutes: int = Field(description="drive minutes, without traffic")
    network: str
    on_call: list[OnCall]
    closed: bool = Field(
        description="it takes nobody from there now: by its hours, a closure, or nobody on call; false where "
        "nothing of that is kept"
    )
    opens_at: Moment | None = Field(
        description="when it takes the next patient, where it is closed; within a day"
    )
    closed_why: str | None
    groin_at: Moment | None = Field(description="when the groin could be punctured; null: not within a day")
    leave_at: Moment | None = Field(description="when the patient could leave, by what is usual there")
    arrive_at: Moment | None
    observed_minutes: int | None = Field(description="median journey of the last year, where five are known")
    observed_journeys: int
    door_to_groin_minutes: int
    patients_before: int = Field(description="patients on their way there, or in the suite, who come before")
    wait_minutes: int = Field(description="how long the suite is taken, beyond the time to get ready")
    takes_referrals_until: Moment | None = Field(
        description="its last acceptance, where that is within a day"
    )
    be_there_by: Moment | None


class Shift(OnCall):
    """A stretch of duty."""

    hub: SiteCode
    since: Moment
    until: Moment = Field(description="exclusive")


class Stream(Schema):
    """A list of events that you may watch at /ws/feed/."""

    key: str
    name: str
    head: int = Field(description="the position of its last event")
