"""The one way to write to a conversation: number it, keep it, tell every stream that may see it; in one transaction.

Called by the case's page, the API and the crew's page. It never locks the referral: nobody's verb waits for
somebody's message. The text goes into PostgreSQL and nowhere else.
"""

from datetime import datetime, timedelta
from typing import Any, Unpack

from django.db import connection, transaction

from network.permissions import Rights
from realtime import feed
from referrals import crew, ledger, queries, typed
from referrals.conversation import places
from referrals.conversation.places import Place
from referrals.crew_link import CrewLink
from referrals.ledger import Press
from referrals.models import Address, Confirmation, Message, Referral
from referrals.refusals import BadInput, NotAllowed, NotVisible, WrongState
from referrals.states import LIVE

LONGEST = 4000  # characters
TYPED_WITHIN = timedelta(hours=12)  # a page holds what could not be sent for no longer than a session lasts
NO_LINK = "No crew has a link to {code} that is open: they would not read it. Make them a link, or ring them. Not sent."
LATER = timedelta(seconds=20)  # what went out sooner was typed when it was sent

NEXT = """
insert into referrals_conversation as conversation (referral_id, head, last_at) values (%s, 1, %s)
on conflict (referral_id) do update set head = conversation.head + 1,
    last_at = greatest(excluded.last_at, conversation.last_at + interval '1 microsecond')
returning head, last_at
"""


def send(
    code: str,
    *,
    text: str,
    to: str = "",
    confirm: bool = False,
    corrects: int | None = None,
    typed_at: datetime | None = None,
    **press: Unpack[Press],
) -> Message:
    """Say something to everybody who is party to the referral, once for each key; other words with it are refused.

    `corrects`: the number of one's own message beside which this one stands. `typed_at`: when it was written, where
    it had to wait for the line. `to`: the role that is meant; `confirm`: it is asked until it says that it has it.
    """
    with transaction.atomic():
        if done := _done_before(press, code, text):
            return done
        rights, referral = _seen_by(press, code)
        original = _original(referral, corrects, rights.person.pk)
        if original and original.to == Address.CREW:
            to = Address.CREW  # who acts on the wrong words sees the right ones
        else:
            _check_linked(referral, to, press["at"])
        _check_address(referral, to, confirm=confirm)
        message = Message(
            referral=referral,
            by=rights.person,
            to=to,
            text=_checked(text),
            corrects=original,
            key=ledger.scoped(press),
            **_place(places.of(rights, referral)),
        )
        _keep(message, at=press["at"], typed_at=typed_at)
        if confirm:
            Confirmation.objects.create(message=message, opened_at=message.at)
        tell(referral, message.at)
        return message


def _seen_by(press: Press, code: str) -> tuple[Rights, Referral]:
    rights = ledger.rights_of(press)
    if rights is None:
        raise NotVisible
    return rights, queries.get(rights, code)


def send_from_crew(
    link: CrewLink, *, text: str, typed_at: datetime | None, key: str, at: datetime
) -> Message:
    """Say something to everybody who is party to the referral, by this open link; the same key again as above."""
    press: Press = {"by": None, "at": at, "key": f"crew-{link.pk}-{key}" if key else ""}
    with transaction.atomic():
        if done := _done_before(press, link.referral.code, text):
            return done
        message = Message(referral=link.referral, crew=link, text=_checked(text), key=ledger.scoped(press))
        _keep(message, at=at, typed_at=typed_at)
        tell(link.referral, message.at)
        return message


def _place(place: Place) -> dict[str, Any]:
    return {"role": place.role, "site": place.site, "network": place.network}


def _check_linked(referral: Referral, to: str, at: datetime) -> None:
    if to == Address.CREW and not crew.is_linked(referral, now=at):
        raise WrongState("no_link", NO_LINK.format(code=referral.code))


def _keep(message: Message, *, at: datetime, typed_at: datetime | None) -> None:
    """Number it, after every other, and save it."""
    message.number, message.at = _next(message.referral, at)
    message.typed_at = _typed(typed_at, message.at)
    message.save(force_insert=True)


def _done_before(press: Press, code: str, text: str) -> Message | None:
    key = ledger.scoped(press)
    if key is None:
        return None
    with connection.cursor() as cursor:  # a page that sends again what may have come waits for the first
        cursor.execute("select pg_advisory_xact_lock(hashtextextended(%s, 2))", [key])
    first = Message.objects.filter(key=key).select_related("referral").first()
    if first and first.referral.code != code.upper():
        raise WrongState("key_used", "This idempotency key was already used for another referral.")
    if first and first.text != _checked(text):
        raise WrongState("key_used", "This idempotency key was already used for other words. Send them anew.")
    return first


def _checked(text: str) -> str:
    said = (typed.text_of(text) or "").replace("\r\n", "\n").strip()
    if not said:
        raise BadInput({"text": "Write something first."})
    if "\x00" in said:
        raise BadInput({"text": "The message holds a character that cannot be kept."})
    if len(said) > LONGEST:
        raise BadInput(
            {"text": f"The message is too long: at most {LONGEST:,} characters. Send it in parts."}
        )
    return said


def _check_address(referral: Referral, to: str, *, confirm: bool) -> None:
    if to and to not in Address.values:
        raise BadInput({"to": f"A message is addressed to one of: {', '.join(Address.values)}."})
    if confirm and not to:
        raise BadInput({"to": "Say who is to confirm it."})
    if confirm and referral.state not in LIVE:
        raise WrongState(
            "wrong_state", f"{referral.code} has ended: nobody is asked to confirm. Send it without."
        )


def _original(referral: Referral, number: int | None, person_id: int) -> Message | None:
    if number is None:
        return None
    original = Message.objects.filter(referral=referral, number=number).first()
    if original is None:
        raise BadInput({"corrects": "There is no such message here."})
    if original.by_id != person_id:
        raise NotAllowed("not_allowed", "Only who wrote a message corrects it. Write one of your own.")
    return original


def _typed(moment: datetime | None, at: datetime) -> datetime | None:
    """When it was written, by the clock of a page: kept where it says more than the time of sending."""
    if moment is None or not at - TYPED_WITHIN <= moment <= at - LATER:
        return None
    return moment


def _next(referral: Referral, at: datetime) -> tuple[int, datetime]:
    with connection.cursor() as cursor:
        cursor.execute(NEXT, [referral.pk, at])
        number, moment = cursor.fetchone()
    return number, moment


def tell(referral: Referral, at: datetime, *, verb: str = "message") -> None:
    """Everybody who may see it looks at the conversation again; “confirmed” adds nothing that is to be read."""
    feed.append(
        queries.streams_of_sites(party.site for party in queries.open_parties(referral)),
        subject=referral.code,
        version=referral.version,
        verb=verb,
        state=referral.state,
        at=at,
    )
