"""The ambulance's crew without an account: a secret link opens one referral's road, and presses a few of its verbs.

The only writer of crew links. The secret is made from a random seed and the installation's key: the rows alone open
nothing, and the spoke can show it again. It ends with the road.
"""

import base64
import hashlib
import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Unpack

from django.utils.crypto import salted_hmac

from referrals import ledger, policy, queries, verbs
from referrals.crew_link import CrewLink
from referrals.ledger import Press, Turn
from referrals.models import Event, Referral, Via
from referrals.refusals import NotVisible, Refusal, WrongState
from referrals.states import State

VERBS = frozenset({"crew_at_spoke", "depart", "expect", "delay", "arrive", "worsen"})
ON_THE_ROAD = frozenset({State.AMBULANCE_REQUESTED, State.DEPARTED})
LIVES = timedelta(hours=12)  # the longest road there is, many times over
LINGERS = timedelta(minutes=30)  # the crew still reads how it ended
HEARD_AGAIN = timedelta(seconds=30)
MOST_OPEN = 5
PRESSES, WITHIN = 20, timedelta(minutes=1)  # a thumb is slower
LONGEST_AGO = timedelta(hours=6)  # how long a press may have waited in a dead spot


class TooMany(Refusal):
    """Pressed more often than a thumb can."""

    status = 429


def secret_of(seed: str) -> str:
    """The secret that belongs to a seed: 128 bits, of use only with this installation's key."""
    made = salted_hmac("dido.crew-link", seed, algorithm="sha256").digest()[:16]
    return base64.urlsafe_b64encode(made).decode().rstrip("=")


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode(errors="replace")).hexdigest()


def link_crew(code: str, **press: Unpack[Press]) -> Referral:
    """Make a link for the crew that has been asked for."""

    def work(turn: Turn) -> None:
        policy.check(turn.verb, turn.rights, turn.referral)
        if turn.referral.state not in ON_THE_ROAD:
            raise WrongState(
                "wrong_state", "A crew has a link from the request for an ambulance until the hub’s door."
            )
        if _open(turn.referral).count() >= MOST_OPEN:
            raise WrongState("too_many", "Five links are open already. End them first.")
        seed = secrets.token_hex(16)
        assert turn.by, "only the spoke makes links"
        CrewLink.objects.create(
            referral=turn.referral,
            seed=seed,
            digest=_digest(secret_of(seed)),
            made_at=turn.now,
            made_by=turn.by,
        )

    return ledger.change(code, "link_crew", press, work)


def text_crew(code: str, *, link: int, number: str, **press: Unpack[Press]) -> Referral:
    """This link is sent to a phone; the trail keeps who sent it, and the number's last three digits."""

    def work(turn: Turn) -> None:
        policy.check(turn.verb, turn.rights, turn.referral)
        if link not in {one.pk for one in links(turn.referral, now=turn.now)}:
            raise WrongState("no_link", "This link opens nothing any more. Make a new one.")
        turn.details |= {"link": link, "number": f"…{number[-3:]}"}

    return ledger.change(code, "text_crew", press, work)


def unlink_crew(code: str, **press: Unpack[Press]) -> Referral:
    """Every link of this referral opens nothing any more."""

    def work(turn: Turn) -> None:
        policy.check(turn.verb, turn.rights, turn.referral)
        if not _open(turn.referral).update(ended_at=turn.now):
            raise WrongState("no_link", "No link is open. Nothing was changed.")

    return ledger.change(code, "unlink_crew", press, work)


def _open(referral: Referral) -> Any:
    return CrewLink.objects.filter(referral=referral, ended_at=None)


def links(referral: Referral, *, now: datetime) -> list[CrewLink]:
    """The links that open this referral now, the newest first."""
    if referral.state not in ON_THE_ROAD:
        return []
    found = _open(referral).filter(made_at__gt=now - LIVES).order_by("-pk")
    # Made under another key of the installation, a link still opens but cannot be shown again.
    return [link for link in found if _digest(secret_of(link.seed)) == link.digest]


def is_linked(referral: Referral, *, now: datetime) -> bool:
    """Is there a link by which a crew reads what is written to them?"""
    return referral.state in ON_THE_ROAD and _open(referral).filter(made_at__gt=now - LIVES).exists()


def heard(referral: Referral) -> tuple[bool, datetime | None]:
    """Has a crew a link to this referral, and when did a phone last have one open?"""
    moments = list(_open(referral).values_list("heard_at", flat=True))
    return bool(moments), max((moment for moment in moments if moment), default=None)


def opened(secret: str, *, now: datetime) -> CrewLink:
    """The link of this secret, with its referral; NotVisible where it opens nothing (any more)."""
    found = CrewLink.objects.filter(digest=_digest(secret[:80]), ended_at=None, made_at__gt=now - LIVES)
    link = found.select_related("referral__spoke", "referral__hub").first()
    if link is None or not _is_shown(link.referral, now):
        raise NotVisible
    if link.heard_at is None or link.heard_at < now - HEARD_AGAIN:
        link.heard_at = now
        CrewLink.objects.filter(pk=link.pk).update(heard_at=now)
    return link


def _is_shown(referral: Referral, now: datetime) -> bool:
    if referral.state in ON_THE_ROAD:
        return True
    written = queries.left_road_at(referral)
    return written is not None and written > now - LINGERS


def press(
    secret: str, verb: str, said: Mapping[str, Any], *, key: str, ago: timedelta, now: datetime
) -> Referral:
    """Do one of the crew's verbs, once for each key; it was pressed so long ago, maybe where there was no signal."""
    link = opened(secret, now=now)
    if verb not in VERBS:
        raise verbs.UnknownVerb("unknown_verb", "A crew cannot do this.")
    recent = Event.objects.filter(referral=link.referral_id, via=Via.CREW, written_at__gt=now - WITHIN)
    if recent.count() >= PRESSES:
        raise TooMany("too_many", "Too many presses. Wait a minute.")
    at = now - min(max(ago, timedelta(0)), LONGEST_AGO)
    told = {**said, "at": at.isoformat()}
    code = link.referral.code
    return verbs.do(
        code, verb, told, by=None, now=now, via=Via.CREW, key=f"crew-{link.pk}-{key}" if key else ""
    )
