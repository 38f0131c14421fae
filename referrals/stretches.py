"""The stretches of a patient's way that are held against targets, and its phases, which together are the whole. Pure.

Read by the case; each stretch has the name of its target. A clock never runs backwards, whatever was written late.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from referrals.models import Referral
from referrals.states import LIVE
from referrals.targets import Target


@dataclass(frozen=True)
class Stretch:
    """From one moment to another, against the target of this name; of whom it is asked."""

    name: str
    start: str
    end: str
    of: str = "all"  # transferred, direct, or all


# From the first door to the groin; the crew's arrival at the spoke stands where it is written down.
STRETCHES = (
    Stretch("cta", "arrived_at", "cta_at"),
    Stretch("referral", "cta_at", "referred_at"),
    Stretch("answer", "referred_at", "accepted_at"),
    Stretch("ambulance", "accepted_at", "ambulance_requested_at"),
    Stretch("crew", "ambulance_requested_at", "crew_at_spoke_at"),
    Stretch("dido", "arrived_at", "departed_at"),
    Stretch("groin", "hub_arrived_at", "punctured_at", "transferred"),
    Stretch("groin_direct", "hub_arrived_at", "punctured_at", "direct"),
    Stretch("image", "cta_at", "punctured_at"),
    Stretch("onset", "onset_at", "punctured_at"),
)
STOPS = (
    ("Door in", "arrived_at"),
    ("CT angiogram", "cta_at"),
    ("Referred", "referred_at"),
    ("Accepted", "accepted_at"),
    ("Ambulance", "ambulance_requested_at"),
    ("Crew there", "crew_at_spoke_at"),
    ("Door out", "departed_at"),
    ("Hub door", "hub_arrived_at"),
    ("Groin", "punctured_at"),
    ("Reperfused", "reperfused_at"),
    ("Treated", "treated_at"),
    ("Home", "repatriated_at"),
)


def at(referral: Referral, field: str) -> datetime | None:
    """One moment of the way; None where it is not reached, or not kept."""
    found: datetime | None = getattr(referral, field, None)
    return found


@dataclass(frozen=True)
class Count:
    """One stretch of one referral: how long it took, or since when it runs."""

    target: Target
    since: datetime
    took: timedelta | None  # None: it still runs

    def length(self, now: datetime) -> timedelta:
        """So far, or as it was; never less than nothing."""
        return max(timedelta(0), self.took if self.took is not None else now - self.since)

    def mood(self, now: datetime) -> str:
        length = self.length(now)
        if length >= self.target.late:
            return "late"
        return "soon" if length >= self.target.soon else "calm"


def counts(referral: Referral, targets: Mapping[str, Target]) -> list[Count]:
    """The stretches that have begun, in the order of the way; of an ended referral, those that were finished."""
    direct = referral.spoke_id == referral.hub_id
    found = []
    for one in STRETCHES:
        if one.of == ("transferred" if direct else "direct"):
            continue
        if direct and one.name in {"referral", "answer", "ambulance", "crew", "dido"}:
            continue
        since, end = at(referral, one.start), at(referral, one.end)
        runs = end is None and referral.state in LIVE and _comes(referral, one)
        if since is not None and (end is not None or runs):
            found.append(Count(targets[one.name], since, end - since if end else None))
    return found


def _comes(referral: Referral, one: Stretch) -> bool:
    """Is the end of this stretch still ahead? What was passed over is not counted on for ever."""
    order = [field for _, field in STOPS]
    later = order[order.index(one.end) + 1 :]
    return hasattr(referral, one.end) and all(at(referral, field) is None for field in later)


@dataclass(frozen=True)
class Phase:
    """From one stop to the next that was reached."""

    start: str
    end: str
    took: timedelta


def reached(referral: Referral) -> list[tuple[str, datetime]]:
    """The stops that were reached, by the clock: what was written late stands where it happened."""
    stops = [(name, moment) for name, field in STOPS if (moment := at(referral, field))]
    return sorted(stops, key=lambda stop: stop[1])


def phases(referral: Referral) -> list[Phase]:
    """The way in phases; their sum is the time from the first stop to the last."""
    stops = reached(referral)
    return [Phase(start, end, done - begun) for (start, begun), (end, done) in pairwise(stops)]
