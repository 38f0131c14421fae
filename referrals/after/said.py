"""What was typed of an outcome, read and checked by itself: figures in their bounds, days that can be. Pure.

Called by referrals.after.recording, which holds it against what else is known of the patient.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.utils import timezone
from django.utils.dateparse import parse_date

from network import digits
from referrals import typed
from referrals.after.rows import Destination, Kind, NotObtained
from referrals.procedure import Complication
from referrals.refusals import BadInput

HIGHEST = {"nihss": 42, "mrs": 6}
LABELS = {"nihss": "NIHSS", "mrs": "mRS"}
DEAD = 6
LATER = (Complication.EXTRACRANIAL, Complication.NEW_TERRITORY, Complication.ACCESS_SITE, Complication.OTHER)


@dataclass(frozen=True)
class Typed:
    """One entry as somebody typed it; empty where they typed nothing."""

    kind: str
    taken: str = ""
    nihss: str = ""
    mrs: str = ""
    bleed: str = ""
    complications: Sequence[str] = ()
    destination: str = ""
    method: str = ""
    not_obtained: str = ""
    died_on: str = ""
    alive: str = ""
    text: str = ""


@dataclass(frozen=True)
class Read:
    """The same as it can be kept."""

    at: datetime | None
    on: date
    nihss: int | None
    mrs: int | None
    died_on: date | None


def read(said: Typed, *, since: datetime, now: datetime) -> Read:
    """BadInput with a sentence for each field that is wrong; `since` is groin puncture."""
    faults: dict[str, str] = {}
    nihss, mrs = _score("nihss", said.nihss, faults), _score("mrs", said.mrs, faults)
    at = _instant(said.taken, faults, now=now) if said.kind == Kind.DAY and said.nihss else None
    on = timezone.localdate(at or now) if said.kind == Kind.DAY else _day("taken", said.taken, faults, now)
    died_on = _day("died_on", said.died_on, faults, now) if said.died_on else None
    faults |= _missing(said)
    first, today = timezone.localdate(since), timezone.localdate(now)
    for field, day in (("taken", on), ("died_on", died_on)):
        if day is not None and field not in faults and not first <= day <= today:
            faults[field] = (
                "This day lies in the future. Check it."
                if day > today
                else f"Groin puncture was on {in_words(first)}, after this day."
            )
    if at and "taken" not in faults and not since <= at <= now + typed.CLOCKS_DIFFER:
        faults["taken"] = (
            "This is before groin puncture." if at < since else "This time lies in the future. Check it."
        )
    if faults:
        raise BadInput(faults)
    return Read(at=at, on=on, nihss=nihss, mrs=mrs, died_on=died_on)


def _score(name: str, text: str, faults: dict[str, str]) -> int | None:
    if not text:
        return None
    found = digits.whole(text, longest=2)
    if found is None or found > HIGHEST[name]:
        dead = "; 6: died" if name == "mrs" else ""
        faults[name] = f"{LABELS[name]} is a whole number from 0 to {HIGHEST[name]}{dead}."
        return None
    return found


def _instant(text: str, faults: dict[str, str], *, now: datetime) -> datetime | None:
    found = typed.moment(text, now=now)
    if found is None:
        faults["taken"] = "When was it taken? A date and time, like 2026-11-21T02:30."
    return found


def _day(field: str, text: str, faults: dict[str, str], now: datetime) -> date:
    try:
        found = parse_date(text) if text else timezone.localdate(now)
        if found is None:
            raise ValueError(text)
        return found
    except ValueError:
        faults[field] = "This is not a day. Write it like 2026-11-21."
        return timezone.localdate(now)


def _missing(said: Typed) -> dict[str, str]:
    """What this kind of entry needs and does not have, and what it cannot have."""
    figure = "nihss" if said.kind == Kind.DAY else "mrs"
    faults: dict[str, str] = {}
    if said.not_obtained:
        if getattr(said, figure):
            faults["not_obtained"] = f"Either an {LABELS[figure]}, or why there is none."
        if said.not_obtained == NotObtained.OTHER and not said.text:
            faults["text"] = "Say in a few words why."
        return faults
    if said.kind == Kind.DEATH:
        return faults
    if not getattr(said, figure):
        faults[figure] = f"The {LABELS[figure]}, or why there is none."
    needed = {Kind.DAY: "bleed", Kind.DISCHARGE: "destination", Kind.NINETY: "method"}
    asked = {
        "bleed": "What did the scan show?",
        "destination": "Where did the patient go?",
        "method": "How was it taken?",
    }
    field = needed[Kind(said.kind)]
    if not getattr(said, field):
        faults[field] = asked[field]
    died = said.destination == Destination.DIED
    if said.kind == Kind.DISCHARGE and said.destination and said.mrs and died != (said.mrs == str(DEAD)):
        faults["mrs"] = "Who died in hospital has an mRS of 6, and nobody else. Check both."
    return faults


def in_words(day: date) -> str:
    """A day as people here write it: 21 Nov 2026."""
    return day.strftime("%-d %b %Y")
