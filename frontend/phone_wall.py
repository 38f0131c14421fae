"""The phones of the demonstration as cards: whose each is, what it shows, and what can be answered with one press.

Called by frontend.views.phones with what the simulator says. A text is shown as it came; nothing is read into it but
its reply codes and its links to our own pages.
"""

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from django.conf import settings
from django.db.models import Q
from django.utils import timezone

from frontend import cast
from network.models import Membership, Person, Role, Site
from paging.simulator.client import PhoneState, ShownMessage
from referrals import codes
from workforce import rota
from workforce.models import Shift

LATEST = 12  # texts on a screen
ASKED = re.compile(
    rf"(?<![/\w])(X?[{codes.ALPHABET}]{{{codes.REPLY_LENGTH}}}),? (accept|confirm|decline|if you deal with it)"
)  # the codes of paging.texts
MEANS = {"accept": "Accept", "confirm": "Confirm", "decline": "Decline"}


@dataclass(frozen=True)
class Piece:
    """A part of a text: words, or a link into Dido."""

    text: str
    path: str = ""


@dataclass(frozen=True)
class Bubble:
    """One text on the screen."""

    mine: bool
    pieces: list[Piece]
    at: datetime
    status: str


@dataclass(frozen=True)
class Chip:
    """A reply that one press sends."""

    code: str
    means: str


@dataclass(frozen=True)
class Card:
    """One phone."""

    number: str
    name: str
    username: str  # empty: not one of the cast, so nobody can sign in as this person
    role: str
    in_play: bool  # one of the cast, or on call now at their hub
    signal: bool
    waiting: int
    unread: int
    bubbles: list[Bubble]
    chips: list[Chip]
    link: str  # the newest page of ours that a text points to
    link_name: str  # the referral's code in it
    version: str


def cards(phones: Iterable[PhoneState], *, at: datetime, everybody: bool) -> list[Card]:
    """The phones in play, unread ones first; with `everybody`, all the others after them."""
    known = {phone["number"]: phone for phone in phones}
    hubs = _hubs_of_the_cast()
    on = {shift.person_id: shift for shift in rota.on_call_at(hubs, at=at)}
    wanted = Q(username__in=cast.USERNAMES) | Q(pk__in=on) | Q(phone__in=known)
    people = {p.phone: p for p in Person.objects.filter(wanted, is_active=True).exclude(phone="")}
    roles = _roles(people.values(), at)
    found = []
    for number in sorted({*known, *people}):
        person = people.get(number)
        in_play = person is not None and (person.username in cast.USERNAMES or person.pk in on)
        if in_play or everybody:
            found.append(_card(number, known.get(number), person, on, roles, in_play=in_play))
    return sorted(found, key=_order)


def _hubs_of_the_cast() -> list[Site]:
    where = Q(memberships__person__username__in=cast.USERNAMES, memberships__role=Role.OPERATOR)
    return list(Site.objects.filter(where, is_hub=True).distinct())


def _roles(people: Iterable[Person], at: datetime) -> dict[int, str]:
    held = Membership.objects.filter(person__in=list(people), since__lte=at)
    held = held.filter(Q(until=None) | Q(until__gt=at)).select_related("site", "network").order_by("-pk")
    return {m.person_id: f"{m.get_role_display()}, {m.site or m.network}" for m in held}


def _card(
    number: str,
    phone: PhoneState | None,
    person: Person | None,
    on: Mapping[int, Shift],
    roles: Mapping[int, str],
    *,
    in_play: bool,
) -> Card:
    shift = on.get(person.pk) if person else None
    duty = f"{shift.get_duty_display()}, {shift.hub}" if shift else ""
    messages = phone["messages"] if phone else []
    bubbles = [_bubble(message) for message in messages[-LATEST:]]
    links = [piece.path for bubble in reversed(bubbles) for piece in bubble.pieces if piece.path]
    name = person.name if person else (phone["name"] if phone and phone["name"] else number)
    username = person.username if person and person.username in cast.USERNAMES else ""
    role = duty or (roles.get(person.pk, "") if person else "")
    signal, waiting, unread = (phone["signal"], phone["waiting"], phone["unread"]) if phone else (True, 0, 0)
    shown = repr((name, role, signal, waiting, unread, [(m["sid"], m["status"], m["at"]) for m in messages]))
    return Card(
        number=number,
        name=name,
        username=username,
        role=role,
        in_play=in_play,
        signal=signal,
        waiting=waiting,
        unread=unread,
        bubbles=bubbles,
        chips=_chips(messages),
        link=links[0] if links else "",
        link_name=links[0].strip("/").rpartition("/")[2] if links else "",
        version=hashlib.blake2b(shown.encode(), digest_size=6).hexdigest(),
    )


def _order(card: Card) -> tuple[object, ...]:
    part = [part.username for part in cast.CAST]
    place = part.index(card.username) if card.username in part else len(part)
    return (not card.in_play, not card.unread, place, card.name)


def _bubble(message: ShownMessage) -> Bubble:
    mine = message["direction"] == "from"
    status = "sent" if mine else message["status"]
    at = timezone.localtime(datetime.fromisoformat(message["at"]))
    return Bubble(mine, _pieces(message["body"]), at, status)


def _pieces(body: str) -> list[Piece]:
    """The text, with each address of ours as a link to its path."""
    host = re.escape(urlsplit(settings.PUBLIC_URL).netloc)
    ours = re.compile(rf"((?:https?://)?{host}(/[A-Za-z0-9/_-]*))")
    pieces, end = [], 0
    for found in ours.finditer(body):
        pieces += [Piece(body[end : found.start()]), Piece(found[1], found[2])]
        end = found.end()
    return [piece for piece in (*pieces, Piece(body[end:])) if piece.text]


def _chips(messages: list[ShownMessage]) -> list[Chip]:
    """What the last text asks to be answered with, if it came to this phone: each code with its own word."""
    if not messages or messages[-1]["direction"] != "to":
        return []
    found = ASKED.findall(messages[-1]["body"])
    return [Chip(code, MEANS.get(word, "Deal with it")) for code, word in dict.fromkeys(found)]
