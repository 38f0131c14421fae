"""What has come to whose screen, and before whose eyes: marks of ranges, written once, and counted.

Called by the case's page and the API; `counts` is the FEED_RECEIPTS of the feed. A mark locks nothing, writes to no
stream and is no event: nobody's verb waits for somebody's reading.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection
from django.db.models import Count

from network.models import Person
from network.permissions import Rights
from referrals import queries
from referrals.conversation import places
from referrals.crew_link import CrewLink
from referrals.models import Conversation, Mark, Marking, Referral

MOST = 50  # ranges at once
CREW = "The ambulance’s crew"

UNREAD = """
select referral.code, count(*)
from referrals_message as message join referrals_referral as referral on referral.id = message.referral_id
where referral.code = any(%(codes)s) and message.by_id is distinct from %(person)s and not exists (
    select from referrals_mark as mark
    where mark.referral_id = message.referral_id and mark.person_id = %(person)s and mark.kind = 'read'
        and mark.first <= message.number and mark.upto >= message.number)
group by referral.code
"""

type Range = tuple[int, int]  # the first and the last number, both within


@dataclass(frozen=True)
class Reader:
    """One person, or the crew, from where, and when a message was on their screen and before their eyes."""

    person_id: int | None  # None: the ambulance's crew
    name: str
    site: str  # empty: from a network, or from the road
    delivered_at: datetime | None
    read_at: datetime | None


def add(
    rights: Rights, code: str, *, delivered: Sequence[Range], read: Sequence[Range], at: datetime
) -> None:
    """These messages were on this person's screen, and these were looked at; what was marked before stays as it was."""
    referral = queries.get(rights, code)
    place = places.of(rights, referral)
    head = Conversation.objects.filter(referral=referral).values_list("head", flat=True).first() or 0
    whose = Mark(referral=referral, person=rights.person, site=place.site, at=at)
    _keep(whose, delivered=_numbers([*delivered, *read], head), read=_numbers(read, head))


def add_of_crew(link: CrewLink, *, delivered: set[int], read: set[int], at: datetime) -> None:
    """The same of the crew's page: the crew of one patient is one reader, whatever link they have open."""
    _keep(Mark(referral=link.referral, crew=link, at=at), delivered=delivered | read, read=read)


def _keep(whose: Mark, *, delivered: set[int], read: set[int]) -> None:
    known = _known(whose.referral, whose.person)
    said = {Marking.DELIVERED: delivered, Marking.READ: read}
    Mark.objects.bulk_create(
        Mark(
            referral=whose.referral,
            person=whose.person,
            crew=whose.crew,
            site=whose.site,
            kind=kind,
            first=first,
            upto=upto,
            at=whose.at,
        )
        for kind, numbers in said.items()
        for first, upto in _ranges(numbers - known[kind.value])
    )


def _known(referral: Referral, person: Person | None) -> dict[str, set[int]]:
    """The numbers that are marked already, by kind; of nobody: the crew's."""
    known: dict[str, set[int]] = {kind.value: set() for kind in Marking}
    rows = Mark.objects.filter(referral=referral, person=person)
    for kind, first, upto in rows.values_list("kind", "first", "upto"):
        known[kind].update(range(first, upto + 1))
    return known


def _numbers(ranges: Iterable[Range], head: int) -> set[int]:
    return {
        number
        for first, upto in list(ranges)[: 2 * MOST]
        for number in range(max(first, 1), min(upto, head) + 1)
    }


def _ranges(numbers: Iterable[int]) -> list[Range]:
    found: list[Range] = []
    for number in sorted(numbers):
        if found and found[-1][1] == number - 1:
            found[-1] = (found[-1][0], number)
        else:
            found.append((number, number))
    return found


def readers(referral_id: int, *, first: int, upto: int) -> dict[int, list[Reader]]:
    """For each message from `first` to `upto` that came to anybody: who they are, by name; one query."""
    marks = Mark.objects.filter(referral=referral_id, first__lte=upto, upto__gte=first).order_by("at", "pk")
    names: dict[int | None, tuple[str, str]] = {}
    moments: dict[tuple[int, int | None], dict[str, datetime]] = {}
    for person, name, site, kind, start, end, at in marks.values_list(
        "person_id", "person__name", "site__short_name", "kind", "first", "upto", "at"
    ):
        names.setdefault(person, (name or CREW, site or ""))
        for number in range(max(start, first), min(end, upto) + 1):
            moments.setdefault((number, person), {}).setdefault(kind, at)
    found: dict[int, list[Reader]] = {}
    for (number, whose), at_ in sorted(moments.items(), key=lambda one: names[one[0][1]]):
        reader = Reader(whose, *names[whose], at_.get(Marking.DELIVERED), at_.get(Marking.READ))
        found.setdefault(number, []).append(reader)
    return found


def unread(person: Person, codes: Collection[str]) -> dict[str, int]:
    """How many messages of others this person has not looked at, by referral; those without one are left out."""
    if not codes:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(UNREAD, {"codes": list(codes), "person": person.pk})
        return dict(cursor.fetchall())


def counts(referral_ids: Collection[int]) -> dict[int, tuple[str, int]]:
    """The code of each of these referrals that has marks, and how many there are: another number says to look again."""
    rows = Mark.objects.filter(referral__in=list(referral_ids)).values("referral_id", "referral__code")
    return {
        row["referral_id"]: (row["referral__code"], row["many"]) for row in rows.annotate(many=Count("pk"))
    }
