"""A conversation page by page, the newest first page: messages with who has seen them. Reads only.

Called by the case's page, the API and the export. Whoever calls it has the referral from referrals.queries, and so
may see all of it, from the first message on: a story is told once.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db.models import Prefetch

from referrals.conversation import marks
from referrals.conversation.marks import Reader
from referrals.models import Message, Referral

AT_ONCE = 50  # messages of one page


@dataclass(frozen=True)
class Pages:
    """One page of a conversation, in its order."""

    messages: Sequence[Message]
    readers: Mapping[int, Sequence[Reader]]  # by the message's number
    more: bool  # are there older ones?


def page(referral: Referral, *, before: int | None = None, most: int = AT_ONCE) -> Pages:
    """The last messages, or the last before this number; three queries, however many there are."""
    rows = referral.messages.all()  # each knows its referral: nobody asks for it again
    if before is not None:
        rows = rows.filter(number__lt=before)
    corrections = Prefetch("corrections", Message.objects.order_by("number"))
    rows = rows.select_related(
        "by", "site", "network", "corrects", "confirmation__by", "paper", "reference"
    ).prefetch_related(corrections)
    found = list(rows.order_by("-number")[: most + 1])
    shown = found[:most][::-1]
    if not shown:
        return Pages([], {}, more=False)
    readers = marks.readers(referral.pk, first=shown[0].number, upto=shown[-1].number)
    return Pages(shown, readers, more=len(found) > most)
