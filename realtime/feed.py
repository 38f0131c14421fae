"""The only writer of streams: appends an entry to each audience's list, in the caller's transaction.

Called by the verbs and by the pager; it also says who may watch which. The bell is rung after the commit and may be
lost: the rows are the truth.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import connection, transaction

from network.models import Network, Site
from network.permissions import Rights
from realtime import doorbell
from realtime.models import Stream

APPEND = """
with bumped as (
    insert into realtime_stream as stream (key, epoch, head)
    select key, gen_random_uuid(), 1
    from unnest(%(keys)s::text[]) with ordinality as wanted (key, place) order by place
    on conflict (key) do update set head = stream.head + 1
    returning key, head
), written as (
    insert into realtime_entry (stream_id, position, subject, version, verb, state, at)
    select key, head, %(subject)s, %(version)s, %(verb)s, %(state)s, %(at)s from bumped
    returning stream_id, position
)
select stream_id, position, pg_notify('dido_feed', '') from written
"""


def site_stream(site: Site) -> str:
    """A hospital's own stream: its referrals as a spoke, its offers and patients as a hub."""
    return f"site:{site.code}"


def network_stream(network: Network) -> str:
    """A network's everything, for its coordinators."""
    return f"network:{network.code}"


def watchable(rights: Rights) -> dict[str, str]:
    """Key and name of each stream that this person may watch; the one place that says so."""
    sites = Site.objects.filter(pk__in=rights.sites)
    networks = Network.objects.filter(pk__in=rights.networks)
    return {network_stream(n): n.name for n in networks} | {site_stream(s): s.name for s in sites}


def append(
    keys: Iterable[str], *, subject: str, version: int, verb: str, state: str, at: datetime
) -> dict[str, int]:
    """Add one entry to each stream and ring on commit; returns the new position of each.

    The counter rows stay locked until the caller commits, so positions have no gaps and follow commit order;
    they are locked in the order of their keys, so that two verbs cannot wait for each other. A stream that
    nobody wrote to yet is made on the way.
    """
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError("A stream is appended to inside the transaction of what it tells.")
    values: dict[str, Any] = {
        "keys": sorted(set(keys)),
        "subject": subject,
        "version": version,
        "verb": verb,
        "state": state,
        "at": at,
    }
    with connection.cursor() as cursor:
        cursor.execute(APPEND, values)
        positions = {key: position for key, position, _ in cursor.fetchall()}
    transaction.on_commit(lambda: doorbell.ring(positions), robust=True)
    return positions


def heads(keys: Iterable[str]) -> dict[str, int]:
    """The last position of each stream; 0 for one that nobody has written to."""
    wanted = list(keys)
    known = dict(Stream.objects.filter(key__in=wanted).values_list("key", "head"))
    return {key: known.get(key, 0) for key in wanted}
