"""The stretches of a patient's way that are counted in minutes. Pure over a referral's moments.

Read by the screens and the API; each answers None until both of its moments are known.
"""

from datetime import datetime, timedelta

from referrals.models import Referral


def dido(referral: Referral) -> timedelta | None:
    """Door in, door out: from the first hospital's door to leaving it for the hub."""
    return _between(referral.arrived_at, referral.departed_at)


def door_to_puncture(referral: Referral) -> timedelta | None:
    """From the first hospital's door to groin puncture."""
    return _between(referral.arrived_at, referral.punctured_at)


def onset_to_puncture(referral: Referral) -> timedelta | None:
    """From onset, or last known well, to groin puncture."""
    return _between(referral.onset_at, referral.punctured_at)


def whole_minutes(stretch: timedelta | None) -> int | None:
    """A stretch as people say it: whole minutes, those begun not counted."""
    return None if stretch is None else int(stretch.total_seconds() // 60)


def _between(start: datetime | None, end: datetime | None) -> timedelta | None:
    return end - start if start and end else None
