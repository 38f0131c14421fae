"""Ladders: who is paged, when, until somebody answers. Pure but for `current`, which reads the newest version.

A rung says after how many seconds from the start whom to page; an open escalation keeps the copy it began with.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import structlog

from network.models import Site
from paging.models import Channel, Ladder, Reason

log = structlog.get_logger(__name__)

DEFAULT = json.loads((Path(__file__).parent / "data" / "ladders.json").read_text())
ALARM_EVERY = timedelta(seconds=60)  # while nobody has taken it
TAKEN_HOLDS = timedelta(minutes=10)  # somebody took the alarm; if nothing came of it, it rings again

SEEN_HOLDS = int(DEFAULT["seen_holds"])  # seconds for which "seen, looking" holds a ladder

WORDS = {
    "first": "first on call",
    "second": "second on call",
    "supervisor": "the supervisor",
    "operators": "everyone who can operate there",
    "coordinator": "the coordinator",
    "lead": "the network's lead",
    "self": "the person whose phone it is",
    "next": "the next on call",
    "owner": "the platform's owner",
}
EDITABLE = (
    "first",
    "second",
    "supervisor",
    "operators",
    "coordinator",
    "lead",
)  # what a network's own ladder may name
CHANNEL_WORDS = {
    Channel.PUSH.value: "push",
    Channel.SMS.value: "text",
    Channel.VOICE.value: "call",
    Channel.SIREN.value: "siren on the boards",
}
ORDER = list(CHANNEL_WORDS)


@dataclass(frozen=True)
class Rung:
    """One step: whom, by which channels, after how many seconds, and what else happens then."""

    after: int
    to: tuple[str, ...]
    by: tuple[str, ...] = (Channel.SMS.value,)
    siren: bool = False  # the boards of those who wait sound
    phone_now: bool = False  # the spoke is told to ring the hub
    hand_on: bool = False  # the offer goes to the next hub, or lapses
    alarm: bool = False  # from here on it repeats until a named person takes it
    end: bool = False  # nobody answered, and it is over


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
    if any(set(rung.by) - {Channel.SMS, Channel.VOICE, Channel.PUSH} for rung in rungs):
        raise BrokenLadder("unknown channel")
    if any(not isinstance(rung.after, int) for rung in rungs):
        raise BrokenLadder("a time that is no number")
    return rungs


def _rungs(rows: Iterable[Mapping[str, Any]]) -> list[Rung]:
    return [
        Rung(
            after=row["after"],
            to=tuple(row["to"]),
            by=tuple(row.get("by") or (Channel.SMS.value,)),
            siren=bool(row.get("siren")),
            phone_now=bool(row.get("phone_now")),
            hand_on=bool(row.get("hand_on")),
            alarm=bool(row.get("alarm")),
            end=bool(row.get("end")),
        )
        for row in rows
    ]


@dataclass(frozen=True)
class Standing:
    """The ladder as it stands for a hub and a reason: what an escalation copies when it opens."""

    version: int
    rungs: list[dict[str, Any]]
    seen_holds: int = SEEN_HOLDS


def current(hub: Site | None, reason: Reason) -> Standing:
    """The newest ladder of this hub, else the network-wide newest, else the shipped default."""
    ladders = Ladder.objects.filter(reason=reason).order_by("-version")
    own = ladders.filter(hub=hub).first() if hub else None
    found = own or ladders.filter(hub=None).first()
    if found:
        try:
            read(found.rungs)
        except BrokenLadder as broken:  # somebody must be paged all the same
            log.error("ladder_broken", ladder=found.pk, why=str(broken))
        else:
            return Standing(found.version, list(found.rungs), found.seen_holds)
    return shipped(reason)


def shipped(reason: Reason) -> Standing:
    """Dido's own ladder."""
    return Standing(DEFAULT["version"], list(DEFAULT[reason.value]))


def in_words(rung: Rung) -> str:
    """Whom this rung reaches, as a person would say it."""
    if rung.hand_on:
        return "the next hub, or an alarm"
    names = [WORDS[name] for name in rung.to]
    if not names:
        return "nobody"
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def by_words(rung: Rung) -> str:
    """By which channels, as a person would say it."""
    ways = [CHANNEL_WORDS[name] for name in sorted(rung.by, key=ORDER.index)] if rung.to else []
    ways += [CHANNEL_WORDS[Channel.SIREN.value]] if rung.siren else []
    return ways[0] if len(ways) == 1 else f"{', '.join(ways[:-1])} and {ways[-1]}" if ways else ""
