"""What became of a patient, in words: one entry as a line, for the case, the trail, the hand-over and the logbook.

Pure over entries and the details of events.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.utils import timezone

from frontend import clocks
from referrals.after import rules
from referrals.after.rows import Bleed, Destination, Kind, Method, NotObtained, Outcome
from referrals.procedure import Complication


def day(on: date) -> str:
    """A day as people here write it, with its year: 21 Nov 2026."""
    return on.strftime("%-d %b %Y")


def figure(row: Outcome) -> str:
    """The figure, or why there is none: “NIHSS 4”, “mRS 2”, “Could not be reached”."""
    if row.not_obtained:
        return str(NotObtained(row.not_obtained).label)
    if row.kind == Kind.DEATH:
        return f"Died on {day(row.taken_on)}"
    return (
        f"NIHSS {row.nihss}" if row.kind == Kind.DAY else f"mRS {row.mrs}{', died' if row.mrs == 6 else ''}"
    )


def more(row: Outcome) -> str:
    """What was said beside it."""
    said = [
        _label(Bleed, row.bleed),
        *(str(Complication(one).label) for one in row.complications),
        _label(Destination, row.destination),
        _label(Method, row.method),
        _when(row),
        row.text,
    ]
    return " · ".join(one for one in said if one)


def _when(row: Outcome) -> str:
    if row.not_obtained or row.kind == Kind.DEATH:
        return ""
    if row.taken_at is None:
        return day(row.taken_on)
    return clocks.dated(row.taken_at)


def outside(row: Outcome, window: rules.Window) -> str:
    """That it was taken outside its window; empty where it was not, or is no figure."""
    if row.not_obtained or row.kind not in {Kind.DAY, Kind.NINETY}:
        return ""
    if row.taken_at is not None:
        is_in = window.opens <= row.taken_at <= window.closes
    else:
        is_in = timezone.localdate(window.opens) <= row.taken_on <= timezone.localdate(window.closes)
    return "" if is_in else "outside the window"


def told(details: Mapping[str, Any]) -> list[str]:
    """What an event keeps of an entry, in words."""
    if not details.get("outcome"):
        return []
    found = [str(Kind(details["outcome"]).label)]
    found += [
        f"{label} {details[name]}"
        for name, label in (("nihss", "NIHSS"), ("mrs", "mRS"))
        if details.get(name)
    ]
    coded = (
        ("bleed", Bleed),
        ("destination", Destination),
        ("method", Method),
        ("not_obtained", NotObtained),
    )
    found += [_label(choices, details.get(name, "")) for name, choices in coded if details.get(name)]
    if details["outcome"] == Kind.DEATH or details.get("died_on"):
        found.append(f"died on {day(date.fromisoformat(details.get('died_on') or details['taken_on']))}")
    return found


def _label(choices: Any, value: str) -> str:
    return str(choices(value).label) if value else ""
