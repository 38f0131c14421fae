"""Every verb as data: its name, its button, what it takes; and one door through which screens and programs do it.

`do` turns what was typed into the arguments of referrals.transitions, with an answer to each wrong value.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from network.permissions import Rights
from referrals import (
    ambulance,
    declining,
    entry,
    facts,
    homeward,
    ledger,
    owning,
    questions,
    readiness,
    remarks,
    road,
    states,
    transitions,
    typed,
)
from referrals.after import arguments as outcome_arguments
from referrals.after import recording
from referrals.arguments import Argument
from referrals.models import Referral
from referrals.procedure import Complication
from referrals.refusals import BadInput, Refusal


class UnknownVerb(Refusal):
    status = 404


@dataclass(frozen=True)
class Verb:
    """One verb: the word on its button, the sentence of what was done, and its arguments."""

    name: str
    button: str
    done: str
    perform: Callable[..., Referral]
    takes: tuple[Argument, ...] = ()
    takes_facts: bool = False


REASON = Argument("reason", "The reason", states.EndReason)
WHY = Argument("text", "More", required=False)
HUB = Argument("hub", "The hub", required=False, longest=16)
HUBS = Argument("hubs", "The hubs", many=True)
RISKS = Argument("risks", "The risks", required=False, many=True, among=(ambulance.NO_RISK, *ambulance.RISKS))
MINUTES = Argument("minutes", "Later by how many minutes", longest=4, kind="number")
TO_DOOR = Argument("minutes", "Minutes from where the crew is now", longest=4, kind="number")
TO_OTHER = Argument(
    "minutes",
    "Minutes from where the crew is",
    required=False,
    longest=4,
    kind="number",
    help="to the other hub, if the crew has said",
)
WORSE = (
    Argument("gcs", "GCS", required=False, longest=4, kind="number"),
    Argument("systolic", "Systolic blood pressure", required=False, longest=4, kind="number"),
    Argument("nihss", "NIHSS", required=False, longest=4, kind="number"),
    Argument("text", "What has changed", required=False, longest=500),
)
CLAUSE = Argument(
    "clause", "Outside which criterion", states.Clause, required=False, help="only if it is outside criteria"
)
ONWARD = Argument("onward", "Ask the next hub", states.Onward, required=False, help="in the same tap")
BED = Argument("text", "Which bed", required=False, longest=120)
READY_BED = Argument("text", "Which bed", longest=120)
RETURN = (
    Argument("category", "The category", states.Category),
    Argument("cad", "The CAD number", required=False, longest=24),
    Argument("escort", "Who travels with the patient", states.Escort, required=False),
)
ITEM = Argument("item", "What is ready", longest=60)
INSTRUCTION = Argument("instruction", "What shall the crew do", states.Instruction)
TO = Argument("to", "Divert to", required=False, longest=80, help="who has agreed, on the phone")

TOPIC = Argument("topic", "The subject", questions.Topic, required=False)
ANSWERS = (
    Argument("text", "The answer", required=False),
    TOPIC,
    *(
        Argument(part.name, part.label, part.choices, required=False, longest=40, kind=part.kind)
        for part in questions.PARTS.values()
    ),
)


def _answer(code: str, *, text: str, topic: str, **rest: Any) -> Referral:
    said = {name: rest.pop(name) for name in questions.PARTS}
    return remarks.answer(code, text=text, topic=topic, said=said, **rest)


_answer.__doc__ = remarks.answer.__doc__
COMPLICATIONS = Argument(
    "complications", "Complications", required=False, many=True, among=tuple(Complication.values)
)

VERBS = {
    verb.name: verb
    for verb in (
        Verb("refer", "Refer", "Referred", entry.upgrade, (HUBS,), takes_facts=True),
        Verb("re_offer", "Offer to another hub", "Offered again", transitions.re_offer, (HUBS,)),
        Verb("accept", "Accept", "Accepted", transitions.accept, (HUB,)),
        Verb("confirm", "Confirm", "Confirmed", transitions.confirm),
        Verb(
            "decline",
            "Decline",
            "Declined",
            declining.decline,
            (HUB, Argument("reason", "The reason", states.DeclineReason), CLAUSE, WHY, ONWARD),
        ),
        Verb(
            "second_opinion",
            "Ask for a second opinion",
            "Second opinion asked for",
            declining.second_opinion,
            (HUBS, Argument("text", "What you want to know", longest=500)),
        ),
        Verb("seen", "Seen, looking", "Seen, looking", remarks.seen, (HUB,)),
        Verb("ask", "Ask", "Asked", remarks.ask, (Argument("text", "The question", required=False), TOPIC)),
        Verb("answer", "Answer", "Answered", _answer, ANSWERS),
        Verb("amend", "Correct the facts", "Facts corrected", transitions.amend, takes_facts=True),
        Verb(
            "request_ambulance",
            "Ambulance requested",
            "Ambulance requested",
            transitions.request_ambulance,
            (
                Argument("category", "The category", states.Category),
                Argument("cad", "The CAD number", required=False, longest=24),
                Argument("escort", "Who travels with the patient", states.Escort, required=False),
                Argument("infusion", "What infusion runs", required=False, longest=80, help="if one runs"),
                Argument(
                    "infusion_ends_at",
                    "It ends at",
                    required=False,
                    longest=8,
                    kind="time",
                    help="time of day",
                ),
                RISKS,
                Argument(
                    "override",
                    "Why other than advised",
                    states.Override,
                    required=False,
                    help="only if you ask for something else",
                ),
            ),
        ),
        Verb("crew_at_spoke", "Crew is here", "Crew with the patient", road.crew_at_spoke),
        Verb("depart", "Departed", "Departed", transitions.depart),
        Verb("expect", "Minutes to the door", "Arrival said", road.expect, (TO_DOOR,)),
        Verb("delay", "Delayed", "Delayed", road.delay, (MINUTES,)),
        Verb("worsen", "Worse", "Worse", road.worsen, WORSE),
        Verb("instruct", "Answer the crew", "Crew answered", road.instruct, (INSTRUCTION, TO, TO_OTHER, WHY)),
        Verb("ready", "Ready", "Ready", readiness.ready, (ITEM,)),
        Verb("not_ready", "Not ready", "Not ready after all", readiness.not_ready, (ITEM,)),
        Verb("arrive", "Arrived", "Arrived", transitions.arrive),
        Verb("puncture", "Groin puncture", "Groin puncture", transitions.puncture),
        Verb(
            "end_procedure",
            "Procedure over",
            "Procedure over",
            transitions.end_procedure,
            (
                Argument("mtici", "mTICI", states.Mtici),
                Argument(
                    "reperfused_at", "First reperfusion", required=False, longest=40, kind="datetime-local"
                ),
                Argument("second", "Second operator", required=False, longest=150, kind="operator"),
                Argument("observing", "Observing", required=False, longest=150, kind="operator"),
                COMPLICATIONS,
            ),
        ),
        Verb("request_repatriation", "Ask for a bed", "Bed asked for", transitions.request_repatriation),
        Verb("promise_bed", "Promise a bed back", "Bed back promised", homeward.promise_bed, (BED,)),
        Verb("find_haemorrhage", "Haemorrhage found", "Haemorrhage found", homeward.find_haemorrhage, (WHY,)),
        Verb("offer_bed", "A bed is ready", "Bed ready", homeward.offer_bed, (READY_BED,)),
        Verb(
            "request_return",
            "Ambulance home requested",
            "Ambulance home requested",
            homeward.request_return,
            RETURN,
        ),
        Verb("leave_hub", "Left the hub", "Left the hub", homeward.leave_hub),
        Verb("repatriate", "Back at the spoke", "Back at the spoke", transitions.repatriate),
        Verb("withdraw", "Withdraw", "Withdrawn", transitions.withdraw, (REASON, WHY)),
        Verb("stand_down", "Stand down", "Stood down", transitions.stand_down, (REASON, WHY)),
        Verb(
            "record_outcome",
            "Record an outcome",
            "Outcome recorded",
            recording.record_outcome,
            outcome_arguments.TAKEN,
        ),
        Verb("own", "I have this patient", "Taken over", owning.own),
        Verb("noted", "I have seen it", "Stand-down seen", remarks.noted),
        Verb("not_treat", "Not treated", "Not treated", transitions.not_treat, (REASON, WHY)),
        Verb("record_death", "Record death", "Died", transitions.record_death, (WHY,)),
    )
}
DONE = {name: verb.done for name, verb in VERBS.items()} | {
    "pre_alert": "Pre-alert",
    "lapse": "Nobody answered",
    "change_over": "Shift change",
    "join": "Joined",
    "take": "Alarm taken",
    "link_crew": "Link for the crew made",
    "text_crew": "Link for the crew sent by text",
    "unlink_crew": "Links for the crew ended",
}


def moment(value: Any, *, now: datetime) -> datetime:
    """When it happened: an ISO time (a ward's local time where it names no zone), or now where nothing was given."""
    if value in (None, ""):
        return now
    read = typed.moment(str(value), now=now)
    if read is None:
        raise BadInput({"at": "This is not a date and time. Write it like 2026-11-21T02:30."})
    return read


def _arguments(verb: Verb, said: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, str]]:
    """What was typed for each argument, and a sentence for each that is wrong."""
    faults: dict[str, str] = {}
    arguments: dict[str, Any] = {}
    for argument in verb.takes:
        try:
            arguments[argument.name] = argument.read(said.get(argument.name, [] if argument.many else ""))
        except BadInput as bad:
            faults |= bad.fields
    return arguments, faults


def do(
    code: str,
    name: str,
    said: Mapping[str, Any],
    *,
    by: Any,
    now: datetime,
    via: str,
    key: str = "",
    rights: Rights | None = None,
) -> Referral:
    """Do one verb with what was typed; BadInput names each field that is wrong. `rights` saves reading them again."""
    verb = VERBS.get(name)
    if verb is None:
        raise UnknownVerb("unknown_verb", f"There is no verb “{name[:40]}”.")
    arguments, faults = _arguments(verb, said)
    known = {argument.name for argument in verb.takes} | {"at", "note"}
    rest = {k: v for k, v in said.items() if k not in known}
    if verb.takes_facts:
        if "note" in said:  # a fact of its own here
            rest["note"] = said["note"]
        arguments["said"] = rest
    else:
        faults |= {k: f"“{verb.button}” takes no “{k[:40]}”." for k in rest}
    press = ledger.Press(by=by, at=now, now=now, via=via, key=key, rights=rights)
    try:
        press["at"] = moment(said.get("at"), now=now)
        if not verb.takes_facts:
            press["note"] = Argument("note", "The note", required=False, longest=facts.MAX_NOTE).read(
                said.get("note")
            )
    except BadInput as bad:
        faults |= bad.fields
    if faults:
        raise BadInput(faults)
    return verb.perform(code, **arguments, **press)
