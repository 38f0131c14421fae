"""Referral rows into small frozen dataclasses for the templates: a card, a lane, a board. No template sees a row.

Called by the views and by frontend.cards. It reads what surrounds the rows in a constant number of queries, and
writes nothing.
"""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache, partial
from typing import Any

from django.db.models import Q
from django.urls import reverse

from frontend import clocks, owner_line, patient_line, waits, watch
from frontend.clocks import Clock
from frontend.owner_line import OwnerLine
from frontend.waits import Ring, Sentence
from frontend.watch import Leaving
from network.models import Link
from paging import queries as paging_queries
from paging.models import Fate
from paging.queries import Climb
from realtime import feed
from referrals import gathering, road, states
from referrals.models import OfferState, Referral
from referrals.states import State


@dataclass(frozen=True)
class Lane:
    """One stretch of the way, and the states in it."""

    key: str
    name: str
    empty: str
    states: frozenset[str]


LANES = (
    Lane("pre-alert", "Pre-alert", "Nobody is being scanned.", frozenset({State.PRE_ALERTED})),
    Lane("waiting", "Waiting for an answer", "Nobody waits.", frozenset({State.REFERRED, State.UNPLACED})),
    Lane(
        "accepted",
        "Accepted",
        "Nobody waits to leave.",
        frozenset({State.PROVISIONAL, State.ACCEPTED, State.AMBULANCE_REQUESTED}),
    ),
    Lane("road", "On the road", "Nobody is on the road.", frozenset({State.DEPARTED})),
    Lane("hub", "At the hub", "Nobody waits for puncture.", frozenset({State.ARRIVED})),
    Lane("groin", "Groin puncture", "No procedure.", frozenset({State.PUNCTURE, State.TREATED})),
    Lane("back", "Going back", "Nobody is going back.", frozenset({State.REPATRIATING})),
    Lane("ended", "Ended in the last hours", "", states.ENDED),
)
LANE_OF = {state: lane.key for lane in LANES for state in lane.states}


@dataclass(frozen=True)
class Siren:
    """A card for which this board sounds."""

    pages: str  # the ids of its pages, for the board to say that it sounds
    since: datetime

    @property
    def iso(self) -> str:
        return clocks.iso(self.since)

    @property
    def hour(self) -> str:
        return waits.hour(self.since, seconds=True)


@dataclass(frozen=True)
class Card:
    """One patient on a board: who goes where, what is known, the clock, what it waits for. No names, no NHS number."""

    code: str
    version: int
    state: str
    lane: str
    route: str
    facts: tuple[str, ...]
    clock: Clock
    waits: Sentence
    dido: Sentence
    contract: Callable[[], dict[str, Any]]  # the card's facts for other programs, reckoned where one asks
    asked: tuple[str, ...] = ()  # the codes of the hubs that were asked
    rings: tuple[Ring, ...] = ()  # the hubs that this board's people should ring now
    siren: Siren | None = None
    leaving: Leaving | None = None
    owner: OwnerLine | None = None

    @property
    def urgency(self) -> float:
        return self.clock.urgency

    @property
    def mood(self) -> str:
        return self.clock.mood.value

    @property
    def path(self) -> str:
        return path_of(self.code)


@dataclass(frozen=True)
class Filled:
    """A lane with its cards, the most urgent first."""

    lane: Lane
    cards: tuple[Card, ...]


@lru_cache(maxsize=1024)
def path_of(code: str) -> str:
    """Where the case is; a board asks for the same ones again and again."""
    return reverse("case", args=[code])


def route(referral: Referral) -> str:
    """From where to where: the hub that took the patient, else those that were asked."""
    if referral.hub_id == referral.spoke_id:
        return f"{referral.spoke}, own patient"
    if referral.hub:
        return f"{referral.spoke} → {referral.hub}"
    asked = [str(offer.hub) for offer in referral.offers.all() if offer.state == OfferState.OPEN]
    if asked:
        return f"{referral.spoke} → {', '.join(asked)}"
    return f"{referral.spoke} → no hub" if referral.state == State.UNPLACED else str(referral.spoke)


def drives(referrals: Iterable[Referral]) -> dict[tuple[int, int], int]:
    """Drive minutes from each spoke to each hub that these referrals speak of, in one query."""
    wanted: set[tuple[int, int]] = set()
    for referral in referrals:
        hubs = {offer.hub_id for offer in referral.offers.all()} | (
            {referral.hub_id} if referral.hub_id else set()
        )
        wanted |= {(referral.spoke_id, hub) for hub in hubs}
    return _minutes(wanted)


def _minutes(wanted: Collection[tuple[int, int]]) -> dict[tuple[int, int], int]:
    if not wanted:
        return {}
    either = Q(origin__in={spoke for spoke, _ in wanted}, hub__in={hub for _, hub in wanted})
    rows = Link.objects.filter(either).values_list("origin_id", "hub_id", "minutes")
    return {(origin, hub): minutes for origin, hub, minutes in rows}


def card(
    referral: Referral,
    climbs: Sequence[Climb],
    *,
    minutes: int | None,
    now: datetime,
    asked: bool = False,
    stream: str = "",
) -> Card:
    """One referral as a card of this stream's board; `climbs` are its open ladders, `minutes` the drive to the hub."""
    climbs = waits.still(referral, climbs)
    clock = clocks.matters_now(referral, minutes=minutes, now=now)
    sentence = waits.sentence(referral, climbs, minutes=minutes, now=now)
    calls = waits.rings(climbs)
    own = _spoke_streams(referral)
    if calls and stream and stream not in own:
        sentence = (waits.stress(f"{referral.spoke} is told to ring. ", mood="late"), *sentence)
    if road.waits_for_hub(referral):
        worse = waits.stress("The patient is WORSE, the crew waits for the hub. ", mood="late")
        sentence = (worse, *sentence)
    if asked and referral.state in states.LIVE:
        sentence = (waits.stress("The hub has asked something. ", mood="soon"), *sentence)
    return Card(
        code=referral.code,
        version=referral.version,
        state=referral.state,
        lane=LANE_OF[State(referral.state)],
        route=route(referral),
        facts=patient_line.facts(referral, now),
        clock=clock,
        waits=sentence,
        dido=() if referral.state == State.DEPARTED else waits.dido(referral),
        contract=partial(_contract, referral, clock, (*waits.ring_words(calls), *sentence), now),
        asked=tuple(offer.hub.code for offer in referral.offers.all()),
        rings=calls if stream in own else (),
        siren=_siren(climbs, stream, now),
        leaving=watch.leave(referral, now=now),
        owner=owner_line.of(referral, now=now),
    )


def _spoke_streams(referral: Referral) -> set[str]:
    """The boards of those who ring a hub that does not answer: the spoke's and its coordinators'."""
    return {feed.site_stream(referral.spoke), feed.network_stream(referral.spoke.network)}


def _siren(climbs: Sequence[Climb], stream: str, now: datetime) -> Siren | None:
    """The pages for which the boards of this stream sound; a network's only once a ladder has found nobody."""
    sounding = [
        page
        for climb in climbs
        for page in climb.sirens(now)
        if stream == feed.of_site(page.site) or (stream.startswith("network:") and climb.phone_now_since)
    ]
    if not sounding:
        return None
    unheard = [page for page in sounding if page.fate == Fate.SENT] or sounding[-1:]
    return Siren(
        pages=" ".join(str(page.id) for page in unheard), since=min(page.due_at for page in sounding)
    )


def _contract(referral: Referral, clock: Clock, sentence: Sentence, now: datetime) -> dict[str, Any]:
    hub = {"code": referral.hub.code, "name": referral.hub.name} if referral.hub else None
    return {
        "code": referral.code,
        "state": referral.state,
        "version": referral.version,
        "lane": LANE_OF[State(referral.state)],
        "spoke": {"code": referral.spoke.code, "name": referral.spoke.name},
        "hub": hub,
        "offers": [{"hub": offer.hub.code, "state": offer.state} for offer in referral.offers.all()],
        "age": patient_line.age(referral.date_of_birth, now),
        "sex": referral.sex or None,
        "nihss": referral.nihss,
        "occlusion": referral.occlusion or None,
        "side": referral.side or None,
        "aspects": referral.aspects,
        "clock": {
            "label": clock.label,
            "since": clocks.iso(clock.since) or None,
            "until": clocks.iso(clock.until) or None,
            "soon": clocks.iso(clock.soon) or None,
            "late": clocks.iso(clock.late) or None,
        },
        "waits_for": waits.plain(sentence),
    }


def cards(referrals: Iterable[Referral], *, now: datetime, stream: str = "") -> list[Card]:
    """These referrals (with their offers read) as cards of this stream's board, in at most four queries more."""
    rows = list(referrals)
    climbs = paging_queries.climbs(rows, open_only=True)
    roads = _minutes({(row.spoke_id, row.hub_id) for row in rows if row.hub_id})
    asking = gathering.asking(row.pk for row in rows)
    return [
        card(
            row,
            climbs.get(row.pk, []),
            minutes=roads.get((row.spoke_id, row.hub_id or 0)),
            now=now,
            asked=row.pk in asking,
            stream=stream,
        )
        for row in rows
    ]


def lanes(shown: Iterable[Card]) -> list[Filled]:
    """The cards in their lanes, ordered by urgency and then by code."""
    by_lane: dict[str, list[Card]] = {lane.key: [] for lane in LANES}
    for one in shown:
        by_lane[one.lane].append(one)
    return [
        Filled(lane, tuple(sorted(by_lane[lane.key], key=lambda c: (-c.urgency, c.code)))) for lane in LANES
    ]


def counts(filled: Iterable[Filled]) -> str:
    """How many there are in the live lanes, in a sentence."""
    numbers = {f.lane.key: len(f.cards) for f in filled}
    live = sum(numbers.values())
    waiting = numbers["waiting"]
    patients = "No patient" if live == 0 else "1 patient" if live == 1 else f"{live} patients"
    return f"{patients}, {waiting} waiting for an answer" if waiting else patients
