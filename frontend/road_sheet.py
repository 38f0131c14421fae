"""The road on the screens: what the crew reported, what the hub answered, and what a crew's own page shows.

Called by frontend.travel_sheet, frontend.inputs and frontend.views.crew. A crew sees age, sex, NIHSS and what runs:
no name, no number of the patient.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import segno
from django.conf import settings
from django.urls import reverse

from frontend import ambulance_sheet, clocks, telephone, waits
from network.models import Link
from network.permissions import Rights
from paging.crew_texts import Texted
from paging.models import Fate
from referrals import crew, policy, road, states
from referrals.crew_link import CrewLink
from referrals.models import Event, Referral
from referrals.states import Instruction, State

HUBS_NEAR = 5  # that a patient on the road may be diverted to
FAR = (10, 15, 20, 30, 45, 60)  # minutes to the door that are one thumb on the crew's page
FOUND = (("gcs", "GCS"), ("systolic", "systolic"), ("nihss", "NIHSS"))
DONE = {"depart": "Departed", "crew_at_spoke": "With the patient", "arrive": "Arrived"}


@dataclass(frozen=True)
class Worse:
    """What was reported, by whom, and what the hub has answered."""

    hour: str
    iso: str
    found: str
    text: str
    who: str
    answer: str
    answer_text: str
    answer_hour: str

    @property
    def is_open(self) -> bool:
        return not self.answer


@dataclass(frozen=True)
class Road:
    """What the case shows of the road."""

    worse: Worse | None
    is_open: bool  # the hub must answer
    may_link: bool


def of(referral: Referral, events: Sequence[Event], rights: Rights) -> Road:
    """The road of this referral, for this person."""
    return Road(
        worse=_worse(referral, events),
        is_open=road.waits_for_hub(referral),
        may_link=referral.state in crew.ON_THE_ROAD and policy.RULES["link_crew"][0](rights, referral),
    )


def _worse(referral: Referral, events: Sequence[Event]) -> Worse | None:
    """The last report, while it may still matter."""
    if referral.worse_at is None or referral.state in {State.REPATRIATING, State.REPATRIATED}:
        return None
    said = next((event for event in reversed(events) if event.verb == "worsen"), None)
    if said is None:
        return None
    answer = next((e for e in reversed(events) if e.verb == "instruct" and e.number > said.number), None)
    return Worse(
        hour=waits.hour(said.at),
        iso=clocks.iso(said.at),
        found=found(said),
        text=str(said.details.get("text", "")),
        who=str(said.by) if said.by else "the ambulance’s crew",
        answer=_answer(answer, referral) if answer else "",
        answer_text=str(answer.details.get("text", "")) if answer else "",
        answer_hour=waits.hour(answer.at) if answer else "",
    )


def found(event: Event) -> str:
    """“GCS 9, systolic 210”; empty where only “worse” was pressed."""
    return ", ".join(f"{word} {event.details[name]}" for name, word in FOUND if name in event.details)


def _answer(event: Event, referral: Referral) -> str:
    """“Divert to Salford”: the last answer, so the hub is the one that has the patient."""
    instruction = Instruction(event.details["instruction"])
    return (
        f"{instruction.label} to {referral.hub}"
        if instruction == Instruction.DIVERT
        else str(instruction.label)
    )


def diversions(referral: Referral, now: datetime) -> list[tuple[str, str]]:
    """Who at the nearest other hubs may have agreed to take the patient: independent operators, by hub."""
    links = Link.objects.filter(origin=referral.spoke_id).exclude(hub=referral.hub_id).select_related("hub")
    near = [link.hub for link in links.order_by("minutes", "pk")[:HUBS_NEAR]]
    able = road.who_may_agree(near, at=now)
    return [
        (f"{hub.code} {held.person.username}", f"{hub}: {held.person.name}")
        for hub in near
        for held in able
        if held.hub_id == hub.pk
    ]


@dataclass(frozen=True)
class Sent:
    """One text with a link: to which number, and what became of it."""

    number: str
    words: str
    mood: str


@dataclass(frozen=True)
class Shown:
    """One open link, as the spoke hands it over."""

    id: int
    address: str
    picture: str  # the same as a QR code, SVG of our own making
    made: str
    heard: str
    texts: tuple[Sent, ...]


def _sent(text: Texted) -> Sent:
    """“delivered at 03:12”; while it is under way, since when."""
    number, at = telephone.shown(text.number), waits.hour(text.settled_at or text.at)
    match text.fate:
        case Fate.DELIVERED | Fate.ANSWERED:
            return Sent(number, f"delivered at {at}", "ok")
        case Fate.FAILED:
            return Sent(
                number, f"not delivered: {text.error or 'it failed'}. Show the square instead.", "late"
            )
        case Fate.CANCELLED:
            return Sent(number, "not needed any more", "quiet")
        case _:
            return Sent(
                number, f"sent at {at}, not delivered yet" if text.fate == Fate.SENT else "about to go", ""
            )


def shown(link: CrewLink, texts: Sequence[Texted] = ()) -> Shown:
    """The address with its secret behind the “#”, which no browser ever sends to a server or in a Referer."""
    address = f"{settings.PUBLIC_URL}{reverse('crew')}#{crew.secret_of(link.seed)}"
    picture = segno.make(address, error="m", micro=False)
    return Shown(
        id=link.pk,
        texts=tuple(_sent(text) for text in texts),
        address=address,
        picture=picture.svg_inline(
            border=4, omitsize=True, svgclass="qr", lineclass=None, light="#fff", dark="#000"
        ),
        made=f"{waits.hour(link.made_at)} by {link.made_by}",
        heard=waits.hour(link.heard_at) if link.heard_at else "",
    )


@dataclass(frozen=True)
class Step:
    """One stop of the crew's road: reached, next, or ahead."""

    verb: str
    words: str
    hour: str
    is_next: bool


@dataclass(frozen=True)
class CrewPage:
    """Everything that a crew sees."""

    code: str
    to: str
    place: str  # its address, as far as it is known
    patient: str
    transfer: str
    steps: tuple[Step, ...]
    due: str
    due_by: str
    hub_number: str
    hub_said: str
    spoke: str
    spoke_number: str
    spoke_said: str
    is_over: bool
    over: str
    may_expect: bool
    asks: bool  # nobody knows when they arrive: the first thing that is asked of them
    far: tuple[int, ...]
    may_delay: bool
    may_worsen: bool
    worse: Worse | None


def crew_page(link: CrewLink, now: datetime) -> CrewPage:
    """What this link opens now."""
    referral = link.referral
    hub, events = referral.hub, list(referral.events.order_by("number"))
    open_now = road.open_verbs(referral)
    minutes = Link.objects.filter(origin=referral.spoke_id, hub=referral.hub_id).values_list(
        "minutes", flat=True
    )
    due = clocks.eta(referral, minutes.first()) if referral.state == State.DEPARTED else None
    said_at = referral.expected_said_at
    over = referral.state not in crew.ON_THE_ROAD
    return CrewPage(
        code=referral.code,
        to=hub.name if hub else "",
        place=hub.postcode if hub else "",
        patient=_patient(referral, now),
        transfer=ambulance_sheet.in_a_line(referral, now),
        steps=_steps(referral),
        due=waits.hour(due) if due else "",
        due_by=f"as said at {waits.hour(said_at)}" if said_at else "by the drive without traffic",
        hub_number=hub.phone if hub else "",
        hub_said=telephone.shown(hub.phone) if hub else "",
        spoke=str(referral.spoke),
        spoke_number=referral.callback,
        spoke_said=telephone.shown(referral.callback),
        is_over=over,
        over=_over(referral) if over else "",
        may_expect="expect" in open_now,
        asks="expect" in open_now and due is None,
        far=FAR,
        may_delay="delay" in open_now and due is not None,
        may_worsen="worsen" in open_now and not over,
        worse=_worse(referral, events),
    )


def _patient(referral: Referral, now: datetime) -> str:
    person = ambulance_sheet.of_whom(referral, now).capitalize()
    return f"{person}, NIHSS {referral.nihss}" if referral.nihss is not None else person


def _steps(referral: Referral) -> tuple[Step, ...]:
    reached = (
        ("crew_at_spoke", "I am with the patient", referral.crew_at_spoke_at),
        ("depart", "We have left", referral.departed_at),
        ("arrive", "We have arrived", referral.hub_arrived_at),
    )
    can = {
        "crew_at_spoke": referral.state == State.AMBULANCE_REQUESTED and not referral.crew_at_spoke_at,
        "depart": referral.state == State.AMBULANCE_REQUESTED and bool(referral.crew_at_spoke_at),
        "arrive": referral.state == State.DEPARTED,
    }
    return tuple(
        Step(verb, DONE[verb] if at else words, waits.hour(at) if at else "", can[verb])
        for verb, words, at in reached
    )


def _over(referral: Referral) -> str:
    """How the road ended."""
    if referral.state == State.STOOD_DOWN:
        return "Stood down. The transfer does not go on: ring the hospital for what to do with the patient."
    if referral.hub_arrived_at:
        return f"Arrived at {waits.hour(referral.hub_arrived_at)}. Thank you. This page ends."
    return f"This transfer has ended ({str(states.State(referral.state).label).lower()}). Ring the hospital."
