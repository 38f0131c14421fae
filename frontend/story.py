"""What was done, told: the trail and the conversation, each line in a nurse's words.

Pure over events, but for the names of the sites that they speak of. Called by frontend.casefile, frontend.talk and
frontend.views.trail.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from frontend import ambulance_sheet, clocks, facts_sheet, outcome_words, procedure_sheet
from network.models import Site
from referrals import states, verbs
from referrals.models import Event, Via

WRITTEN_LATER = timedelta(minutes=1)
WAYS = {
    Via.SMS.value: "SMS",
    Via.VOICE.value: "phone call",
    Via.API.value: "a program",
}  # a screen needs no word
CODED = {
    "category": states.Category,
    "instruction": states.Instruction,
    "escort": states.Escort,
    "override": states.Override,
    "mtici": states.Mtici,
    "reason": states.DeclineReason,
    "clause": states.Clause,
    "end_reason": states.EndReason,
}

ROAD = (
    ("minutes", "minutes later:"),
    ("to_door", "minutes to the door:"),
    ("gcs", "GCS"),
    ("systolic", "systolic"),
    ("nihss", "NIHSS"),
    ("agreed_with", "agreed with"),
)


@dataclass(frozen=True)
class Happened:
    """One line of the trail."""

    hour: str
    iso: str
    what: str
    more: str
    who: str
    written: str  # when it was written down, where that was later


@dataclass(frozen=True)
class Said:
    """One question of the hub, or one answer of the spoke."""

    hour: str
    iso: str
    who: str
    is_question: bool
    text: str
    topic: str = ""


def trail(events: Iterable[Event], now: datetime, *, most: int | None = None) -> tuple[Happened, ...]:
    """What was done, the newest first and at most so many; what was written late stands where it happened."""
    return each(sorted(events, key=lambda event: (event.at, event.number), reverse=True)[:most], now)


def each(events: Sequence[Event], now: datetime) -> tuple[Happened, ...]:
    """One line for each of these events, in their order."""
    names = _names_of_sites(events)
    return tuple(_happened(event, names, now) for event in events)


def talk(events: Iterable[Event], now: datetime) -> tuple[Said, ...]:
    """The questions and answers, in their order."""
    return tuple(
        Said(
            hour=clocks.moment(event.at, now),
            iso=event.at.isoformat(),
            who=str(event.by),
            is_question=event.verb == "ask",
            text=str(event.details.get("text", "")),
            topic=str(event.details.get("topic", "")),
        )
        for event in events
        if event.verb in {"ask", "answer"}
    )


def opinion(events: Sequence[Event]) -> str:
    """What a second opinion is asked about: who declined why, and the question; empty where none is asked for."""
    asked = next((event for event in reversed(events) if event.verb == "second_opinion"), None)
    if asked is None or events[-1].after not in {states.State.REFERRED, states.State.UNPLACED}:
        return ""
    declined = [event for event in events if event.verb == "decline" and event.number < asked.number]
    names = _names_of_sites(declined)
    before = "; ".join(f"declined by {_details(event.details, names)}" for event in declined)
    return f"{before}. {asked.by} asks: “{asked.details.get('text', '')}”"


def _names_of_sites(events: Iterable[Event]) -> dict[str, str]:
    codes: set[str] = set()
    for event in events:
        codes |= {
            str(event.details.get("hub", "")),
            str(event.details.get("site", "")),
            *event.details.get("hubs", []),
        }
    return dict(Site.objects.filter(code__in=codes - {""}).values_list("code", "short_name"))


def _happened(event: Event, names: Mapping[str, str], now: datetime) -> Happened:
    crew = "the ambulance’s crew" if event.via == Via.CREW else ""
    by = (
        str(event.by)
        if event.by
        else crew or "noted by the clock"
        if event.verb == "lapse"
        else "by the clock"
    )
    via = f" by {WAYS[event.via]}" if event.via in WAYS else ""
    later = event.written_at - event.at >= WRITTEN_LATER
    return Happened(
        hour=clocks.moment(event.at, now),
        iso=event.at.isoformat(),
        what=verbs.DONE.get(event.verb, event.verb),
        more=" · ".join(part for part in (_details(event.details, names), _owner(event)) if part),
        who=f"{by}{via}",
        written=clocks.moment(event.written_at, now) if later else "",
    )


def _owner(event: Event) -> str:
    """Who has the patient from here on, where it is not who did it."""
    owner = event.details.get("owner", "")
    is_said = "seat" in event.details and owner != str(event.by)
    return f"now with {owner or 'nobody'}" if is_said else ""


def _details(details: Mapping[str, Any], names: Mapping[str, str]) -> str:
    """What an event keeps beside who and when."""
    told: list[str] = []
    places = [details.get("hub"), details.get("site"), *details.get("hubs", [])]
    if named := [names.get(str(place), str(place)) for place in places if place]:
        told.append(", ".join(named))
    told += [_coded(name, details[name]) for name in CODED if details.get(name)]
    if details.get("cad"):
        told.append(f"CAD {details['cad']}")
    told += outcome_words.told(details)
    told += procedure_sheet.told(details)
    told += ambulance_sheet.told(details)
    if not details.get("outcome"):  # whose figures stand there already
        told += [f"{word} {details[name]}" for name, word in ROAD if details.get(name)]
    if details.get("changed") and not details.get("topic"):  # an answer says it in words
        told.append(", ".join(facts_sheet.label(name) or name for name in details["changed"]))
    if details.get("successor"):
        told.append(f"{details['successor']} has come on")
    if details.get("kept"):
        told.append(f"{details['kept']} is on duty and keeps the patient")
    told += [str(details[name]) for name in ("label", "text", "note") if details.get(name)]
    return " · ".join(told)


def _coded(name: str, value: object) -> str:
    label = str(dict(CODED[name].choices).get(str(value), value))
    return f"mTICI {label}" if name == "mtici" else label
