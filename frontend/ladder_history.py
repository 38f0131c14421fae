"""What a hub's ladder was before: each version, who made it, why, and what it changed, in words; and the last drills.

Called by frontend.views.ladders. Reads; writes nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from difflib import SequenceMatcher

from django.db.models import Exists, OuterRef, Q
from django.utils import timezone
from django.utils.text import capfirst

from network.models import Site
from paging import ladders
from paging.ladders import BrokenLadder, Rung
from paging.models import Escalation, Fate, Ladder, Page, Reason

DRILLS = 8  # how many are shown
FLAGS = {
    "siren": ("the boards sound", "the boards stay silent"),
    "phone_now": ("the spoke is told to phone", "the spoke is not told to phone"),
    "alarm": ("it ends in an alarm", "it does not end in an alarm"),
}


@dataclass(frozen=True)
class Version:
    """One ladder that the hub has or had."""

    number: int
    who: str
    at: datetime
    note: str
    changes: list[str]
    current: bool


@dataclass(frozen=True)
class Drill:
    """One drill and what came of it."""

    at: datetime
    who: str  # empty: nobody
    seconds: int
    channel: str
    open: bool
    broken_off: bool  # a patient came


def versions(kept: Sequence[Ladder]) -> list[Version]:
    """Each version with what it changed in the one before it; the newest first, as they are given."""
    found = []
    for place, ladder in enumerate(kept):
        before = kept[place + 1] if place + 1 < len(kept) else None
        found.append(
            Version(
                number=ladder.version,
                who=ladder.made_by.name if ladder.made_by else "Dido",
                at=timezone.localtime(ladder.made_at),
                note=ladder.note,
                changes=_between(before, ladder) if before else ["The hub’s first ladder of its own."],
                current=place == 0,
            )
        )
    return found


def _between(before: Ladder, after: Ladder) -> list[str]:
    try:
        was, now = ladders.read(before.rungs), ladders.read(after.rungs)
    except BrokenLadder:
        return ["One of the two cannot be read."]
    found = changes(was, now)
    if before.seen_holds != after.seen_holds:
        found.append(f"“Seen, looking” holds {after.seen_holds} s, was {before.seen_holds} s.")
    return found or ["Nothing."]


def changes(was: Sequence[Rung], now: Sequence[Rung]) -> list[str]:
    """What is different, step by step, in whole sentences."""
    found: list[str] = []
    for kind, a, b, c, d in SequenceMatcher(None, was, now, autojunk=False).get_opcodes():
        if kind == "equal":
            continue
        both = min(b - a, d - c)
        found += [_change(was[a + n], now[c + n], c + n) for n in range(both)]
        found += [f"Gone: {_described(rung)}." for rung in was[a + both : b]]
        found += [f"New: {_described(rung)}." for rung in now[c + both : d]]
    return found


def _change(was: Rung, now: Rung, place: int) -> str:
    if was.hand_on != now.hand_on:
        return f"Instead of {_described(was)}: {_described(now)}."
    parts = [f"after {now.after} s, was {was.after} s"] if was.after != now.after else []
    for gained, lost, words, verb in (
        (set(now.to) - set(was.to), set(was.to) - set(now.to), ladders.WORDS, ""),
        (set(now.by) - set(was.by), set(was.by) - set(now.by), ladders.CHANNEL_WORDS, "by "),
    ):
        parts += [f"also {verb}{words[name]}" for name in words if name in gained]
        parts += [f"no longer {verb}{words[name]}" for name in words if name in lost]
    for flag, (on, off) in FLAGS.items():
        if getattr(was, flag) != getattr(now, flag):
            parts.append(on if getattr(now, flag) else off)
    name = "The next hub" if now.hand_on else f"Step {place + 1}"
    return f"{name}: {', '.join(parts) or 'another order'}."


def _described(rung: Rung) -> str:
    if rung.hand_on:
        return f"at {rung.after} s the next hub"
    by = ladders.by_words(rung)
    return f"at {rung.after} s {ladders.in_words(rung)}{f', by {by}' if by else ''}"


def steps_in_words(rungs: Sequence[Rung]) -> list[str]:
    """A ladder that is only read, one sentence for each step."""
    return [capfirst(f"{_described(rung)}{_also(rung)}.") for rung in rungs]


def _also(rung: Rung) -> str:
    said = ", the spoke is told to phone" if rung.phone_now else ""
    return said + (", an alarm every minute until somebody takes it" if rung.alarm else "")


def drills(hub: Site) -> list[Drill]:
    """The last drills of this hub, the newest first, in two queries."""
    patients = Escalation.objects.filter(
        Q(closed_at=None) | Q(closed_at__gte=OuterRef("closed_at")),
        hub=OuterRef("hub"),
        referral__isnull=False,
        opened_at__lte=OuterRef("closed_at"),
    )
    rows = Escalation.objects.filter(reason=Reason.DRILL, hub=hub).annotate(patient=Exists(patients))
    escalations = list(rows.select_related("answered_by").order_by("-opened_at")[:DRILLS])
    answers = Page.objects.filter(escalation__in=escalations, fate=Fate.ANSWERED)
    by_channel = {(p.escalation_id, p.person_id): p.channel for p in answers.order_by("-settled_at")}
    return [
        Drill(
            at=timezone.localtime(one.opened_at),
            who=one.answered_by.name if one.answered_by else "",
            seconds=round((one.answered_at - one.opened_at).total_seconds()) if one.answered_at else 0,
            channel=ladders.CHANNEL_WORDS.get(by_channel.get((one.pk, one.answered_by_id), ""), ""),
            open=one.closed_at is None,
            broken_off=one.patient and one.answered_at is None,
        )
        for one in escalations
    ]


def hindrance(hub: Site) -> str:
    """Why no drill may begin here now; empty where one may. A patient comes first."""
    waiting = Escalation.objects.filter(hub=hub, closed_at=None, referral__isnull=False)
    if waiting.exists():
        return f"A patient waits for {hub} now: no drill begins."
    return ""
