"""Guessing a password is slowed down, by account and address together: an on-call person is never locked out elsewhere.

The only writer of failed sign-ins. Names and addresses are kept as digests, for a day.
"""

from datetime import datetime, timedelta

from network.models import FailedSignIn
from network.people import digest

FREE_TRIES = 5
WITHIN = timedelta(minutes=10)
KEPT = timedelta(days=1)


def _who(username: str, address: str) -> str:
    return digest(f"{username.strip().lower()}\n{address}")


def too_many(username: str, address: str, *, at: datetime) -> bool:
    """Has this account been tried too often from this address in the last minutes?"""
    recent = FailedSignIn.objects.filter(who=_who(username, address), at__gt=at - WITHIN)
    return recent.count() >= FREE_TRIES


def note(username: str, address: str, *, at: datetime) -> None:
    """One more try failed."""
    FailedSignIn.objects.filter(at__lt=at - KEPT).delete()
    FailedSignIn.objects.create(who=_who(username, address), at=at)
