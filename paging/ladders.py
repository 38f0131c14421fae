"""Ladders: who is paged, when, until somebody answers; their only reader and writer. The rest here is pure.

A rung says after how many seconds from the start whom to page; an open escalation keeps the copy it began with.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import structlog
from django.db import IntegrityError, transaction
from django.db.models import F, Q

from network.models import Person, Site
from paging.models import ABOUT_A_REFERRAL, Channel, Ladder, Reason

log = structlog.get_logger(__name__)

DEFAULT = json.loads((Path(__file__).parent / "data" / "ladders.json").read_text())
ALARM_EVERY = timedelta(seconds=60)  # while nobody has taken it
TAKEN_HOLDS = timedelta(minutes=10)  # somebody took the alarm; if nothing came of it, it rings again
SEEN_HOLDS = int(DEFAULT["seen_holds"])  # seconds for which "seen, looking" holds a ladder

WORDS: dict[str, str] = DEFAULT["words"]  # whom a rung names, as people say it
DECIDERS = ("coordinator", "lead")
AT_A_HUB = ("first", "second", "supervisor", "operators", *DECIDERS)
MAY_NAME = {  # whom a hub's own ladder may page; a patient whom no hub has is nobody's on call
    Reason.OFFER: AT_A_HUB,
    Reason.CONFIRM: AT_A_HUB,
    Reason.UNPLACED: DECIDERS,
}
CHANNEL_WORDS = {
    Channel.PUSH.value: "push",
    Channel.SMS.value: "text",
    Channel.VOICE.value: "call",
    Channel.SIREN.value: "siren on the boards",
}
ORDER = list(CHANNEL_WORDS)

A_DAY = 24 * 60 * 60  # seconds
MOST_RUNGS = 12
LATEST = 3600  # seconds after the start
LONGEST_LOOK = 600  # seconds
SOON = 60  # seconds; a first page later than that is late


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
    every: int = 0  # seconds between two repetitions of the last rung; 0: as an alarm is repeated


class BrokenLadder(Exception):
    """A stored ladder that cannot be climbed."""


def read(rows: Iterable[Mapping[str, Any]], reason: Reason | None = None) -> list[Rung]:
    """The rungs of a stored ladder; BrokenLadder where they cannot be climbed, or not for this reason."""
    try:
        rungs = _rungs(rows)
    except (TypeError, KeyError, AttributeError) as error:
        raise BrokenLadder(type(error).__name__) from error
    if not rungs:
        raise BrokenLadder("empty")
    if unknown := [name for rung in rungs for name in rung.to if name not in WORDS]:
        raise BrokenLadder(f"unknown name {unknown[0]!r}")
    if any(set(rung.by) - {Channel.SMS, Channel.VOICE, Channel.PUSH} for rung in rungs):
        raise BrokenLadder("unknown channel")
    if any(not isinstance(rung.after, int) for rung in rungs):
        raise BrokenLadder("a time that is no number")
    if any(abs(rung.after) > A_DAY for rung in rungs):
        raise BrokenLadder("a time that lies too far away")
    if reason in ABOUT_A_REFERRAL and any(rung.end for rung in rungs):
        raise BrokenLadder("an end, while a patient waits")
    if reason not in {None, Reason.OFFER} and any(rung.hand_on for rung in rungs):
        raise BrokenLadder("nothing to hand on")
    return rungs


def named_later(name: str, rows: Iterable[Mapping[str, Any]], *, after: Rung) -> bool:
    """Does a later rung of this stored ladder page them too? One that cannot be climbed pages nobody."""
    try:
        return any(name in rung.to and rung.after > after.after for rung in read(rows))
    except BrokenLadder:
        return False


def hands_on(rows: Iterable[Mapping[str, Any]]) -> bool:
    """Does this ladder put the patient to another hub in the end?"""
    return any(row.get("hand_on") for row in rows)


def ends(rows: Iterable[Mapping[str, Any]], number: int) -> bool:
    """Is this rung of a stored ladder its end, which pages nobody?"""
    try:
        return any(rung.end for rung in read(rows)[number : number + 1])
    except BrokenLadder:
        return False


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
            every=int(row.get("every", 0)),
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
    """The newest ladder of this hub, else the network-wide newest, else the shipped default.

    The hub is the one that is asked, has accepted provisionally, or was asked last of all.
    """
    either = Q(hub=hub) | Q(hub=None) if hub else Q(hub=None)
    newest_own_first = (F("hub").asc(nulls_last=True), "-version")
    found = Ladder.objects.filter(either, reason=reason).order_by(*newest_own_first).first()
    if found:
        try:
            read(found.rungs, reason)
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


@dataclass(frozen=True)
class Remark:
    """What is wrong with a ladder, as a person would say it; with the place of the rung (from 0) and its field."""

    sentence: str
    rung: int | None = None
    field: str = ""


def faults(reason: Reason, rungs: Sequence[Rung], *, seen_holds: int) -> list[Remark]:
    """Why this ladder cannot be climbed by a patient who waits; empty where it can."""
    if reason not in MAY_NAME:
        return [Remark(f"No hub has a ladder of its own for this: {reason.label.lower()}.")]
    found = [remark for n, rung in enumerate(rungs) for remark in _faults_of(n, rung, MAY_NAME[reason])]
    if not any(rung.to for rung in rungs):
        found.insert(0, Remark("There is no step: nobody would ever be paged. Add one."))
    if len(rungs) > MOST_RUNGS:
        found.append(Remark(f"A ladder has at most {MOST_RUNGS} steps."))
    if any(rung.hand_on for rung in rungs) and reason != Reason.OFFER:
        found.append(Remark("Only an offer can go on to the next hub. Let it end in an alarm.", field="end"))
    if any(rung.hand_on or rung.alarm or rung.end for rung in rungs[:-1]) or any(rung.end for rung in rungs):
        found.append(
            Remark("Only the last step can be the end, and a patient still waits there.", field="end")
        )
    if not 0 <= seen_holds <= LONGEST_LOOK:
        found.append(
            Remark(f"A look may hold the ladder for 0 to {LONGEST_LOOK} seconds.", field="seen_holds")
        )
    return found


def _faults_of(place: int, rung: Rung, may_name: Sequence[str]) -> list[Remark]:
    name, found = "The end" if rung.hand_on else f"Step {place + 1}", []
    if not 0 <= rung.after <= LATEST:
        found.append(Remark(f"{name}: the time must be from 0 to {LATEST} seconds.", place, "after"))
    if rung.hand_on:
        return found
    if not rung.to:
        found.append(Remark(f"{name} pages nobody. Tick whom, or remove the step.", place, "to"))
    if others := [WORDS.get(other, f"“{other}”") for other in rung.to if other not in may_name]:
        found.append(Remark(f"{name} names {others[0]}, whom this ladder cannot page.", place, "to"))
    if not rung.by or set(rung.by) - {Channel.PUSH, Channel.SMS, Channel.VOICE}:
        found.append(Remark(f"{name}: tick how they are reached.", place, "by"))
    return found


def doubts(rungs: Sequence[Rung]) -> list[Remark]:
    """What can be climbed and is hardly meant; the rota is looked at elsewhere."""
    found: list[Remark] = []
    if rungs[0].after > SOON:
        found.append(Remark(f"The first page goes out only after {rungs[0].after} seconds.", 0))
    for place, (before, rung) in enumerate(pairwise(rungs), start=1):
        if rung.after <= before.after:
            name = "The end" if rung.hand_on else f"Step {place + 1}"
            found.append(Remark(f"{name} is not later than step {place}: it follows at once.", place))
    found += [
        Remark(f"Step {place + 1} is push only: a phone without data hears nothing.", place)
        for place, rung in enumerate(rungs)
        if set(rung.by) == {Channel.PUSH} and rung.to
    ]
    if not (rungs[-1].alarm or rungs[-1].hand_on):
        found.append(
            Remark("It has no end: when nobody answers, the last step is repeated and no alarm is raised.")
        )
    return found


class Overtaken(Exception):
    """Somebody else saved a version meanwhile: nothing was written."""


def versions(hub: Site, reason: Reason) -> list[Ladder]:
    """Every ladder that this hub has had of its own for this wait, the newest first."""
    own = Ladder.objects.filter(hub=hub, reason=reason).select_related("made_by")
    return list(own.order_by("-version"))


def put(
    hub: Site,
    reason: Reason,
    rungs: Sequence[Rung],
    *,
    seen_holds: int,
    based_on: int,
    by: Person,
    at: datetime,
    note: str = "",
) -> Ladder:
    """From now on this hub's ladder for this wait; open escalations keep theirs. The only writer of ladders.

    `based_on` is the version that the writer had before their eyes, 0 for none: Overtaken where there is a newer one,
    BrokenLadder where it cannot be climbed.
    """
    if found := faults(reason, rungs, seen_holds=seen_holds):
        raise BrokenLadder(found[0].sentence)
    try:
        with transaction.atomic():
            newest = Ladder.objects.filter(hub=hub, reason=reason).order_by("-version").first()
            if based_on != (newest.version if newest else 0):
                raise Overtaken
            return Ladder.objects.create(
                hub=hub,
                reason=reason,
                version=based_on + 1,
                rungs=[row(rung) for rung in rungs],
                seen_holds=seen_holds,
                made_at=at,
                made_by=by,
                note=note,
            )
    except IntegrityError as error:  # both at the same instant: the version is taken
        raise Overtaken from error


def row(rung: Rung) -> dict[str, Any]:
    """A rung as it is stored: what it does not do is left out."""
    stored: dict[str, Any] = {"after": rung.after, "to": list(rung.to)}
    if rung.to:
        stored["by"] = list(rung.by)
    flags = ("siren", "phone_now", "hand_on", "alarm", "end")
    return stored | {flag: True for flag in flags if getattr(rung, flag)}
