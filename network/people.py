"""The only writer of people, their memberships and their tokens.

Each change that takes a right away raises the person's access epoch, so that open sockets close within seconds.
"""

import hashlib
import secrets
from datetime import datetime

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.models import Session
from django.db import IntegrityError, transaction
from django.db.models import F

from network.models import Membership, Network, Person, PhoneTrouble, Role, Site, Token


class PhoneTaken(Exception):
    """Somebody else has this number."""


def _raise_epoch(person: Person) -> None:
    Person.objects.filter(pk=person.pk).update(access_epoch=F("access_epoch") + 1)
    person.refresh_from_db(fields=["access_epoch"])


@transaction.atomic
def grant(
    person: Person, role: Role, *, at: datetime, site: Site | None = None, network: Network | None = None
) -> Membership:
    """Give a person a role at a site or in a network from `at` on; giving it twice changes nothing."""
    membership, made = Membership.objects.get_or_create(
        person=person, role=role, site=site, network=network, until=None, defaults={"since": at}
    )
    if made:
        _raise_epoch(person)
    return membership


@transaction.atomic
def end(membership: Membership, *, at: datetime) -> None:
    """Take a role away from `at` on."""
    Membership.objects.filter(pk=membership.pk, until=None).update(until=at)
    _raise_epoch(membership.person)


@transaction.atomic
def disable(person: Person) -> None:
    """Nobody signs in or stays signed in as this person any more."""
    Person.objects.filter(pk=person.pk).update(is_active=False)
    person.is_active = False
    _raise_epoch(person)


@transaction.atomic
def let_in(person: Person, *, at: datetime) -> None:
    """The person may sign in again. What was signed in before, or acted for them, stays out: a lost phone is lost."""
    for token in person.tokens.filter(ended_at=None):
        end_token(token, at=at)
    for session in Session.objects.filter(expire_date__gt=at).iterator():
        if session.get_decoded().get(SESSION_KEY) == str(person.pk):
            session.delete()
    Person.objects.filter(pk=person.pk).update(is_active=True)
    person.is_active = True
    _raise_epoch(person)


def set_phone(person: Person, number: str, *, at: datetime) -> None:
    """This number reaches the person: they have just proved it. PhoneTaken where it is somebody else's."""
    try:
        with transaction.atomic():
            Person.objects.filter(pk=person.pk).update(phone=number, phone_verified_at=at, phone_trouble="")
    except IntegrityError as error:
        raise PhoneTaken from error
    person.refresh_from_db(fields=["phone", "phone_verified_at", "phone_trouble"])


def phone_reached(person: Person, *, at: datetime, by_text: bool) -> None:
    """The person has just answered a page on their phone: it is theirs, and it works.

    A call that was answered says nothing of texts: who has opted out of them, or cannot get any, stays so.
    """
    Person.objects.filter(pk=person.pk).update(phone_verified_at=at)
    mended = Person.objects.filter(pk=person.pk)
    if not by_text:
        mended = mended.exclude(phone_trouble__in=[PhoneTrouble.OPTED_OUT, PhoneTrouble.NOT_MOBILE])
    mended.update(phone_trouble="")


def phone_troubled(person: Person, number: str, trouble: PhoneTrouble) -> bool:
    """A provider cannot reach this number of theirs; False where one had said so before, or the number has changed.

    Two providers may say different things of one number: the first stays, but for the owner's own STOP.
    """
    theirs = Person.objects.filter(pk=person.pk, phone=number)
    if theirs.filter(phone_trouble="").update(phone_trouble=trouble):
        return True
    if trouble is PhoneTrouble.OPTED_OUT:
        theirs.update(phone_trouble=trouble)
    return False


def phone_freed(person: Person, trouble: PhoneTrouble) -> None:
    """The trouble is over, by the phone owner's own word."""
    Person.objects.filter(pk=person.pk, phone_trouble=trouble).update(phone_trouble="")


def digest(text: str) -> str:
    """What is kept of a token."""
    return hashlib.sha256(text.encode()).hexdigest()


def issue_token(person: Person, *, at: datetime) -> str:
    """A new bearer token of this person, shown once."""
    text = "dido_" + secrets.token_urlsafe(32)
    Token.objects.create(person=person, digest=digest(text), made_at=at)
    return text


def bearer(text: str) -> Person | None:
    """Whose token this is; None for an unknown or ended one and for a person who was disabled."""
    token = Token.objects.select_related("person").filter(digest=digest(text), ended_at=None).first()
    return token.person if token and token.person.is_active else None


@transaction.atomic
def end_token(token: Token, *, at: datetime) -> None:
    """The token opens nothing any more, and its open sockets close."""
    Token.objects.filter(pk=token.pk, ended_at=None).update(ended_at=at)
    _raise_epoch(token.person)
