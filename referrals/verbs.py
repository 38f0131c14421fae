"""Every verb as data: its name, its button, what it takes; and one door through which screens and programs do it.

`do` turns what was typed into the arguments of referrals.transitions, with an answer to each wrong value.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import TextChoices
from django.utils.dateparse import parse_datetime

from network.permissions import Rights
from referrals import entry, facts, ledger, remarks, states, transitions, typed
from referrals.models import Referral
from referrals.procedure import Complication
from referrals.refusals import BadInput, Refusal

MAX_TEXT = 2000


class UnknownVerb(Refusal):
    status = 404


@dataclass(frozen=True)
class Argument:
    """One thing that a verb takes: a choice, or words, or a list of hubs or of other known ids (`among`)."""

    name: str
    label: str
    choices: type[TextChoices] | None = None
    required: bool = True
    longest: int = MAX_TEXT
    many: bool = False
    among: Collection[str] = ()
    kind: str = "text"  # of the field on a screen

    def read(self, value: Any) -> Any:
        if self.many:
            return self._list(value)
        text = typed.text_of(value)
        if text is None:
            raise BadInput({self.name: f"{self.label} must be a text."})
        text = text.strip()
        if "\x00" in text:
            raise BadInput({self.name: f"{self.label} holds a character that cannot be kept."})
        if len(text) > self.longest:
            raise BadInput({self.name: f"{self.label} is too long: at most {self.longest:,} characters."})
        if not text and self.required:
            raise BadInput({self.name: f"{self.label}: this is needed."})
        return self._chosen(text) if text else ""

    def _chosen(self, text: str) -> str:
        if self.choices is None:
            return text
        known = {v.lower(): v for v in self.choices.values}
        wanted = text.lower()
        if self.choices is states.Category:  # people write “2”, “Cat 2” and “Category 2”
            bare = wanted.removeprefix("category").removeprefix("cat").strip()
            wanted = f"c{bare}" if bare.isdigit() else wanted
        if wanted not in known:
            raise BadInput({self.name: f"{self.label} must be one of: {', '.join(self.choices.values)}."})
        return str(known[wanted])

    def _list(self, value: Any) -> list[str]:
        if value is None or isinstance(value, str):
            value = [value] if value else []
        if not isinstance(value, list) or not all(
            isinstance(item, str) and len(item) <= 16 and item.isprintable() for item in value
        ):
            what = f"a list out of {', '.join(self.among)}" if self.among else "a list of site codes"
            raise BadInput({self.name: f"{self.label} must be {what}."})
        if self.among and not set(value) <= set(self.among):
            raise BadInput({self.name: f"{self.label} must be out of {', '.join(self.among)}."})
        return value


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
            transitions.decline,
            (HUB, Argument("reason", "The reason", states.DeclineReason), WHY),
        ),
        Verb("seen", "Seen, looking", "Seen, looking", remarks.seen, (HUB,)),
        Verb("ask", "Ask", "Asked", remarks.ask, (Argument("text", "The question"),)),
        Verb("answer", "Answer", "Answered", remarks.answer, (Argument("text", "The answer"),)),
        Verb("amend", "Correct the facts", "Facts corrected", transitions.amend, takes_facts=True),
        Verb(
            "request_ambulance",
            "Ambulance requested",
            "Ambulance requested",
            transitions.request_ambulance,
            (
                Argument("category", "The category", states.Category),
                Argument("cad", "The CAD number", required=False, longest=24),
            ),
        ),
        Verb("depart", "Departed", "Departed", transitions.depart),
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
        Verb("repatriate", "Back at the spoke", "Back at the spoke", transitions.repatriate),
        Verb("withdraw", "Withdraw", "Withdrawn", transitions.withdraw, (REASON, WHY)),
        Verb("stand_down", "Stand down", "Stood down", transitions.stand_down, (REASON, WHY)),
        Verb("not_treat", "Not treated", "Not treated", transitions.not_treat, (REASON, WHY)),
        Verb("record_death", "Record death", "Died", transitions.record_death, (WHY,)),
    )
}
DONE = {name: verb.done for name, verb in VERBS.items()} | {
    "pre_alert": "Pre-alert",
    "lapse": "Nobody answered",
    "join": "Joined",
    "take": "Alarm taken",
}


def moment(value: Any, *, now: datetime) -> datetime:
    """When it happened: an ISO time (a ward's local time where it names no zone), or now where nothing was given."""
    if value in (None, ""):
        return now
    try:
        read = parse_datetime(str(value))
        if read is None:
            raise ValueError(value)
        return typed.instant(read, now=now)
    except (ValueError, OverflowError):
        raise BadInput({"at": "This is not a date and time. Write it like 2026-11-21T02:30."}) from None


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
