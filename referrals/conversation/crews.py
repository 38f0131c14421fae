"""The crew's part of a conversation: the words that are addressed to them, their thumb under them, and short answers.

Called by the crew's page, with the secret of its link. Nothing else of the conversation is shown here, and nothing is
taken once the link has ended.
"""

from collections.abc import Collection
from datetime import datetime, timedelta

from django.db.models import Q

from referrals import crew
from referrals.conversation import confirming, marks, sending
from referrals.crew_link import CrewLink
from referrals.models import Address, Confirmation, Message
from referrals.refusals import BadInput, WrongState

LONGEST = 300  # characters of an answer from the road
MOST = 30  # messages on the crew's page
WRITES = 6  # within crew.WITHIN


def of(link: CrewLink) -> list[Message]:
    """What was written to this crew and what the crew wrote, in order; the last of it."""
    theirs = Message.objects.filter(Q(to=Address.CREW) | Q(crew__isnull=False), referral=link.referral_id)
    named = theirs.select_related("by", "site", "network", "corrects", "confirmation__by")
    return list(named.order_by("-number")[:MOST])[::-1]


def say(secret: str, text: str, *, key: str, ago: timedelta, now: datetime) -> Message:
    """A few words to everybody who is party to the referral, once for each key; written so long ago."""
    link = crew.opened(secret, now=now)
    if link.referral.state not in crew.ON_THE_ROAD:
        raise WrongState("wrong_state", "The road has ended: ring the hospital instead. Not sent.")
    if len(text) > LONGEST:
        raise BadInput({"text": f"At most {LONGEST} characters. Ring for more. Not sent."})
    recent = Message.objects.filter(referral=link.referral_id, crew__isnull=False, at__gt=now - crew.WITHIN)
    if recent.count() >= WRITES:
        raise crew.TooMany("too_many", "Too many messages. Wait a minute, or ring.")
    typed_at = now - min(max(ago, timedelta(0)), crew.LONGEST_AGO)
    return sending.send_from_crew(link, text=text, typed_at=typed_at, key=key, at=now)


def confirm(secret: str, number: int, *, now: datetime) -> Confirmation:
    """The crew has the message of this number."""
    return confirming.confirm_by_crew(crew.opened(secret, now=now), number, at=now)


def seen(link: CrewLink, *, delivered: Collection[int], read: Collection[int], now: datetime) -> None:
    """These messages were on the crew's page, and these lay before their eyes; of others nothing is kept."""
    said = {*delivered, *read}
    theirs = Message.objects.filter(referral=link.referral_id, to=Address.CREW, number__in=said)
    known = set(theirs.values_list("number", flat=True)) if said else set()
    if known:
        marks.add_of_crew(link, delivered=known & set(delivered), read=known & set(read), at=now)
