"""The ladder's moves, pure: where a climb stands, what is fired now, and what comes next.

Used by the engine, which brings the people, the rows and the clock. Nothing here reads or writes; whatever happens,
an open climb has a moment at which it goes on.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import Enum

from paging.ladders import ALARM_EVERY, TAKEN_HOLDS, Rung


class End(Enum):
    """How a climb can end by itself."""

    HAND_ON = "hand_on"  # nobody answered: the next hub, or nobody at all
    OVER = "over"  # nobody answered, and nothing waits for them


@dataclass(frozen=True)
class Stand:
    """How far one climb has come."""

    next_rung: int
    next_at: datetime
    alarm_since: datetime | None = None
    held_until: datetime | None = None  # somebody is looking


@dataclass(frozen=True)
class Climbed:
    """What one look at a climb brought: where it stands now, which rungs fired, and whether it has ended."""

    stand: Stand
    fired: tuple[int, ...] = ()
    end: End | None = None


def start(rungs: Sequence[Rung], *, at: datetime) -> Stand:
    """At the foot of the ladder."""
    return Stand(next_rung=0, next_at=at + timedelta(seconds=rungs[0].after))


def climb(stand: Stand, rungs: Sequence[Rung], *, now: datetime, reach: Callable[[int], bool]) -> Climbed:
    """Fire what is due: one rung, or several where nobody can be reached on them.

    `reach` pages the people of a rung and says whether there was anybody to page.
    """
    if now < stand.next_at:
        return Climbed(stand)
    if stand.held_until and now < stand.held_until and stand.alarm_since is None:
        return Climbed(replace(stand, next_at=stand.held_until))
    fired: list[int] = []
    while True:
        number = min(stand.next_rung, len(rungs) - 1)
        rung = rungs[number]
        if rung.hand_on or rung.end:
            return Climbed(stand, tuple(fired), End.HAND_ON if rung.hand_on else End.OVER)
        somebody = reach(number)
        fired.append(number)
        stand = Stand(
            next_rung=number + 1,
            next_at=next_time(rungs, number, at=now),
            alarm_since=stand.alarm_since or (now if rung.alarm else None),
        )
        if somebody or rung.alarm or number + 1 >= len(rungs):
            return Climbed(stand, tuple(fired))


def next_time(rungs: Sequence[Rung], fired: int, *, at: datetime) -> datetime:
    """When the rung after `fired` is due, `fired` having been climbed at `at`; the last one repeats."""
    if fired + 1 < len(rungs):
        return at + timedelta(seconds=max(0, rungs[fired + 1].after - rungs[fired].after))
    return at + (timedelta(seconds=rungs[-1].every) or ALARM_EVERY)


def hurry(stand: Stand, *, now: datetime) -> Stand:
    """Nobody of the last rung can be reached any more: the next one at once, unless somebody looks at it."""
    if stand.alarm_since is not None or (stand.held_until and stand.held_until > now):
        return stand
    return replace(stand, next_at=min(stand.next_at, now))


def hold(stand: Stand, *, until: datetime) -> Stand:
    """Somebody is looking: no rung fires before `until`; an alarm is never held."""
    if stand.alarm_since is not None:
        return stand
    held = max(until, stand.held_until or until)
    return replace(stand, held_until=held, next_at=max(stand.next_at, held))


def take(stand: Stand, *, now: datetime) -> Stand:
    """A named person deals with it: silent for a while, and again if nothing came of it."""
    return replace(stand, next_at=now + TAKEN_HOLDS)
