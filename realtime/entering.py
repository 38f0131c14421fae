"""Who comes in: judges many sockets that knock at once in a handful of queries, so that a thousand come back together.

Called by the tail on its own thread. It decides who somebody is, what they may watch and what they missed; it sends
nothing. A session is checked here as Django's own middleware checks it for a request.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.utils.crypto import constant_time_compare

from network import digits
from network.models import Person, Token
from realtime import above, feed, reading
from realtime.above import Case
from realtime.feed import Post
from realtime.reading import Place, Ticket


@dataclass(frozen=True, slots=True)
class Knock:
    """What one socket asks for, and by what it says who it is: a token's digest, or a session's key."""

    stream: str
    since: int | None = None
    epoch: str | None = None
    session_key: str = ""
    token: str = ""
    case: str = ""  # the code of the referral that this screen shows


@dataclass(frozen=True, slots=True)
class Entered:
    """Somebody who may watch: by what right, from where on, and which referral (by id) is open before them."""

    ticket: Ticket
    place: Place
    case: int | None


class Refused(Exception):
    """Somebody who may not; its argument is the reason of the bye."""


def answers(knocks: Sequence[Knock], *, now: datetime) -> list[Entered | Refused]:
    """The answer to each knock, in their order; there are as many queries for one as for a thousand."""
    judged = list(_judged(knocks, now))
    let_in = [(k.stream, k.since, k.epoch) for k, j in zip(knocks, judged, strict=True) if not _is_refused(j)]
    places = iter(reading.places(let_in))
    return [j if isinstance(j, Refused) else Entered(j[0], next(places), j[1]) for j in judged]


type Judgement = tuple[Ticket, int | None] | Refused


def _is_refused(judgement: Judgement) -> bool:
    return isinstance(judgement, Refused)


def _judged(knocks: Sequence[Knock], now: datetime) -> Iterator[Judgement]:
    by_token = _by_token({k.token for k in knocks if k.token})
    by_session = _by_session({k.session_key for k in knocks if _is_plain(k.session_key) and not k.token}, now)
    tickets = [by_token.get(k.token) if k.token else by_session.get(k.session_key) for k in knocks]
    posts = feed.posts({t.person_id for t in tickets if t}, at=now)
    codes = {k.case.upper() for k in knocks if _is_plain(k.case)}
    cases = {case.code: case for case in above.cases(codes=codes)}
    for knock, ticket in zip(knocks, tickets, strict=True):
        if ticket is None:
            yield Refused("signed_out")
            continue
        held = posts.get(ticket.person_id, [])
        case = cases.get(knock.case.upper())
        if not feed.may_watch(held, {knock.stream}) or (knock.case and not _sees(held, case)):
            yield Refused("not_allowed")
        else:
            yield _until(ticket, held), case.id if case else None


def _is_plain(text: str) -> bool:
    """May PostgreSQL be asked for it? One that it cannot read would spoil the visit for everybody."""
    return text.isascii() and text.isalnum()


def _sees(held: Sequence[Post], case: Case | None) -> bool:
    return case is not None and feed.may_watch(held, case.streams)


def _until(ticket: Ticket, held: Sequence[Post]) -> Ticket:
    """The same ticket, until the first of its holder's roles ends by itself."""
    ends = [post.until for post in held if post.until]
    return (
        Ticket(ticket.person_id, ticket.epoch, ticket.session_key, ticket.token_id, min(ends))
        if ends
        else ticket
    )


def _by_token(digests: Collection[str]) -> Mapping[str, Ticket]:
    if not digests:
        return {}
    rows = Token.objects.filter(digest__in=digests, ended_at=None, person__is_active=True)
    found = rows.values_list("digest", "person_id", "person__access_epoch", "pk")
    return {digest: Ticket(person, epoch, token_id=token) for digest, person, epoch, token in found}


def _by_session(keys: Collection[str], now: datetime) -> Mapping[str, Ticket]:
    if not keys:
        return {}
    rows = Session.objects.filter(session_key__in=keys, expire_date__gt=now)
    store = SessionStore()
    said = {key: store.decode(data) for key, data in rows.values_list("session_key", "session_data")}
    ids = {key: _person_id(session) for key, session in said.items()}
    known = Person.objects.filter(pk__in={found for found in ids.values() if found}, is_active=True)
    people = known.only("password", "access_epoch").in_bulk()
    return {
        key: Ticket(person.pk, person.access_epoch, session_key=key)
        for key, session in said.items()
        if (person := people.get(ids[key] or 0)) and _is_theirs(session, person)
    }


def _person_id(session: Mapping[str, object]) -> int | None:
    return digits.whole(str(session.get(SESSION_KEY, "")), longest=15)


def _is_theirs(session: Mapping[str, object], person: Person) -> bool:
    """Was the session begun with the password that the person has now?"""
    if session.get(BACKEND_SESSION_KEY) not in settings.AUTHENTICATION_BACKENDS:
        return False
    said = str(session.get(HASH_SESSION_KEY, ""))
    hashes = [person.get_session_auth_hash(), *person.get_session_auth_fallback_hash()]
    return any(constant_time_compare(said, right) for right in hashes)
