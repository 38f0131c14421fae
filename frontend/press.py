"""What this person may press now: the verbs that the state and the rights allow, what each takes, and what was typed.

Called by the case's and the answer's views. It offers; only referrals.verbs decides.
"""

import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.urls import reverse

from frontend import ambulance_sheet, facts_sheet, hub_choice, inputs, procedure_sheet
from frontend.ambulance_sheet import Sheet
from frontend.facts_sheet import Section
from frontend.hub_choice import HubChoices
from frontend.inputs import Input
from network.permissions import Rights
from referrals import declining, facts, homeward, owning, policy, questions, road, verbs
from referrals.facts import Stage
from referrals.models import OfferState, Referral
from referrals.soonest import Around
from referrals.states import LIVE, State
from workforce import phases

MAIN = {
    State.PRE_ALERTED: "refer",
    State.REFERRED: "accept",
    State.UNPLACED: "re_offer",
    State.PROVISIONAL: "confirm",
    State.ACCEPTED: "request_ambulance",
    State.AMBULANCE_REQUESTED: "depart",
    State.DEPARTED: "arrive",
    State.ARRIVED: "puncture",
    State.PUNCTURE: "end_procedure",
    State.TREATED: "request_repatriation",
    State.NOT_TREATED: "request_repatriation",
    State.REPATRIATING: "repatriate",
}  # the verb with which the patient gets on
WEIGHTS = {
    **dict.fromkeys(("withdraw", "stand_down", "not_treat", "record_death"), "grave"),
    **dict.fromkeys(("ask", "answer"), "talk"),
    "seen": "look",
}
TIMELESS = frozenset(
    {"ask", "answer", "amend", "re_offer", "seen", "instruct", "second_opinion", "own"}
)  # nobody writes these down late

OFFERS = frozenset({"re_offer", "second_opinion"})


@dataclass(frozen=True)
class Typed:
    """What was pressed and refused: shown again, with the reasons, so that nothing must be typed twice."""

    verb: str
    said: Mapping[str, str]
    hubs: tuple[str, ...] = ()
    risks: tuple[str, ...] = ()
    complications: tuple[str, ...] = ()
    faults: Mapping[str, str] = field(default_factory=dict)
    message: str = ""
    key: str = ""

    @property
    def words(self) -> tuple[str, ...]:
        """What would be lost if the form were gone."""
        return tuple(self.said[name] for name in ("text", "note", "cad", "infusion") if self.said.get(name))


@dataclass(frozen=True)
class Press:
    """One verb as a form, or as a way to another page (`href`)."""

    verb: str
    button: str
    key: str
    inputs: tuple[Input, ...] = ()
    hub: str = ""
    topic: str = ""  # of the question that it answers
    href: str = ""
    hubs: HubChoices | None = None
    sections: Sequence[Section] = ()
    ambulance: Sheet | None = None
    procedure: procedure_sheet.Sheet | None = None
    timed: bool = True
    at: str = ""
    note: str = ""
    faults: Mapping[str, str] = field(default_factory=dict)
    message: str = ""

    @property
    def id(self) -> str:
        return f"{self.verb}-{self.hub}" if self.hub else self.verb

    @property
    def is_open(self) -> bool:
        """Was it pressed and refused? Then it comes back open."""
        return bool(self.message or self.faults)

    @property
    def is_late_entry(self) -> bool:
        return bool(self.at or self.note or self.faults.get("at") or self.faults.get("note"))


@dataclass(frozen=True)
class Presses:
    """Everything that this person may press now, by weight."""

    main: tuple[Press, ...] = ()
    look: tuple[Press, ...] = ()
    other: tuple[Press, ...] = ()
    talk: tuple[Press, ...] = ()
    grave: tuple[Press, ...] = ()

    @property
    def all(self) -> tuple[Press, ...]:
        return (*self.main, *self.look, *self.other, *self.talk, *self.grave)


def _open_verbs(referral: Referral) -> list[str]:
    """The verbs that the state allows, in the order of the way."""
    moves = referral.get_available_state_transitions()  # type: ignore[attr-defined]  # the FSM's field makes it
    allowed = {move.custom["verb"] for move in moves} - {"accept", "confirm", "decline", "lapse", "pre_alert"}
    if referral.state in LIVE:
        allowed |= {"ask", "answer", "amend", "own"}
    allowed |= road.open_verbs(referral) | homeward.open_verbs(referral)
    if _is_where_they_belong(referral):
        allowed.discard("request_repatriation")
    if declining.may_ask_again(referral):
        allowed.add("second_opinion")
    return [verb for verb in verbs.VERBS if verb in allowed]


def _answers(referral: Referral, rights: Rights, now: datetime) -> list[tuple[str, str, str]]:
    """Accept, decline and confirm as (verb, hub's code, words on the button)."""
    found: list[tuple[str, str, str]] = []
    if referral.state in {State.REFERRED, State.UNPLACED}:
        for offer in policy.answerable(rights, referral):
            operates = phases.authorisation(rights.person, offer.hub, at=now) is not None
            if operates and policy.may_accept(rights, offer.hub_id):
                found.append(("accept", offer.hub.code, f"Accept for {offer.hub}"))
            found.append(("decline", offer.hub.code, f"Decline for {offer.hub}"))
    if referral.state == State.PROVISIONAL and policy.may_confirm(rights, referral, at=now):
        found += [("confirm", "", f"Confirm for {referral.hub}"), ("decline", "", "Do not confirm")]
    return found


def _looks(
    referral: Referral, rights: Rights, looked: Collection[str], now: datetime
) -> list[tuple[str, str, str]]:
    """“Seen, looking” for whoever could answer and has not said so yet; an offer that lapsed has no ladder to hold."""
    if referral.state == State.PROVISIONAL:
        assert referral.hub, "somebody accepted provisionally"
        may = policy.may_confirm(rights, referral, at=now) and referral.hub.code not in looked
        return [("seen", "", "")] if may else []
    if referral.state != State.REFERRED:
        return []
    asked = [offer.hub for offer in policy.answerable(rights, referral) if offer.state == OfferState.OPEN]
    several = len(asked) > 1
    return [
        ("seen", hub.code, f"Seen, looking for {hub}" if several else "")
        for hub in asked
        if hub.code not in looked
    ]


def presses(
    around: Around,
    rights: Rights,
    *,
    typed: Typed | None = None,
    asked: bool = False,
    topic: str = "",
    looked: Collection[str] = (),
) -> Presses:
    """What this person may do to this referral now; where the hub has asked, the answer to its topic comes first.

    `around`: the referral, this instant, and its hubs, which are ranked only if a press needs them. `looked`: the codes
    of the hubs for which they have said that they look.
    """
    referral, now = around.referral, around.now
    allowed = [(v, "", "") for v in _open_verbs(referral) if policy.RULES[v][0](rights, referral)]
    by_weight: dict[str, list[Press]] = {name: [] for name in ("main", "look", "other", "talk", "grave")}
    if owning.is_with(referral, rights.person):
        allowed = [one for one in allowed if one[0] != "own"]
    main = {_main(referral)} | ({"answer"} if asked else set()) | {"instruct"}
    main |= {"own"} if referral.change_over_at else set()
    main |= {"expect"} if road.arrival_is_unknown(referral) else set()
    offered = [*_answers(referral, rights, now), *_looks(referral, rights, looked, now), *allowed]
    for verb, hub, words in offered:
        weight = "main" if verb in main else WEIGHTS.get(verb, "other")
        mine = typed if typed and typed.verb == verb and typed.said.get("hub", "") == hub else None
        by_weight[weight].append(_press(around, verb, hub=hub, words=words, typed=mine, topic=topic))
    return Presses(**{weight: tuple(found) for weight, found in by_weight.items()})


def new_key() -> str:
    """A press's own key, so that it is done once however often it is sent."""
    return f"web-{uuid.uuid4()}"


def topics() -> list[tuple[str, str, str]]:
    """The usual questions, each with its words and a key of its own: one tap asks."""
    return [(topic.value, f"{topic.label}?", new_key()) for topic in questions.Topic]


def _main(referral: Referral) -> str:
    """The verb with which this patient gets on; none where they stay."""
    return "" if _is_where_they_belong(referral) else MAIN.get(State(referral.state), "")


def _is_where_they_belong(referral: Referral) -> bool:
    """A hub's own patient who was not treated: no bed is to be asked for."""
    return referral.state == State.NOT_TREATED and referral.spoke_id == referral.hub_id


def whose_turn(referral: Referral) -> str:
    """Who can get the patient on, for somebody who cannot."""
    verb = _main(referral)
    if verb == "accept":
        return "the hub"
    if verb == "confirm":
        return "the supervisor"
    return policy.RULES[verb][1] if verb else ""


def _press(
    around: Around,
    name: str,
    *,
    hub: str,
    words: str,
    typed: Typed | None,
    topic: str = "",
) -> Press:
    referral, verb = around.referral, verbs.VERBS[name]
    said = typed.said if typed else {}
    faults = typed.faults if typed else {}
    refers = name == "refer"
    return Press(
        verb=name,
        button=words or verb.button,
        key=(typed and typed.key) or new_key(),
        inputs=inputs.of(verb, said, faults, topic=topic, around=around),
        topic=topic if name == "answer" else "",
        hub=hub,
        href=f"{reverse('refer')}?from={referral.code}" if refers else "",
        hubs=_hubs(around, typed) if name in OFFERS else None,
        sections=_facts(referral, typed, around.now) if name == "amend" else (),
        ambulance=_ambulance(referral, typed) if name == "request_ambulance" else None,
        procedure=_procedure(referral, typed) if name == "end_procedure" else None,
        timed=name not in TIMELESS and not refers,
        at=said.get("at", ""),
        note=said.get("note", "") if name != "amend" else "",
        faults=faults,
        message=typed.message if typed else "",
    )


def _ambulance(referral: Referral, typed: Typed | None) -> Sheet:
    """The risk questions, with what was ticked before."""
    said, risks, faults = (typed.said, typed.risks, typed.faults) if typed else ({}, (), {})
    return ambulance_sheet.sheet(referral, said, risks, faults.get("risks", ""))


def _procedure(referral: Referral, typed: Typed | None) -> procedure_sheet.Sheet:
    said, ticked, faults = (typed.said, typed.complications, typed.faults) if typed else ({}, (), {})
    return procedure_sheet.sheet(referral, said, ticked, faults)


def _hubs(around: Around, typed: Typed | None) -> HubChoices:
    """The hubs that were not asked yet, or those that were ticked before."""
    ticked = set(typed.hubs) if typed else set()
    asked = {offer.hub.code for offer in around.referral.offers.all()} - ticked
    found = [one for one in around.choices if one.hub.code not in asked]
    return hub_choice.of(found, around.referral.spoke, ticked=ticked, at=around.now)


def _facts(referral: Referral, typed: Typed | None, now: datetime) -> list[Section]:
    known = {name: getattr(referral, name) for name in facts.NAMES}
    return facts_sheet.sections(
        typed.said if typed else None,
        initial=known,
        faults=typed.faults if typed else {},
        stage=Stage.AMEND,
        now=now,
    )
