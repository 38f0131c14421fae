"""“Please confirm”: somebody of the role to which a message is addressed says that they have it, once.

Called by the case's page and the API; the pager asks what still waits. It never locks the referral.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, Unpack

from django.db import transaction
from django.db.models import QuerySet

from network import digits
from network.models import Person
from referrals import ledger, queries
from referrals.conversation import addressed, marks, places, sending
from referrals.crew_link import CrewLink
from referrals.ledger import Press
from referrals.models import Address, Confirmation, Message, Referral
from referrals.refusals import NotAllowed, NotVisible, WrongState
from referrals.states import LIVE

FOR_THE_CREW = timedelta(minutes=4)  # as long as the others of a role are left alone by the ladder
BY_CREW = "on the crew’s page"


def confirm(code: str, number: int, **press: Unpack[Press]) -> Confirmation:
    """This person has the message, for their role; whoever comes second is told who was first, and changes nothing."""
    with transaction.atomic():
        rights = ledger.rights_of(press)
        if rights is None:
            raise NotVisible
        referral = queries.get(rights, code)
        place = places.of(rights, referral)
        wanted = _wanted(referral, number)
        message = wanted.message
        if message.by_id == rights.person.pk or not addressed.is_meant(rights, referral, message.to):
            who = message.get_to_display().lower()
            raise NotAllowed("not_allowed", f"It is addressed to the {who}. Nothing was changed.")
        if wanted.at is None:
            wanted.by, wanted.at = rights.person, press["at"]
            wanted.place = str(place.site or place.network)
            wanted.save(update_fields=["by", "at", "place"])
            marks.add(rights, code, delivered=[], read=[(number, number)], at=press["at"])
            sending.tell(referral, press["at"], verb="confirmed")
        return wanted


def confirm_by_crew(link: CrewLink, number: int, *, at: datetime) -> Confirmation:
    """The crew has a message that is addressed to them; where somebody has confirmed it for them, nothing changes."""
    with transaction.atomic():
        wanted = _wanted(link.referral, number)
        if wanted.message.to != Address.CREW:
            raise NotVisible
        if wanted.at is None:
            wanted.crew, wanted.at, wanted.place = link, at, BY_CREW
            wanted.save(update_fields=["crew", "at", "place"])
            marks.add_of_crew(link, delivered=set(), read={number}, at=at)
            sending.tell(link.referral, at, verb="confirmed")
        return wanted


def _wanted(referral: Referral, number: int) -> Confirmation:
    """The confirmation that this message waits for, locked."""
    rows = Confirmation.objects.select_for_update(no_key=True, of=("self",)).select_related("message", "by")
    wanted = rows.filter(message__referral=referral, message__number=number).first()
    if wanted is None:
        raise WrongState("not_asked", "Nobody is asked to confirm this message.")
    return wanted


def waiting() -> list[Message]:
    """Every message of a live referral that nobody has confirmed yet."""
    return _messages(_open())


def to_ask(*, at: datetime) -> list[Message]:
    """Those of which somebody must be paged by now."""
    return _messages(asking(at=at))


def asking(*, at: Any) -> QuerySet[Confirmation]:
    """What they wait for; a crew may first see it on its page by itself. At a moment, or an expression for one."""
    return _open().exclude(message__to=Address.CREW, opened_at__gt=at - FOR_THE_CREW)


def _open() -> QuerySet[Confirmation]:
    return Confirmation.objects.filter(at=None, message__referral__state__in=sorted(LIVE))


def _messages(wanted: QuerySet[Confirmation]) -> list[Message]:
    named = wanted.select_related("message__referral").only("message__number", "message__referral__code")
    return [one.message for one in named]


def named(subject: str) -> Message | None:
    """The message of which a climb is about: its subject is “R7K2 12”."""
    code, _, number = subject.partition(" ")
    if (which := digits.whole(number)) is None:
        return None
    found = Message.objects.filter(referral__code=code, number=which)
    return found.select_related("referral__spoke", "referral__operator").first()


def subject(message: Message) -> str:
    """What a climb for this message is called."""
    return f"{message.referral.code} {message.number}"


def confirmed_by(subjects: Iterable[str]) -> dict[str, Person]:
    """Who has confirmed each of these messages, by subject; those that nobody has are left out."""
    wanted = set(subjects)
    codes = {one.partition(" ")[0] for one in wanted}
    rows = Confirmation.objects.filter(message__referral__code__in=codes, at__isnull=False)
    found = {subject(row.message): row.by for row in rows.select_related("message__referral", "by")}
    return {name: person for name, person in found.items() if name in wanted and person}
