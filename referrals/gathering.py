"""Referrals with what a card shows: each place and person is read once, however many rows name it.

A card is drawn for each verb in each web process, so the questions are composed once. Writes nothing.
"""

from collections.abc import Callable, Collection, Iterable
from datetime import datetime
from typing import Any

from django.db.models import DateTimeField, Model, QuerySet

from network.kept import Blank, Kept
from network.models import Person, Site
from referrals import queries
from referrals.models import Event, Offer, Party, Referral


def _standing(of: Callable[[Any], QuerySet[Referral]]) -> Kept[Referral]:
    def ask(code: Blank, codes: Blank, now: Any) -> QuerySet[Referral]:
        return queries.with_targets(queries.on_board(of(code).filter(code__among=codes), now=now))

    return Kept(ask, code=None, codes=None, now=DateTimeField())


IN_STREAM = {"site": _standing(queries.of_site), "network": _standing(queries.of_network)}
OFFERS = Kept(lambda ids: Offer.objects.filter(referral__among=ids).order_by("pk"), ids=None)
SITES = Kept(lambda ids: Site.objects.filter(pk__among=ids).select_related("network"), ids=None)
PEOPLE = Kept(lambda ids: Person.objects.filter(pk__among=ids), ids=None)
PARTIES = Kept(
    lambda ids: Party.objects.filter(referral__among=ids, until=None).select_related("site__network"),
    ids=None,
)
TALK = Kept(
    lambda ids: (
        Event.objects.filter(referral__among=ids, verb__in=["ask", "answer"])
        .order_by("referral", "-number")
        .distinct("referral")
    ),
    ids=None,
)


def in_stream(key: str, codes: Collection[str], *, now: datetime) -> list[Referral]:
    """Those of these referrals that stand on this stream's boards."""
    kind, _, code = key.partition(":")
    return surrounded(IN_STREAM[kind].rows(code=code, codes=list(codes), now=now))


def gathered(referrals: QuerySet[Referral]) -> list[Referral]:
    """These referrals, in their order."""
    return surrounded(list(queries.with_targets(referrals).select_related(None)))


def surrounded(rows: list[Referral]) -> list[Referral]:
    """The same rows with their offers, places and people; four questions, however many rows."""
    offers: dict[int, list[Offer]] = {row.pk: [] for row in rows}
    for offer in OFFERS.rows(ids=list(offers)) if rows else ():
        offers[offer.referral_id].append(offer)
    for row in rows:
        _give(row, "offers", offers[row.pk])
    made = [offer for some in offers.values() for offer in some]
    fill_places([(row, name) for row in rows for name in queries.PLACES] + [(offer, "hub") for offer in made])
    fill_people(
        [(row, name) for row in rows for name in queries.PEOPLE] + [(offer, "closed_by") for offer in made]
    )
    return rows


def open_parties(row: Referral) -> list[Party]:
    """The parties that may see this referral now, with their sites and networks; kept with the row."""
    parties = PARTIES.rows(ids=[row.pk])
    _give(row, "parties", parties)
    return parties


def _give(row: Any, name: str, theirs: list[Any]) -> None:
    """Let the row have these as after a prefetch, which would compose its question anew."""
    found = getattr(row, name).get_queryset()
    found._result_cache, found._prefetch_done = theirs, True
    row._prefetched_objects_cache = {**vars(row).get("_prefetched_objects_cache", {}), name: found}
    for one in theirs:
        one.referral = row


def fill_places(named: Collection[tuple[Model, str]]) -> None:
    """Give each of these rows the hospital of this name, with its network."""
    _fill(named, SITES)


def fill_people(named: Collection[tuple[Model, str]]) -> None:
    """Give each of these rows the person of this name."""
    _fill(named, PEOPLE)


def _fill(named: Collection[tuple[Model, str]], known: Kept[Any]) -> None:
    ids = [getattr(row, f"{name}_id") for row, name in named]
    wanted = sorted(set(ids) - {None})
    found = {one.pk: one for one in known.rows(ids=wanted)} if wanted else {}
    for (row, name), pk in zip(named, ids, strict=True):
        setattr(row, name, found.get(pk))


def asking(referral_ids: Iterable[int]) -> set[int]:
    """The referrals whose hub has asked something that the spoke has not answered yet."""
    ids = list(referral_ids)
    last = TALK.rows(ids=ids) if ids else []
    return {event.referral_id for event in last if event.verb == "ask"}
