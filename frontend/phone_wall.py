"""The phones of the demonstration as cards: whose each is, which rings, what it shows, and what one press answers.

Called by frontend.views.phones with what the simulator says. A text is shown as it came, and a call as the words that
were heard; nothing is read into them but the reply codes and the links to our own pages.
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
from network import permissions
from network.models import Person, Role, Site
from paging.simulator.client import CallState, PhoneState, ShownMessage
from referrals import codes
from workforce import rota
from workforce.models import Shift

LATEST = 12  # texts and calls on a screen, and lines of the call that goes on
KEYS = ("1", "2", "3", "4", "5", "6", "7", "8", "9", "*", "0", "#")
ENDS = {"completed": "Call", "no-answer": "Missed call", "canceled": "Missed call", "busy": "Rejected call"}
MEANS = {
    "accept": "Accept",
    "confirm": "Confirm",
    "decline": "Decline",
    "if you deal with it": "Deal with it",
    "to show that pages reach you": "It reached me",
    "to answer the drill": "Answer the drill",
}
ASKED = re.compile(
    rf"(?<![/\w])(X?[{codes.ALPHABET}]{{{codes.REPLY_LENGTH}}}),? ({'|'.join(MEANS)})"
)  # the codes of paging.texts


@dataclass(frozen=True)
class Piece:
    """A part of a text: words, or a link into Dido."""

    text: str
    path: str = ""


@dataclass(frozen=True)
class Bubble:
    """One text on the screen, or one call that is over, with what it was as its `head`."""

    mine: bool
    pieces: list[Piece]
    at: datetime
    status: str
    head: str = ""


@dataclass(frozen=True)
class Talk:
    """The call that rings, or that the phone's owner is in; it `listens` while a key is waited for."""

    rings: bool
    listens: bool
    at: datetime
    heard: list[str]
    pressed: str


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
    voicemail: bool
    waiting: int
    unread: int
    talk: Talk | None
    bubbles: list[Bubble]
    chips: list[Chip]
    link: str  # the newest page of ours that a text points to
    link_name: str  # the referral's code in it
    version: str


def cards(phones: Iterable[PhoneState], *, at: datetime, everybody: bool) -> list[Card]:
    """The phones in play, those in a call and unread ones first; with `everybody`, all the others after them."""
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
    held = permissions.holding(at).filter(person__in=list(people)).select_related("site", "network")
    return {m.person_id: f"{m.get_role_display()}, {m.site or m.network}" for m in held.order_by("-pk")}


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
    messages, calls = (phone["messages"], phone["calls"]) if phone else ([], [])
    bubbles = _bubbles(messages, calls)
    links = [piece.path for bubble in reversed(bubbles) for piece in bubble.pieces if piece.path]
    name = person.name if person else (phone["name"] if phone and phone["name"] else number)
    username = person.username if person and person.username in cast.USERNAMES else ""
    role = duty or (roles.get(person.pk, "") if person else "")
    signal, waiting, unread = (phone["signal"], phone["waiting"], phone["unread"]) if phone else (True, 0, 0)
    voicemail = bool(phone and phone["voice"] == "voicemail")
    shown = repr((name, role, signal, voicemail, waiting, unread, calls, [_shown(text) for text in messages]))
    return Card(
        number=number,
        name=name,
        username=username,
        role=role,
        in_play=in_play,
        signal=signal,
        voicemail=voicemail,
        waiting=waiting,
        unread=unread,
        talk=next((_talk(call) for call in reversed(calls) if _is_live(call)), None),
        bubbles=bubbles,
        chips=_chips(messages),
        link=links[0] if links else "",
        link_name=links[0].strip("/").rpartition("/")[2] if links else "",
        version=hashlib.blake2b(shown.encode(), digest_size=6).hexdigest(),
    )


def _shown(message: ShownMessage) -> tuple[str, str, str]:
    return message["sid"], message["status"], message["at"]


def _is_live(call: CallState) -> bool:
    return call["ringing"] or (call["connected"] and not call["machine"])


def _talk(call: CallState) -> Talk:
    at = timezone.localtime(datetime.fromisoformat(call["at"]))
    return Talk(call["ringing"], call["listening"], at, call["heard"][-LATEST:], call["pressed"])


def _order(card: Card) -> tuple[object, ...]:
    part = [part.username for part in cast.CAST]
    place = part.index(card.username) if card.username in part else len(part)
    return (not card.in_play, card.talk is None, not card.unread, place, card.name)


def _bubbles(messages: list[ShownMessage], calls: list[CallState]) -> list[Bubble]:
    """Texts and past calls, the oldest first."""
    over = [_past(call) for call in calls if not _is_live(call)]
    return sorted([*map(_bubble, messages), *over], key=lambda bubble: bubble.at)[-LATEST:]


def _past(call: CallState) -> Bubble:
    at = timezone.localtime(datetime.fromisoformat(call["at"]))
    head = "Voicemail" if call["machine"] else ENDS.get(call["status"], "Call")
    # A call says everything several times; once is enough to read.
    words = "\n".join(dict.fromkeys(call["heard"]))
    if not words:
        return Bubble(False, [], at, "", head)
    status = f"pressed {call['pressed']}" if call["pressed"] else "no key pressed"
    return Bubble(False, [Piece(words)], at, status, head)


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
    return [Chip(code, MEANS[word]) for code, word in dict.fromkeys(found)]
