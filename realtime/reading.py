"""What the tails read from PostgreSQL, in one visit: heads, new entries rendered once, and who may still watch.

Runs on the tails' own thread, never on the event loop, but for the board's views, which ask where a stream stands.
"""

import threading
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from typing import Any

from django.db import connection
from django.utils import timezone

from realtime import above, rendering
from realtime.models import Entry, Stream
from realtime.rendering import Rendered

COLUMNS = [field.attname for field in Entry._meta.concrete_fields]
FAR_BEHIND = 100  # entries; a page that missed more takes a fresh snapshot, which is shorter

LOOK = f"""
select revoked.number, {", ".join(f"entry.{column}" for column in COLUMNS)}
from (select coalesce(max(number), 0) as number from realtime_revocation) as revoked
left join (
    unnest(%(keys)s::text[], %(positions)s::bigint[]) as reached (key, position)
    join realtime_entry as entry on entry.stream_id = reached.key and entry.position > reached.position
) on true
order by entry.stream_id, entry.position
"""  # noqa: S608 the columns are the model's
ENDED = """
select held.number
from unnest(
    string_to_array(%(people)s, ',')::bigint[],
    string_to_array(%(epochs)s, ',')::int[],
    string_to_array(%(sessions)s, ',', ''),
    string_to_array(%(tokens)s, ',', '')::bigint[]
) with ordinality as held (person, epoch, session, token, number)
left join network_person as person
    on person.id = held.person and person.is_active and person.access_epoch = held.epoch
left join django_session as session on session.session_key = held.session and session.expire_date > %(now)s
left join network_token as token on token.id = held.token and token.ended_at is null
where person.id is null
    or (held.session is not null and session.session_key is null)
    or (held.token is not null and token.id is null)
"""

_looking = threading.local()

Asked = tuple[
    str, int | None, str | None
]  # a stream, and where somebody was in it: the position and its epoch


@dataclass(frozen=True, slots=True)
class Ticket:
    """By what right a socket watches: the person at an epoch, through a session or a token."""

    person_id: int
    epoch: int
    session_key: str | None = None
    token_id: int | None = None
    until: datetime | None = None  # when the first of the person's roles ends by itself


@dataclass(frozen=True)
class Standing:
    """What a heartbeat is made of."""

    heads: Mapping[str, int]
    pager: datetime | None


@dataclass(frozen=True)
class Place:
    """Where a stream stands for somebody who joins it."""

    epoch: str
    head: int
    missed: Sequence[Rendered] = field(default=(), repr=False)
    reset: bool = False

    @cached_property
    def said_after_hello(self) -> str:
        """What follows the hello, or nothing; the same text for all who were in the same place."""
        if self.reset:
            return rendering.encode({"type": "reset", "head": self.head})
        return rendering.together(self.missed) if self.missed else ""


def look(positions: Mapping[str, int]) -> tuple[dict[str, list[Rendered]], int]:
    """What is new in each stream after the position reached, and the number of the last revocation: as of one moment.

    A stream without news is left out.
    """
    found: dict[str, list[Entry]] = {}
    number = 0
    cursor = _cursor()
    cursor.execute(LOOK, {"keys": list(positions), "positions": list(positions.values())})
    for number, *values in cursor.fetchall():  # noqa: B007 it is the same in each row
        if values[0] is not None:
            entry = Entry.from_db(connection.alias, COLUMNS, values)
            found.setdefault(entry.stream_id, []).append(entry)
    return rendering.rendered(found), number


def _cursor() -> Any:
    """This thread's own, kept as long as its connection: to make one costs as much as the question."""
    connection.ensure_connection()
    way = connection.connection, connection.queries_logged
    if getattr(_looking, "way", None) != way:
        _looking.cursor, _looking.way = connection.cursor(), way
    return _looking.cursor


def standing(epochs: Mapping[str, str]) -> Standing:
    """What a heartbeat must know: the head of each stream that is still the same, and the pager's pulse."""
    rows = Stream.objects.filter(key__in=list(epochs)).values_list("key", "epoch", "head")
    heads = {key: head for key, epoch, head in rows if str(epoch) == epochs[key]}
    return Standing(heads, above.pulse())


def reach() -> None:
    """Raise unless PostgreSQL answers."""
    with connection.cursor() as cursor:
        cursor.execute("select 1")


def between(key: str, *, after: int, until: int) -> list[Rendered]:
    """The entries of one stream with after < position <= until, rendered once."""
    rows = Entry.objects.filter(stream_id=key, position__gt=after, position__lte=until).order_by("position")
    return rendering.rendered({key: list(rows)})[key]


def missed(key: str, ticket: Ticket, *, after: int, until: int) -> list[Rendered] | None:
    """The same for one ticket; None where it no longer holds."""
    found = between(key, after=after, until=until)
    return None if ended([ticket]) else found


def place(key: str, *, since: int | None, epoch: str | None) -> Place:
    """The stream's epoch and head, and what somebody missed who has seen everything up to `since`."""
    return places([(key, since, epoch)])[0]


def places(asked: Sequence[Asked]) -> list[Place]:
    """The place of each who asks. What many missed is read and rendered once; two in the same place share it."""
    streams = _streams({key for key, _, _ in asked})
    wanted = dict.fromkeys(asked)
    lost = {one for one in wanted if _is_lost(one, streams[one[0]])}
    backlogs = {key: _backlog(key, streams[key].head, wanted.keys() - lost) for key in streams}
    found: dict[Asked, Place] = {}
    for one in wanted:
        key, since, _ = one
        epoch, head = str(streams[key].epoch), streams[key].head
        if since is None or one in lost:
            found[one] = Place(epoch, head, reset=one in lost)
        else:
            found[one] = Place(epoch, head, [entry for entry in backlogs[key] if entry.position > since])
    return [found[one] for one in asked]


def _streams(keys: Collection[str]) -> dict[str, Stream]:
    """These streams; one that nobody wrote to yet is made on the way."""
    found = Stream.objects.in_bulk(list(keys)) if keys else {}
    new = sorted(set(keys) - found.keys())
    if new:
        Stream.objects.bulk_create([Stream(key=key) for key in new], ignore_conflicts=True)
        found |= Stream.objects.in_bulk(new)
    return found


def _is_lost(asked: Asked, stream: Stream) -> bool:
    """Does this position mean nothing here, or lie so far back that a fresh snapshot is shorter?"""
    _, since, epoch = asked
    if since is None:
        return False
    return not 0 <= stream.head - since <= FAR_BEHIND or epoch not in {None, str(stream.epoch)}


def _backlog(key: str, head: int, asked: Iterable[Asked]) -> list[Rendered]:
    """Everything that any of those on this stream has missed."""
    positions = [since for stream, since, _ in asked if stream == key and since is not None]
    lowest = min(positions, default=head)
    return between(key, after=lowest, until=head) if lowest < head else []


def ended(tickets: Iterable[Ticket]) -> frozenset[Ticket]:
    """The tickets that no longer hold: rights changed, session ended, token ended, person disabled.

    PostgreSQL compares, and names only those that ended.
    """
    held, now = list(tickets), timezone.now()
    if not held:
        return frozenset()
    # As four texts, of digits and letters alone: psycopg looks at each item of a list, a thousand every other second.
    values: dict[str, Any] = {
        "people": ",".join([str(ticket.person_id) for ticket in held]),
        "epochs": ",".join([str(ticket.epoch) for ticket in held]),
        "sessions": ",".join([ticket.session_key or "" for ticket in held]),
        "tokens": ",".join([str(ticket.token_id or "") for ticket in held]),
        "now": now,
    }
    with connection.cursor() as cursor:
        cursor.execute(ENDED, values)
        gone = {held[number - 1] for (number,) in cursor.fetchall()}
    return frozenset(gone | {ticket for ticket in held if ticket.until and ticket.until <= now})


def beat(head: int, *, now: datetime, pager: datetime | None) -> str:
    """The heartbeat: carries the head, so that a page which missed the last event finds out, and the pager's pulse."""
    return rendering.encode(
        {"type": "beat", "head": head, "now": iso(now), "pager": iso(pager) if pager else None}
    )


def iso(moment: datetime) -> str:
    """A moment as it goes over the wire."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")
