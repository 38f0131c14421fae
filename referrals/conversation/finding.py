"""Messages found again by their words: PostgreSQL's full text search over what one may see, and nothing else.

Called by the page that finds. Reads only.
"""

from enum import StrEnum

from django.contrib.postgres.search import SearchQuery, SearchVector
from django.db.models import Exists, OuterRef, Q, QuerySet

from network.permissions import Rights
from referrals import queries
from referrals.models import Mark, Marking, Message

LANGUAGE = "english"
MOST = 50
LONGEST = 200  # characters of what is looked for


class Wanted(StrEnum):
    """Which messages."""

    ALL = ""
    UNREAD = "unread"
    PAPERS = "papers"  # with a picture, a paper or a reference
    WAITING = "waiting"  # to be confirmed


def find(rights: Rights, *, words: str = "", by: str = "", wanted: Wanted = Wanted.ALL) -> list[Message]:
    """The newest messages of visible referrals with these words, of whoever is called so; at most 50."""
    found = Message.objects.filter(referral__in=queries.visible(rights).values("pk"))
    if words.strip():
        sought = SearchQuery(words[:LONGEST], config=LANGUAGE, search_type="websearch")
        found = found.annotate(indexed=SearchVector("text", config=LANGUAGE)).filter(indexed=sought)
    if by.strip():
        found = found.filter(by__name__icontains=by.strip()[:LONGEST])
    found = _of_kind(found, rights, wanted)
    return list(found.select_related("referral", "by", "site", "network").order_by("-at", "-pk")[:MOST])


def _of_kind(found: QuerySet[Message], rights: Rights, wanted: Wanted) -> QuerySet[Message]:
    if wanted is Wanted.PAPERS:
        return found.filter(Q(paper__isnull=False) | Q(reference__isnull=False))
    if wanted is Wanted.WAITING:
        return found.filter(confirmation__isnull=False, confirmation__at=None)
    if wanted is Wanted.UNREAD:
        seen = Mark.objects.filter(
            referral=OuterRef("referral"),
            person=rights.person,
            kind=Marking.READ,
            first__lte=OuterRef("number"),
            upto__gte=OuterRef("number"),
        )
        return found.exclude(by=rights.person).exclude(Exists(seen))
    return found
