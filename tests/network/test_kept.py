"""A question that is kept finds what the query set finds, whatever its values; its text is composed once."""

from collections.abc import Collection
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.db.models import DateTimeField, F, Model, QuerySet
from django.test.utils import CaptureQueriesContext

from network.kept import Kept
from network.models import Site
from paging import engine
from paging.models import Escalation
from referrals import gathering, queries
from referrals.models import Event, Offer, Referral
from referrals.states import State
from tests.paging.tables import Postbox
from tests.world import World


def of_hubs(codes: Any) -> QuerySet[Site]:
    return Site.objects.filter(code__among=codes).order_by("-code")


HUBS = Kept(of_hubs, codes=None)


@pytest.mark.parametrize(
    "codes", [[], ["RET20"], ["RET20", "RBL14", "NONE"], ["'; drop table x; --", "%s", "é"]]
)
def test_it_finds_what_the_query_set_finds(world: World, codes: list[str]) -> None:
    expected = list(Site.objects.filter(code__in=codes).order_by("-code"))
    assert len(expected) == len({"RET20", "RBL14"} & set(codes))
    found = HUBS.rows(codes=codes)
    assert [vars(site) | {"_state": None} for site in found] == [vars(s) | {"_state": None} for s in expected]


def test_every_column_is_read_as_django_reads_it(world: World) -> None:
    """JSON, moments, texts and numbers: of the widest tables that we keep questions of."""
    world.refers()
    engine.tick(now=world.now, routes=Postbox().routes, clock=lambda: world.now)
    models: list[type[Model]] = [Referral, Offer, Escalation, Event]
    for model in models:
        kept: Kept[Any] = Kept(lambda ids, m=model: m._default_manager.filter(pk__among=ids), ids=None)
        (expected,) = model._default_manager.all()
        (found,) = kept.rows(ids=[expected.pk])
        assert vars(found) | {"_state": None} == vars(expected) | {"_state": None}
        assert not found._state.adding and found._state.db == expected._state.db


def test_a_moment_is_reckoned_with_and_an_annotation_is_kept(world: World) -> None:
    referral = world.refers()
    since = Kept(
        lambda now: Referral.objects.filter(referred_at__gt=now - timedelta(hours=1)).annotate(
            again=F("code")
        ),
        now=DateTimeField(),
    )
    (found,) = since.rows(now=world.now)
    assert vars(found)["again"] == referral.code
    assert since.rows(now=world.now + timedelta(hours=2)) == []


def test_its_text_is_composed_once_and_the_same_for_each(world: World) -> None:
    composed: list[object] = []

    def asked(codes: object) -> QuerySet[Site]:
        composed.append(codes)
        return of_hubs(codes)

    kept = Kept(asked, codes=None)
    with CaptureQueriesContext(connection) as seen:
        kept.rows(codes=["RET20"])
        kept.rows(codes=["RBL14", "RET20"])
    assert len(composed) == 1
    assert len(seen) == 2


def test_what_is_read_along_is_read_as_django_reads_it_also_where_there_is_none(world: World) -> None:
    world.refers()
    world.a_referral(State.ACCEPTED)
    along = ("spoke__network", "hub", "operator", "second")
    kept = Kept(
        lambda codes: Referral.objects.filter(code__among=codes).select_related(*along).order_by("pk"),
        codes=None,
    )
    joined = list(Referral.objects.select_related(*along).order_by("pk"))
    found = kept.rows(codes=[row.code for row in joined])
    with CaptureQueriesContext(connection) as more:
        for row, expected in zip(found, joined, strict=True):
            assert (row.spoke, row.spoke.network, row.hub, row.operator, row.second) == (
                expected.spoke,
                expected.spoke.network,
                expected.hub,
                expected.operator,
                expected.second,
            )
            assert vars(row.spoke.network) | {"_state": None} == vars(expected.spoke.network) | {
                "_state": None
            }
    assert not more.captured_queries
    assert [row.hub is None for row in found] == [True, False]


def test_a_value_that_is_missing_is_refused(world: World) -> None:
    with pytest.raises(KeyError, match="codes"):
        HUBS.rows()


def test_a_row_can_be_changed_and_saved(world: World) -> None:
    (site,) = HUBS.rows(codes=["RET20"])
    site.phone = "+447700900123"
    site.save(update_fields=["phone"])
    assert Site.objects.get(code="RET20").phone == "+447700900123"


def shown(rows: Collection[Referral]) -> list[Any]:
    def seen(one: Any) -> dict[str, Any]:
        return {name: value for name, value in vars(one).items() if not name.startswith("_")}

    def surroundings(row: Referral) -> list[Any]:
        named = [getattr(row, name) for name in (*queries.PLACES, *queries.PEOPLE)]
        networks = [one.network for one in named if isinstance(one, Site)]
        offers = [
            (seen(offer), offer.hub.network.code, offer.closed_by, offer.referral == row)
            for offer in row.offers.all()
        ]
        return [seen(row), [one and seen(one) for one in named], [seen(one) for one in networks], offers]

    return [surroundings(row) for row in rows]


def test_what_a_card_is_drawn_from_is_what_the_joined_query_finds(world: World) -> None:
    for _ in range(3):
        world.refers()
    world.a_referral(State.ACCEPTED)
    key, codes = "network:cheshire-and-merseyside", set(Referral.objects.values_list("code", flat=True))
    joined = queries.with_offers(queries.on_board(queries.of_stream(key), now=world.now))
    found = gathering.in_stream(key, codes, now=world.now)
    assert len(found) == 4
    assert sorted(shown(found), key=str) == sorted(shown(list(joined)), key=str)
    with CaptureQueriesContext(connection) as more:
        shown(found)
    assert not more.captured_queries
