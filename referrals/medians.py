"""The only writer of the medians that are kept: once an hour all of them anew, whichever process comes to it first.

Called by referrals.chores. Nobody waits for it: whoever finds none that may be told reads the journeys themselves.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.db import connection, transaction

from network.models import Site
from referrals import last_year, observed, usual
from referrals.median_rows import KeptMedian

ANEW = timedelta(minutes=usual.ANEW)
TURN = 5_271_010  # the advisory lock: one process reckons at a time


@transaction.atomic
def reckon(*, at: datetime) -> bool:
    """Reckon all medians of the year before this instant; False where that is another's, or not due yet."""
    if not _is_ours() or KeptMedian.objects.filter(reckoned_at__gt=at - ANEW, reckoned_at__lte=at).exists():
        return False
    rows = [*_of_places(at), *_of_networks(at)]
    KeptMedian.objects.all().delete()
    KeptMedian.objects.bulk_create(rows)
    return True


def _is_ours() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("select pg_try_advisory_xact_lock(%s)", [TURN])
        return bool(cursor.fetchone()[0])


def _of_places(at: datetime) -> Iterator[KeptMedian]:
    sites = dict(Site.objects.values_list("pk", "is_hub"))
    hubs = [pk for pk, is_hub in sites.items() if is_hub]
    for one in observed.live(spokes=list(sites), hubs=hubs, now=at):
        yield KeptMedian(
            name=one.name,
            spoke_id=one.spoke,
            hub_id=one.hub,
            length=one.length,
            number=one.number,
            reckoned_at=at,
        )


def _of_networks(at: datetime) -> Iterator[KeptMedian]:
    """One for each stretch of each network, also where there is nothing to tell: that is known as well."""
    for network, medians in last_year.live(now=at).items():
        for name, one in medians.items():
            yield KeptMedian(
                name=name, network_id=network, length=one.length, number=one.number, reckoned_at=at
            )
