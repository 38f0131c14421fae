"""One referral for its own page: who it is, the way so far, the ladders, the offers, the conversation, the trail.

Called by the case's and the answer's views. The only place where a patient's name and NHS number reach a screen.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from frontend import (
    answered,
    clocks,
    criteria_sheet,
    ladder_line,
    looks,
    offer_line,
    patient_line,
    present,
    story,
    telephone,
    travel_sheet,
    waits,
    watch,
)
from frontend.criteria_sheet import Advice
from frontend.ladder_line import Line
from frontend.looks import Looking
from frontend.offer_line import Answered
from frontend.present import Card
from frontend.story import Happened, Said
from frontend.travel_sheet import Travel
from frontend.waits import Ring, Sentence
from frontend.watch import Watch
from network.models import Role
from network.permissions import Rights
from paging import queries as paging_queries
from paging.queries import Climb
from referrals import queries, states, stretches
from referrals.models import Event, Referral
from referrals.soonest import Around
from referrals.states import State


@dataclass(frozen=True)
class Identity:
    """Who the patient is; for the case's own page alone."""

    name: str
    nhs_number: str  # in groups of 3, 3 and 4
    born: str
    age: int | None
    sex: str


@dataclass(frozen=True)
class Fact:
    """One thing that is known, or said not to be."""

    label: str
    value: str
    hint: str = ""

    @property
    def shown(self) -> str:
        return self.value or "not known"


@dataclass(frozen=True)
class Stop:
    """One stop of the way: when it was reached, and how long after the one before."""

    name: str
    hour: str
    iso: str
    after: str


@dataclass(frozen=True)
class CaseFile:
    """Everything of one referral that this person sees."""

    code: str
    version: int
    ended: bool
    state: str
    card: Card
    identity: Identity
    who: str
    facts: tuple[Fact, ...]
    note: str
    callback: str
    callback_said: str
    stops: tuple[Stop, ...]
    dido: Sentence
    offers: tuple[Answered, ...]
    advice: tuple[Advice, ...]
    climbs: tuple[Line, ...]
    alarm: Line | None
    rings: tuple[Ring, ...]
    looking: Looking
    talk: tuple[Said, ...]
    trail: tuple[Happened, ...]  # the newest of it
    done: int  # how much was done in all
    travel: Travel
    opinion: str  # what a second one is asked about
    watch: Watch  # the latest departure, and each stretch against its target
    spoke: str  # where the patient is

    @property
    def has_more(self) -> bool:
        """Is there more of the trail than is shown here?"""
        return self.done > len(self.trail)

    @property
    def is_asked(self) -> bool:
        """Does the hub's last question still want an answer?"""
        return bool(self.talk) and self.talk[-1].is_question

    @property
    def topic(self) -> str:
        """What the hub's last question is about, where it is one of the usual ones."""
        return self.talk[-1].topic if self.is_asked else ""

    @property
    def asks(self) -> str:
        """The hub's last question."""
        return self.talk[-1].text if self.is_asked else ""


TRAIL = 40  # lines on the case's own page; all of a usual patient's way


def events_of(referral: Referral) -> list[Event]:
    """Everything that was done; each person among those who did it is read once, and not for each event."""
    return list(queries.trail(referral).select_related(None).prefetch_related("by"))


def of(around: Around, rights: Rights, events: Sequence[Event]) -> CaseFile:
    """The whole of one referral (with its surroundings read), for this person at this instant."""
    referral, now = around.referral, around.now
    climbs = paging_queries.climbs([referral], names_at=now).get(referral.pk, [])
    still_open = waits.still(referral, climbs)
    roads = present.drives([referral])
    minutes = roads.get((referral.spoke_id, referral.hub_id or 0))
    # Before somebody has taken the patient, nobody is on the way, and nobody is told of it.
    beside = paging_queries.beside(referral.code, names_at=now) if referral.accepted_at else []
    ladders = ladder_line.of_case(climbs, still_open, beside, now)
    return CaseFile(
        code=referral.code,
        version=referral.version,
        ended=referral.state in states.ENDED,
        state=str(State(referral.state).label),
        card=present.card(referral, still_open, minutes=minutes, now=now),
        identity=identity(referral, now),
        who=who(referral, now),
        facts=(*known(referral, now), *(Fact(*one) for one in answered.facts(events, now))),
        note=referral.note,
        callback=referral.callback,
        callback_said=telephone.shown(referral.callback),
        stops=_stops(referral),
        dido=waits.dido(referral),
        offers=tuple(offer_line.of(offer, roads, now) for offer in referral.offers.all()),
        advice=criteria_sheet.of_offers(criteria_sheet.standing(referral)),
        climbs=ladders,
        alarm=next((one for one in ladders if one.rings), None),
        rings=_rings(around, still_open, rights),
        looking=_looking(referral, still_open, events, rights, now),
        talk=story.talk(events, now),
        trail=story.trail(events, now, most=TRAIL),
        done=len(events),
        opinion=story.opinion(events),
        travel=travel_sheet.of(referral, events, rights, minutes=minutes, now=now),
        watch=watch.of(referral, now=now),
        spoke=referral.spoke.short_name,
    )


def identity(referral: Referral, now: datetime) -> Identity:
    """Name, number and birth, as a ward reads them."""
    number = referral.nhs_number
    born = referral.date_of_birth
    name = f"{referral.family_name.upper()}, {referral.given_name}" if referral.family_name else ""
    return Identity(
        name=name or "Name not yet known",
        nhs_number=f"{number[:3]} {number[3:6]} {number[6:]}" if number else "",
        born=born.strftime("%-d %b %Y") if born else "",
        age=patient_line.age(born, now),
        sex=str(states.Sex(referral.sex).label) if referral.sex else "",
    )


def who(referral: Referral, now: datetime) -> str:
    """The patient in one line, without a name: “Woman of 76, left M1 clot, 1 h 40 from onset”."""
    words = {states.Sex.FEMALE: "Woman", states.Sex.MALE: "Man"}
    person = words.get(states.Sex(referral.sex), "Patient") if referral.sex else "Patient"
    years = patient_line.age(referral.date_of_birth, now)
    pieces = [f"{person} of {years}" if years is not None else person]
    if place := patient_line.clot(referral):
        pieces.append(place if "clot" in place else f"{place} clot")
    if referral.onset_kind == states.OnsetKind.WAKE_UP:
        pieces.append("woke up with it")
    elif referral.onset_at:
        pieces.append(f"{clocks.ago(now - referral.onset_at)} from onset")
    return ", ".join(pieces)


def known(referral: Referral, now: datetime) -> tuple[Fact, ...]:
    """What the decision needs, most needed first."""
    r = referral
    lysis = clocks.moment(r.thrombolysis_at, now) or (
        str(r.get_thrombolysis_display()) if r.thrombolysis else ""
    )
    why_not = str(r.get_no_thrombolysis_reason_display()).lower() if r.no_thrombolysis_reason else ""
    kind = str(r.get_onset_kind_display()).lower() if r.onset_kind else ""
    return (
        Fact("NIHSS", _number(r.nihss)),
        Fact("ASPECTS", _number(r.aspects)),
        Fact("mRS before", _number(r.prestroke_mrs)),
        Fact("Onset", clocks.moment(r.onset_at, now), kind),
        Fact("Lysis", lysis, why_not),
        Fact("Anticoagulant", str(r.get_anticoagulant_display()) if r.anticoagulant else ""),
        Fact("Clot", patient_line.clot(r)),
        *(Fact(*one) for one in criteria_sheet.perfusion(r)),
        Fact("CT angiogram", clocks.moment(r.cta_at, now)),
        Fact("Door in", clocks.moment(r.arrived_at, now)),
    )


def _number(value: int | None) -> str:
    return "" if value is None else str(value)


def _stops(referral: Referral) -> tuple[Stop, ...]:
    found: list[Stop] = []
    before: datetime | None = None
    for name, at in stretches.reached(referral):
        after = f"+{clocks.span(at - before)}" if before else ""
        found.append(Stop(name, waits.hour(at), clocks.iso(at), after))
        before = at
    if referral.state not in states.ENDED:
        there = {stop.name for stop in found} | {"Home", "Ambulance", "Crew there", "Reperfused"}
        found += [Stop(name, "", "", "") for name, _ in stretches.STOPS if name not in there]
    return tuple(found)


def _rings(around: Around, climbs: Sequence[Climb], rights: Rights) -> tuple[Ring, ...]:
    """The hubs that the spoke and the coordinator should ring, once the ladder says so; without a hub, the next one."""
    referral = around.referral
    spoke = rights.has(Role.SPOKE, site_id=referral.spoke_id)
    if not (spoke or rights.coordinates(referral.spoke.network_id)):
        return ()
    if referral.state != State.UNPLACED:
        return waits.rings(climbs)
    told = any(climb.phone_now_since and not climb.taken_by for climb in climbs)
    following = around.next_hub() if told else None
    return (Ring(str(following), following.phone, telephone.shown(following.phone)),) if following else ()


def _looking(
    referral: Referral, climbs: Sequence[Climb], events: Sequence[Event], rights: Rights, now: datetime
) -> Looking:
    """Whether somebody looks, for those at the hubs that are asked."""
    own = {offer.hub.code for offer in referral.offers.all() if offer.hub_id in rights.sites}
    return looks.of(climbs, events, by=rights.person, hubs=own, now=now)
