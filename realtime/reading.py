"""What the tails read from PostgreSQL, in one visit: heads, new entries rendered once, and who may still watch.

Runs on the tails' own thread, never on the event loop. Rendering is given by the FEED_RENDERER setting, because what
an entry looks like is known only to apps above this one.
"""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import connection
from django.utils import timezone
from django.utils.module_loading import import_string

from network.models import Person, Token
from realtime.models import Entry, Stream

FAR_BEHIND = 100  # entries; a page that missed more takes a fresh snapshot, which is shorter

Renderer = Callable[[str, list[Entry]], list[dict[str, Any]]]


@dataclass(frozen=True)
class Ticket:
    """By what right a socket watches: the person at an epoch, through a session or a token."""

    person_id: int
    epoch: int
    session_key: str | None = None
    token_id: int | None = None
    until: datetime | None = None  # when the first of the person's roles ends by itself


@dataclass(frozen=True)
class Rendered:
    """One entry as JSON text, ready to be put into a frame."""

    position: int
    text: str


@dataclass(frozen=True)
class News:
    """What one visit to the database found."""

    heads: Mapping[str, int]
    entries: Mapping[str, list[Rendered]]
    ended: frozenset[Ticket]


@dataclass(frozen=True)
class Place:
    """Where a stream stands for somebody who joins it."""

    epoch: str
    head: int
    missed: list[Rendered]
    reset: bool


def encode(frame: Mapping[str, Any]) -> str:
    """A frame as it goes over the wire."""
    return json.dumps(frame, separators=(",", ":"), ensure_ascii=False)


def news(positions: Mapping[str, int], tickets: Iterable[Ticket]) -> News:
    """What is new in each stream after the position that its tail has reached, and whose right to watch has ended."""
    heads = dict(Stream.objects.filter(key__in=list(positions)).values_list("key", "head"))
    behind = {key: positions[key] for key, head in heads.items() if head > positions[key]}
    entries = {key: between(key, after=after, until=heads[key]) for key, after in behind.items()}
    return News(heads=heads, entries=entries, ended=ended(tickets))


def reach() -> None:
    """Raise unless PostgreSQL answers."""
    with connection.cursor() as cursor:
        cursor.execute("select 1")


def between(key: str, *, after: int, until: int) -> list[Rendered]:
    """The entries of one stream with after < position <= until, rendered once."""
    rows = list(
        Entry.objects.filter(stream_id=key, position__gt=after, position__lte=until).order_by("position")
    )
    render: Renderer = import_string(settings.FEED_RENDERER)
    return [Rendered(frame["position"], encode(frame)) for frame in render(key, rows)]


def place(key: str, *, since: int | None, epoch: str | None) -> Place:
    """The stream's epoch and head, and what somebody missed who has seen everything up to `since`."""
    stream, _ = Stream.objects.get_or_create(key=key)
    if since is None:
        return Place(str(stream.epoch), stream.head, [], reset=False)
    lost = (
        since > stream.head
        or stream.head - since > FAR_BEHIND
        or (epoch is not None and epoch != str(stream.epoch))
    )
    if lost:
        return Place(str(stream.epoch), stream.head, [], reset=True)
    return Place(str(stream.epoch), stream.head, between(key, after=since, until=stream.head), reset=False)


def ended(tickets: Iterable[Ticket]) -> frozenset[Ticket]:
    """The tickets that no longer hold: rights changed, session ended, token ended, person disabled."""
    held = set(tickets)
    now = timezone.now()
    if not held:
        return frozenset()
    epochs = dict(
        Person.objects.filter(pk__in={t.person_id for t in held}, is_active=True).values_list(
            "pk", "access_epoch"
        )
    )
    sessions = {t.session_key for t in held if t.session_key}
    open_sessions = set(
        Session.objects.filter(session_key__in=sessions, expire_date__gt=now).values_list(
            "session_key", flat=True
        )
    )
    tokens = {t.token_id for t in held if t.token_id}
    open_tokens = set(Token.objects.filter(pk__in=tokens, ended_at=None).values_list("pk", flat=True))
    return frozenset(
        t
        for t in held
        if epochs.get(t.person_id) != t.epoch
        or (t.session_key and t.session_key not in open_sessions)
        or (t.token_id and t.token_id not in open_tokens)
        or (t.until and t.until <= now)
    )


def beat(head: int, now: datetime) -> str:
    """The heartbeat: carries the head, so that a page which missed the last event finds out."""
    return encode(
        {"type": "beat", "head": head, "now": now.astimezone(UTC).isoformat().replace("+00:00", "Z")}
    )
