"""The only writer of streams: appends an entry to each audience's list, in the caller's transaction.

Called by the verbs and by the pager; it also says who may watch which. The bell is rung after the commit and may be
lost: the rows are the truth.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.db.models import F

from network import permissions
from network.models import Network, Role, Site
from network.permissions import Rights
from realtime import commits, doorbell
from realtime.models import Stream

# PostgreSQL rings at the commit: see `commits`. It takes 8,000 bytes; more streams than that are left to Redis.
RUNG = f"""
, reached as (
    select stream_id, max(position) as position from written group by stream_id
), said as (
    select string_agg(' ' || stream_id || ' ' || position, '') as streams from reached
), rung as (
    select %(verb)s || case when octet_length(streams) < 7900 then streams else '' end as words from said
)
select stream_id, position, pg_notify('{commits.CHANNEL}', words) from reached, rung
"""  # noqa: S608 the channel's name is ours

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
"""

# The same for many subjects at once: each stream's counter is raised once, by as many entries as it gets.
APPEND_MANY = """
with asked as (
    select * from unnest(%(keys)s::text[], %(subjects)s::text[], %(versions)s::int[], %(states)s::text[])
    with ordinality as wanted (key, subject, version, state, place)
), counted as (
    select key, count(*) as entries from asked group by key
), bumped as (
    insert into realtime_stream as stream (key, epoch, head)
    select key, gen_random_uuid(), entries from counted order by key
    on conflict (key) do update set head = stream.head + excluded.head
    returning key, head
), written as (
    insert into realtime_entry (stream_id, position, subject, version, verb, state, at)
    select key, head - entries + row_number() over (partition by key order by place),
        subject, version, %(verb)s, state, %(at)s
    from asked join counted using (key) join bumped using (key)
    returning stream_id, position
)
"""


@dataclass(frozen=True, slots=True)
class Said:
    """What one entry says of its subject, and the streams that hear it."""

    keys: Collection[str]
    subject: str
    version: int
    state: str


@dataclass(frozen=True, slots=True)
class Post:
    """Where somebody works now: the stream that may be watched from there, and until when."""

    stream: str
    place: str  # as people say it
    until: datetime | None


def site_stream(site: Site) -> str:
    """A hospital's own stream: its referrals as a spoke, its offers and patients as a hub."""
    return of_site(site.code)


def network_stream(network: Network) -> str:
    """A network's everything, for its coordinators."""
    return of_network(network.code)


def of_site(code: str) -> str:
    """The stream of the hospital with this code."""
    return f"site:{code}"


def of_network(code: str) -> str:
    """The stream of the network with this code."""
    return f"network:{code}"


def posts(person_ids: Collection[int], *, at: datetime) -> dict[int, list[Post]]:
    """The posts of many people at an instant, hospitals before networks, in one query; none for who was disabled."""
    if not person_ids:
        return {}
    held = permissions.holding(at).filter(person__in=list(person_ids))
    held = held.exclude(role=Role.GOVERNANCE)  # signs operators off, and sees no patient
    rows = held.order_by(F("network_id").asc(nulls_first=True), "pk")
    found: dict[int, list[Post]] = {}
    for person, site, said, network, name, until in rows.values_list(
        "person_id", "site__code", "site__short_name", "network__code", "network__name", "until"
    ):
        post = Post(of_site(site), said, until) if site else Post(of_network(network), name, until)
        found.setdefault(person, []).append(post)
    return found


def may_watch(held: Iterable[Post], streams: Collection[str]) -> bool:
    """May somebody with these posts watch one of these streams?"""
    return any(post.stream in streams for post in held)


def watchable(rights: Rights) -> dict[str, str]:
    """Key and name of each stream that this person may watch: that of each of their posts."""
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
        cursor.execute(APPEND + RUNG, values)
        positions = {key: position for key, position, _ in cursor.fetchall()}
    transaction.on_commit(lambda: doorbell.ring(positions), robust=True)
    return positions


def append_many(said: Collection[Said], *, verb: str, at: datetime) -> None:
    """Add entries about many subjects in one statement, under the same locks and in the same order as `append`."""
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError("A stream is appended to inside the transaction of what it tells.")
    rows = [(key, one.subject, one.version, one.state) for one in said for key in sorted(set(one.keys))]
    if not rows:
        return
    keys, subjects, versions, states = zip(*rows, strict=True)
    values: dict[str, Any] = {
        "keys": list(keys),
        "subjects": list(subjects),
        "versions": list(versions),
        "states": list(states),
        "verb": verb,
        "at": at,
    }
    with connection.cursor() as cursor:
        cursor.execute(APPEND_MANY + RUNG, values)
        positions = {key: position for key, position, _ in cursor.fetchall()}
    transaction.on_commit(lambda: doorbell.ring(positions), robust=True)


def heads(keys: Iterable[str]) -> dict[str, int]:
    """The last position of each stream; 0 for one that nobody has written to."""
    wanted = list(keys)
    known = dict(Stream.objects.filter(key__in=wanted).values_list("key", "head"))
    return {key: known.get(key, 0) for key in wanted}
