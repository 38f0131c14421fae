"""Where could the groin be punctured soonest? Hubs ranked by that instant, each with its reasons. Pure.

Its one reader is referrals.soonest. A rank is advice: every hub can be chosen, the closed and the distant too.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from network.week import Open
from referrals.criteria.judging import Judgement, Verdict


@dataclass(frozen=True)
class Usual:
    """How long something usually takes: a median and of how many, or an assumption where too few are known."""

    minutes: int
    number: int = 0  # 0: assumed

    @property
    def length(self) -> timedelta:
        return timedelta(minutes=self.minutes)


@dataclass(frozen=True)
class Ahead:
    """A patient who comes to the same hub: at the door when, or in the suite since when."""

    door_at: datetime
    punctured_at: datetime | None = None


@dataclass(frozen=True)
class Hub:
    """What is known of one hub, as seen from one spoke."""

    code: str
    road: int  # drive minutes
    conveyance: Usual | None  # as observed from this spoke
    readiness: Usual  # hub's door to groin puncture
    procedure: Usual
    open: Sequence[Open]  # when it takes this network's referrals, within the time looked ahead
    closed_why: str = ""  # why it takes nobody now
    ahead: Sequence[Ahead] = ()

    @property
    def journey(self) -> Usual:
        return self.conveyance or Usual(self.road)


@dataclass(frozen=True)
class Ranked:
    """One hub with the instant at which the groin could be punctured there, and how that is reckoned."""

    code: str
    is_open: bool
    opens_at: datetime | None  # where it is closed: when it takes the next patient
    closed_why: str
    leave_at: datetime | None
    arrive_at: datetime | None
    groin_at: datetime | None  # none: not within the time looked ahead
    waits: int  # minutes in which the suite is taken
    ahead: int  # patients who come before this one
    road: int
    conveyance: Usual | None
    readiness: Usual
    procedure: Usual
    last_acceptance: datetime | None  # where it closes within the time looked ahead
    arrive_by: datetime | None
    judgement: Judgement | None = None

    @property
    def journey(self) -> int:
        """Minutes on the way: as observed, else by road."""
        return self.conveyance.minutes if self.conveyance else self.road

    @property
    def is_outside(self) -> bool:
        return self.judgement is not None and self.judgement.verdict == Verdict.OUTSIDE


def reckon(
    hub: Hub, *, now: datetime, remaining: timedelta, turnaround: timedelta, horizon: datetime
) -> Ranked:
    """When the groin could be punctured at this hub, for a patient who can leave after `remaining`."""
    is_open = bool(hub.open) and hub.open[0].start <= now
    leave = arrive = groin = None
    taken: Open | None = None
    ahead = waits = 0
    for one in hub.open:
        leave = max(now + remaining, one.start)
        arrive = leave + hub.journey.length
        if one.arrive_by is None or arrive <= one.arrive_by:
            taken = one
            break
    else:
        leave = arrive = None
    if arrive is not None:
        ready = arrive + hub.readiness.length
        free, ahead = _suite_free(hub, before=arrive, now=now, turnaround=turnaround)
        groin = max(ready, free) if free else ready
        waits = int((groin - ready) / timedelta(minutes=1))
    end = taken.end if taken and taken.end < horizon else None
    return Ranked(
        code=hub.code,
        is_open=is_open,
        opens_at=None if is_open or not hub.open else hub.open[0].start,
        closed_why="" if is_open else hub.closed_why,
        leave_at=leave,
        arrive_at=arrive,
        groin_at=groin,
        waits=waits,
        ahead=ahead,
        road=hub.road,
        conveyance=hub.conveyance,
        readiness=hub.readiness,
        procedure=hub.procedure,
        last_acceptance=end,
        arrive_by=taken.arrive_by if taken else None,
    )  # fmt: skip


def _suite_free(
    hub: Hub, *, before: datetime, now: datetime, turnaround: timedelta
) -> tuple[datetime | None, int]:
    """When the suite is free for whoever comes to the door at `before`, and after how many; one suite is assumed."""
    free: datetime | None = None
    coming = sorted((one for one in hub.ahead if one.door_at <= before), key=lambda one: one.door_at)
    coming.sort(key=lambda one: one.punctured_at is None)  # whoever is in the suite is first
    for one in coming:
        begins = one.punctured_at or max(one.door_at + hub.readiness.length, now, free or now)
        over = max(begins + hub.procedure.length, now) + turnaround
        free = max(free, over) if free else over
    return free, len(coming)


def order(found: Iterable[Ranked]) -> list[Ranked]:
    """The soonest groin first; whoever is outside a hub's criteria finds it behind the others."""

    def key(one: Ranked) -> tuple[bool, bool, float, int, str]:
        instant = one.groin_at.timestamp() if one.groin_at else 0.0
        return one.is_outside, one.groin_at is None, instant, one.road, one.code

    return sorted(found, key=key)


def suggested(ranked: Sequence[Ranked]) -> Ranked | None:
    """The first that is open now; only a suggestion."""
    return next((one for one in ranked if one.is_open and one.groin_at), ranked[0] if ranked else None)
