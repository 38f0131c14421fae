"""The clocks that a case is watched by: the latest departure, and each stretch against its target and the last year.

Called by frontend.casefile and frontend.present. One statement: the network's kept medians.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from frontend import clocks, owner_line, waits
from frontend.clocks import Clock, Form
from frontend.owner_line import OwnerLine
from referrals import last_year, leaving, rulebook, stretches
from referrals.models import Referral
from referrals.stretches import Count

COUNTED = timedelta(hours=3)  # before that, the time of day says enough


@dataclass(frozen=True)
class Leaving:
    """Must leave by, counted down."""

    hour: str  # with its day, where that is another
    hub: str
    why: str
    clock: Clock

    @property
    def is_near(self) -> bool:
        """Is it so near that minutes are counted?"""
        return self.clock.until is not None and self.clock.until - self.clock.now <= COUNTED


@dataclass(frozen=True)
class Line:
    """One stretch: how long so far or in the end, of what, and what is usual here."""

    label: str
    clock: Clock | None  # while it runs
    took: str  # once it is over
    mood: str
    target: str
    source: str
    usual: str


@dataclass(frozen=True)
class Watch:
    """Everything that is counted of one referral."""

    leaving: Leaving | None
    owner: OwnerLine | None
    lines: tuple[Line, ...]
    as_of: str  # when the medians were reckoned; empty where none is told


def leave(referral: Referral, *, now: datetime) -> Leaving | None:
    """The latest departure of a patient who has not left; no statement."""
    must = leaving.must(referral, now=now)
    if must is None:
        return None
    clock = Clock("to leave", Form.LEFT, now, until=must.by, soon=must.soon, late=must.late)
    return Leaving(clocks.moment(must.by, now), must.hub, must.why, clock)


def of(referral: Referral, *, now: datetime) -> Watch:
    """The clocks of one referral, by the targets that it is judged by."""
    year = last_year.of(referral.spoke.network, now=now)
    counted = stretches.counts(referral, rulebook.held(referral))
    lines = [_line(one, year.medians.get(one.target.name), now) for one in counted]
    as_of = waits.hour(year.as_of) if any(line.usual for line in lines) else ""
    return Watch(leave(referral, now=now), owner_line.of(referral, now=now), tuple(lines), as_of)


def _line(one: Count, usual: last_year.Median | None, now: datetime) -> Line:
    running = one.took is None
    soon, late = one.since + one.target.soon, one.since + one.target.late
    clock = Clock(one.target.label, Form.TICK, now, since=one.since, soon=soon, late=late)
    return Line(
        label=one.target.label,
        clock=clock if running else None,
        took="" if running else in_words(one.length(now)),
        mood=one.mood(now),
        target=in_words(one.target.late),
        source=one.target.source,
        usual=f"{in_words(usual.length)}, median of {usual.number} in the last year" if usual else "",
    )


def in_words(length: timedelta) -> str:
    """A length as a ward says it: 40 s, 19 min, 2 h 10."""
    return clocks.ago(length)
