"""The one way to change a referral: lock, check, move, save, event, streams, ring on commit; in one transaction.

Used by referrals.transitions alone. It knows no verb; it keeps the order, the trail and the idempotency keys.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from typing import Any, Required, TypedDict

from django.db import connection, transaction
from django.utils import timezone
from django_fsm import TransitionNotAllowed

from network import permissions
from network.kept import Kept
from network.models import Person, Site
from network.permissions import Rights
from realtime import feed
from referrals import codes, facts, gathering, owners, queries, typed
from referrals.models import Event, Offer, Party, Referral, Via
from referrals.refusals import BadInput, NotVisible, Refusal, WrongState
from referrals.states import State

# The spoke never changes: it may be read along with a row that was waited for. A hub may not.
LOCKED = Kept(
    lambda code: (
        Referral.objects.select_for_update(no_key=True, of=("self",))
        .select_related("spoke")
        .filter(code=code)
    ),
    code=None,
)
BY_KEY = Kept(lambda key: Event.objects.filter(key=key).only("verb", "referral"), key=None)
OF_VERSION = Kept(
    lambda referral, number: Event.objects.filter(referral=referral, number=number).only("hash"),
    referral=None,
    number=None,
)


class Press(TypedDict, total=False):
    """Who did it and when; what every verb takes beside its own arguments."""

    by: Required[Person | None]  # None: the clock
    at: Required[datetime]  # when it happened
    now: datetime  # when it is written; `at` where it is not given
    key: str  # idempotency: the same key twice gives the first answer again
    via: str
    note: str  # why a time is entered late, or anything else to keep with the event
    rights: Rights | None  # those of `by` at `now`, where the caller has read them already


@dataclass
class Turn:
    """One verb being done to one locked referral."""

    verb: str
    referral: Referral
    by: Person | None
    at: datetime
    now: datetime
    key: str | None
    via: str
    rights: Rights | None
    details: dict[str, Any] = field(default_factory=dict)
    was: dict[str, Any] = field(default_factory=dict)  # the referral's columns before the verb
    before: str = State.NEW
    parties: list[Party] = field(default_factory=list)  # the open ones
    audience: set[str] = field(default_factory=set)  # the streams of whoever saw it before or sees it now

    @property
    def by_crew(self) -> bool:
        """Was it pressed by an ambulance's crew, whose link was checked before?"""
        return self.by is None and self.via == Via.CREW

    @cached_property
    def offers(self) -> list[Offer]:
        """Every offer of this referral, the newest first; read once, under the lock."""
        offers = Offer.objects.filter(referral=self.referral).select_related("hub__network")
        return list(offers.order_by("-pk"))

    def changed(self) -> list[str]:
        """The names of the referral's columns that this verb changed."""
        return [name for name, value in _columns(self.referral).items() if value != self.was[name]]

    def move(self, step: Callable[..., None]) -> None:
        """Let the FSM move the referral, or refuse with a sentence."""
        try:
            step(self.referral, at=self.at)
        except TransitionNotAllowed:
            raise WrongState("wrong_state", _not_now(self.referral)) from None


Work = Callable[[Turn], None]
ENTERS = frozenset(
    {"refer", "pre_alert", "arrive", "join"}
)  # the verbs that may turn out to join a live referral
LONGEST_KEY = 180  # with the person's id before it, it fits its column


def clock(moment: datetime) -> str:
    """A moment as people in the network say it."""
    return timezone.localtime(moment).strftime("%H:%M")


def _columns(referral: Referral) -> dict[str, Any]:
    return {column.attname: getattr(referral, column.attname) for column in referral._meta.concrete_fields}


def _not_now(referral: Referral) -> str:
    label = State(referral.state).label.lower()
    return f"{referral.code} is at “{label}”, so this cannot be done now. Nothing was changed."


def begin(referral: Referral, verb: str, press: Press) -> Turn:
    """A turn for this referral; refuses a time that cannot be."""
    at = press["at"].astimezone(UTC)
    now = press.get("now", at).astimezone(UTC)
    if at > now + typed.CLOCKS_DIFFER:
        raise BadInput({"at": "This time lies in the future. Check it."})
    if at < now - facts.OLDEST:
        raise BadInput({"at": f"This time is more than {facts.OLDEST.days} days ago. Check the date."})
    by = press["by"]
    turn = Turn(
        verb=verb,
        referral=referral,
        by=by,
        at=at,
        now=now,
        key=scoped(press),
        via=press.get("via", Via.WEB),
        rights=rights_of(press),
        was=_columns(referral),
        before=referral.state,
    )
    if press.get("note"):
        turn.details["note"] = press["note"]
    return turn


def rights_of(press: Press) -> Rights | None:
    """What the person who presses may do; None for the clock."""
    by, known = press["by"], press.get("rights")
    if by is None:
        return None
    if known is not None and known.person == by:
        return known
    return permissions.rights(by, at=press.get("now", press["at"]))


def scoped(press: Press) -> str | None:
    """The key as it is kept: each person's keys are their own."""
    key = press.get("key")
    if not key:
        return None
    if len(key) > LONGEST_KEY or not key.isprintable():
        raise BadInput({"key": f"An idempotency key is at most {LONGEST_KEY} plain characters."})
    return f"{press['by'].pk if press['by'] else 0}:{key}"


def done_before(press: Press, verb: str) -> Referral | None:
    """The referral that this person's key already changed; a key used for something else is refused."""
    key = scoped(press)
    if key is None:
        return None
    with connection.cursor() as cursor:  # the second of two simultaneous presses waits here for the first
        cursor.execute("select pg_advisory_xact_lock(hashtextextended(%s, 1))", [key])
    first = BY_KEY.rows(key=key)
    if not first:
        return None
    if first[0].verb != verb and not (first[0].verb == "join" and verb in ENTERS):
        raise WrongState("key_used", "This idempotency key was already used for something else.")
    return Referral.objects.get(pk=first[0].referral_id)


def change(code: str, verb: str, press: Press, work: Work) -> Referral:
    """Do one verb to an existing referral, once: the same key again changes nothing and gives the same answer."""
    with transaction.atomic():
        if done := done_before(press, verb):
            if done.code != code.upper():
                raise WrongState("key_used", "This idempotency key was already used for another referral.")
            return done
        referral = _locked(code)
        turn = begin(referral, verb, press)
        turn.parties = gathering.open_parties(referral)
        turn.audience = queries.streams_of_sites(party.site for party in turn.parties)
        work(turn)
        write(turn)
        return referral


def _locked(code: str) -> Referral:
    found = LOCKED.rows(code=code.upper()) if code.isalnum() else []
    if not found:
        raise NotVisible
    return found[0]


def create(turn: Turn) -> None:
    """Save a new referral under a code that nobody has."""
    referral = turn.referral
    for length in range(codes.REFERRAL_LENGTH, codes.REFERRAL_LENGTH + 3):
        for _ in range(20):
            referral.code = codes.new(length)
            if not Referral.objects.filter(code=referral.code).exists():
                referral.save(force_insert=True)
                turn.was = _columns(referral)
                return
    raise Refusal("no_code", "No free referral code was found. Nothing was saved; please try again.")


def admit_party(turn: Turn, site: Site, *, is_hub: bool) -> None:
    """From now on this site sees the referral."""
    if all(party.site_id != site.pk for party in turn.parties):
        turn.parties.append(turn.referral.parties.create(site=site, is_hub=is_hub, since=turn.now))
        turn.audience |= queries.streams_of_sites([site])


def dismiss_party(turn: Turn, site_id: int) -> None:
    """From now on this hub no longer sees the referral."""
    for party in [party for party in turn.parties if party.is_hub and party.site_id == site_id]:
        party.until = turn.now
        party.save(update_fields=["until"])
        turn.parties.remove(party)


def write(turn: Turn) -> Event:
    """Save the referral, append the event to its trail, and both to every stream that may see it."""
    referral = turn.referral
    turn.details |= owners.settle(
        referral, verb=turn.verb, by=turn.by, rights=turn.rights, now=turn.now, was=turn.was
    )
    previous = ""
    if referral.version:
        (last,) = OF_VERSION.rows(referral=referral.pk, number=referral.version)
        previous = last.hash
    referral.version += 1
    referral.save(update_fields=turn.changed())
    event = Event(
        referral=referral,
        number=referral.version,
        verb=turn.verb,
        before=turn.before,
        after=referral.state,
        by=turn.by,
        via=turn.via,
        at=turn.at,
        written_at=turn.now,
        details=turn.details,
        key=turn.key,
        previous_hash=previous,
    )
    event.hash = event.seal()
    event.save(force_insert=True)
    feed.append(
        turn.audience,
        subject=referral.code,
        version=referral.version,
        verb=turn.verb,
        state=referral.state,
        at=turn.at,
    )
    return event
