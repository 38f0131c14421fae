"""Ladders: who is paged, when, until somebody answers. Pure but for `current`, which reads the newest version.

A rung says after how many seconds from the start whom to page; an open escalation keeps the copy it began with.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import structlog

from network.models import Site
from paging.models import Ladder, Reason

log = structlog.get_logger(__name__)

DEFAULT = json.loads((Path(__file__).parent / "data" / "ladders.json").read_text())
ALARM_EVERY = timedelta(seconds=60)  # while nobody has taken it
TAKEN_HOLDS = timedelta(minutes=10)  # somebody took the alarm; if nothing came of it, it rings again

WORDS = {
    "first": "first on call",
    "second": "second on call",
    "supervisor": "the supervisor",
    "operators": "everyone who can operate there",
    "coordinator": "the coordinator",
    "lead": "the network's lead",
}

FAULTS = {
    "no_number": "no phone number",
    "unanswered": "the provider did not answer",
    "30003": "phone off or no signal",
    "30004": "blocked by the network",
    "30005": "the number does not exist",
    "30006": "a landline: cannot receive SMS",
    "30007": "filtered by the network",
    "30008": "not delivered, reason unknown",
    "30036": "not delivered in time",
    "21211": "the number is not valid",
    "21214": "the number is not valid",
    "21408": "the number's country is not allowed",
    "21610": "this person has opted out by STOP",
    "21614": "not a mobile number",
    "20003": "our account at the provider is refused",
    "20429": "the provider is too busy",
}


@dataclass(frozen=True)
class Rung:
    """One step: whom, after how many seconds, and what else happens then."""

    after: int
    to: tuple[str, ...]
    phone_now: bool = False  # the spoke is told to ring the hub
    hand_on: bool = False  # the offer goes to the next hub, or lapses
    alarm: bool = False  # from here on it repeats until a named person takes it


class BrokenLadder(Exception):
    """A stored ladder that cannot be climbed."""


def read(rows: Iterable[Mapping[str, Any]]) -> list[Rung]:
    """The rungs of a stored ladder; BrokenLadder where they cannot be climbed."""
    try:
        rungs = _rungs(rows)
    except (TypeError, KeyError, AttributeError) as error:
        raise BrokenLadder(type(error).__name__) from error
    if not rungs or any(name not in WORDS for rung in rungs for name in rung.to):
        raise BrokenLadder("empty" if not rungs else "unknown name")
    if any(not isinstance(rung.after, int) for rung in rungs):
        raise BrokenLadder("a time that is no number")
    return rungs


def _rungs(rows: Iterable[Mapping[str, Any]]) -> list[Rung]:
    return [
        Rung(
            after=row["after"],
            to=tuple(row["to"]),
            phone_now=bool(row.get("phone_now")),
            hand_on=bool(row.get("hand_on")),
            alarm=bool(row.get("alarm")),
        )
        for row in rows
    ]


def current(hub: Site | None, reason: Reason) -> tuple[int, list[dict[str, Any]]]:
    """The newest ladder of this hub, else the network-wide newest, else the shipped default: version and rungs."""
    ladders = Ladder.objects.filter(reason=reason).order_by("-version")
    own = ladders.filter(hub=hub).first() if hub else None
    found = own or ladders.filter(hub=None).first()
    if found:
        try:
            read(found.rungs)
        except BrokenLadder as broken:  # somebody must be paged all the same
            log.error("ladder_broken", ladder=found.pk, why=str(broken))
        else:
            return found.version, list(found.rungs)
    return shipped(reason)


def shipped(reason: Reason) -> tuple[int, list[dict[str, Any]]]:
    """Dido's own ladder: version and rungs."""
    return DEFAULT["version"], list(DEFAULT[reason.value])


def next_time(rungs: list[Rung], fired: int, *, at: datetime) -> datetime:
    """When the rung after `fired` is due, `fired` having been climbed at `at`; an alarm repeats."""
    if fired + 1 < len(rungs):
        return at + timedelta(seconds=rungs[fired + 1].after - rungs[fired].after)
    return at + ALARM_EVERY


def in_words(rung: Rung) -> str:
    """Whom this rung reaches, as a person would say it."""
    if rung.hand_on:
        return "the next hub, or an alarm"
    names = [WORDS[name] for name in rung.to]
    if len(names) < 2:
        return "".join(names)
    return f"{', '.join(names[:-1])} and {names[-1]}"


def fault(error: str) -> str:
    """Why a page was not delivered, in words."""
    if not error:
        return ""
    return FAULTS.get(error, f"not delivered (code {error})")
