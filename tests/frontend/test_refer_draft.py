"""A form that was begun: kept on the server for its author, for a shift, and gone once it is sent."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client

from referrals import drafts
from referrals.models import Draft, Referral
from tests.frontend.sent import text, typed
from tests.world import NIGHT, World


@pytest.fixture(autouse=True)
def night() -> Iterator[Any]:
    with time_machine.travel(NIGHT, tick=False) as clock:
        yield clock


@pytest.fixture
def ada(client: Client, world: World) -> Client:
    client.force_login(world.people["ada"])
    return client


def test_what_was_begun_comes_back_on_another_ward_s_computer(ada: Client, world: World) -> None:
    said = typed(nhs_number="", cta_at="", hubs=["RM301"])
    assert ada.post("/refer/draft/", said).status_code == 204
    elsewhere = Client()
    elsewhere.force_login(world.people["ada"])
    page = text(elsewhere.get("/refer/"))
    assert 'value="Canary-Whitlock"' in page
    assert "Begun at <b>03:10</b> and not sent" in page
    assert Referral.objects.count() == 0


def test_it_is_gone_once_it_is_sent(ada: Client) -> None:
    ada.post("/refer/draft/", typed())
    assert Draft.objects.count() == 1
    assert ada.post("/refer/", typed()).status_code == 303
    assert Draft.objects.count() == 0
    assert "Canary-Whitlock" not in text(ada.get("/refer/"))


def test_what_is_refused_stays_begun(ada: Client) -> None:
    ada.post("/refer/draft/", typed(nihss="99"))
    assert ada.post("/refer/", typed(nihss="99")).status_code == 422
    assert 'value="99"' in text(ada.get("/refer/"))


def test_it_can_be_forgotten(ada: Client) -> None:
    ada.post("/refer/draft/", typed())
    assert ada.post("/refer/draft/", typed(forget="1")).status_code == 303
    assert Draft.objects.count() == 0


def test_an_empty_form_keeps_nothing(ada: Client) -> None:
    ada.post("/refer/draft/", typed())
    ada.post("/refer/draft/", {"spoke": "RBL14", "callback": "0151 496 0123"})
    assert Draft.objects.count() == 0


def test_after_a_shift_it_is_gone(ada: Client, world: World, night: Any) -> None:
    ada.post("/refer/draft/", typed())
    night.shift(timedelta(hours=12, minutes=1))
    assert "Canary-Whitlock" not in text(ada.get("/refer/"))
    drafts.keep(world.people["wyn"], world.sites["RBN01"], {"nihss": "3"}, at=NIGHT + timedelta(hours=13))
    assert [draft.person.username for draft in Draft.objects.all()] == ["wyn"]


@pytest.mark.parametrize("who", ["wyn", "ben", "nia", "zed"])
def test_nobody_else_reads_it_or_writes_there(ada: Client, world: World, who: str) -> None:
    ada.post("/refer/draft/", typed())
    other = Client()
    other.force_login(world.people[who])
    assert other.post("/refer/draft/", typed(family_name="Stranger")).status_code == 404
    assert "Canary-Whitlock" not in text(other.get("/refer/"))
    assert Draft.objects.get().said["family_name"] == "Canary-Whitlock"


def test_no_more_is_kept_than_the_form_asks_for(ada: Client) -> None:
    ada.post("/refer/draft/", typed(password="secret", family_name="x" * 5000))
    said = Draft.objects.get().said
    assert "password" not in said
    assert "csrfmiddlewaretoken" not in said
    assert len(said["family_name"]) == drafts.LONGEST_FIELD


def test_what_nobody_comes_back_to_is_thrown_away_by_the_clock(ada: Client, world: World) -> None:
    ada.post("/refer/draft/", typed())
    drafts.forget(now=NIGHT + drafts.KEEPS)
    assert Draft.objects.count() == 1
    drafts.forget(now=NIGHT + drafts.KEEPS + timedelta(seconds=1))
    assert Draft.objects.count() == 0
