"""Tells screens and pagers that something of the pager has changed; both are hints, and may be repeated.

Called by everything here that writes. It decides nothing.
"""

from datetime import datetime

from django.db import connection, transaction

from realtime import feed
from referrals import queries
from referrals.models import Referral


def show(referral_id: int | None, *, now: datetime) -> None:
    """Tell the referral's streams that something of the pager changed, with the referral as it is now."""
    if referral_id is None:
        return
    with transaction.atomic():
        referral = Referral.objects.get(pk=referral_id)
        feed.append(
            queries.streams(referral),
            subject=referral.code,
            version=referral.version,
            verb="page",
            state=referral.state,
            at=now,
        )


def wake() -> None:
    """Let the pagers look at the tables now; a hint that may be lost."""
    with connection.cursor() as cursor:
        cursor.execute("select pg_notify('dido_feed', '')")
