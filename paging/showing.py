"""Tells screens and pagers that something of the pager has changed; both are hints, and may be repeated.

Called by everything here that writes. It decides nothing.
"""

from collections.abc import Collection
from datetime import datetime

from django.db import connection, transaction

from paging.models import BY_CODE, Escalation, Reason
from realtime import commits, feed
from referrals import queries


def about(escalation: Escalation) -> int | None:
    """On whose case this climb is seen: its own referral's, or the one that it is about by its code."""
    if escalation.reason == Reason.TOLD or escalation.reason in BY_CODE:
        return queries.id_of(escalation.subject.partition(" ")[0])
    return escalation.referral_id


def show(referral_id: int | None, *, now: datetime) -> None:
    """Tell the referral's streams that something of the pager changed, with the referral as it is now."""
    if referral_id is not None:
        show_all([referral_id], now=now)


def show_all(referral_ids: Collection[int], *, now: datetime) -> None:
    """The same for many referrals, in two statements."""
    with transaction.atomic(savepoint=False):
        feed.append_many(queries.standing(referral_ids), verb="page", at=now)


def wake() -> None:
    """Let the pagers look at the tables now; a hint that may be lost."""
    with connection.cursor() as cursor:
        cursor.execute("select pg_notify(%s, '')", [commits.CHANNEL])
