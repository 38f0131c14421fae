"""Notices on their screens: the strip above a board, the page with who has each, the hub's page and its line."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from network.hours_rows import Closure, Reopening
from referrals.models import Notice, NoticeMark
from tests.frontend.browser import Door, text
from tests.world import NIGHT, World

UNTIL = (NIGHT + timedelta(hours=5)).strftime("%Y-%m-%dT%H:%M")
FRAGMENT: dict[str, Any] = {"headers": {"X-Fragment": "yes"}}


def says(client: Client, **changes: str) -> Any:
    said = {
        "of": "hub:RET20",
        "kind": "reduced",
        "words": "Biplane down",
        "since": "",
        "until": UNTIL,
        **changes,
    }
    return client.post("/notices/", said)


def test_it_stands_above_the_board_until_it_is_seen_and_then_small(world: World, door: Door) -> None:
    assert says(door("ben")).status_code == 303
    notice = Notice.objects.get()
    ada = door("ada")
    assert "Walton: reduced" in text(ada.get("/board/"))
    assert f'data-number="{notice.pk}"' in text(ada.get("/notices/strip/"))
    assert ada.post("/notices/delivered/", {"number": notice.pk}, **FRAGMENT).status_code == 204
    assert [mark.kind for mark in NoticeMark.objects.all()] == ["delivered"]
    after = text(ada.post("/notices/seen/", {"number": notice.pk}, **FRAGMENT))
    assert "data-number" not in after
    assert "held-now" in after
    assert sorted(mark.kind for mark in NoticeMark.objects.all()) == ["delivered", "seen"]
    assert "Biplane down" not in text(door("zed").get("/board/"))
    assert "Biplane down" not in text(door("una").get("/notices/"))


def test_the_author_reads_who_has_it_and_a_spoke_does_not(world: World, door: Door) -> None:
    says(door("ben"))
    door("ada").post("/notices/seen/", {"number": Notice.objects.get().pk})
    page = text(door("ben").get("/notices/"))
    assert "Seen by 1 of 9; nobody at Cheshire And Merseyside, Walton and Whiston yet" in page
    assert "Ada Okoro</b> <span" in page
    spokes = text(door("wyn").get("/notices/"))
    assert "Biplane down" in spokes
    assert "Seen by" not in spokes
    assert "Write a notice" not in spokes


def test_a_notice_closes_and_its_taking_back_opens(world: World, door: Door) -> None:
    ben = door("ben")
    told = text(ben.get(says(ben, kind="closed", words="No anaesthetist")["Location"]))
    assert "Everybody concerned in Cheshire And Merseyside is told. Walton is closed" in told
    notice = Notice.objects.get()
    assert notice.closure == Closure.objects.get()
    assert "Closed:</b> No anaesthetist" in text(door("ada").get("/refer/"))
    assert "Open again now, and tell everybody" in text(ben.get("/notices/"))
    empty = ben.post(f"/notices/{notice.pk}/take-back/", {"words": ""})
    assert (empty.status_code, Reopening.objects.count()) == (422, 0)
    assert door("ada").post(f"/notices/{notice.pk}/take-back/", {"words": "Open"}).status_code == 403
    assert ben.post(f"/notices/{notice.pk}/take-back/", {"words": "She is here"}).status_code == 303
    assert Reopening.objects.get().reason == "She is here"
    assert "Walton: closing taken back" in text(door("ada").get("/board/"))
    assert "No anaesthetist</s>" in text(ben.get("/notices/"))


def test_a_closing_on_the_hours_page_is_told_and_ends_there_as_well(world: World, door: Door) -> None:
    nia = door("nia")
    closes = {"now": "1", "until": UNTIL, "reason": "The suite has no power"}
    told = text(nia.post("/hours/RET20/close/", closes, follow=True))
    assert "Walton is closed, and everybody concerned in Cheshire And Merseyside is told." in told
    assert "Walton: closed" in text(door("ada").get("/board/"))
    closure = Closure.objects.get()
    assert nia.post(f"/hours/RET20/reopen/{closure.pk}/", {"reason": "Repaired"}).status_code == 303
    assert "Walton: closing taken back" in text(door("ada").get("/board/"))


def test_what_is_reduced_is_read_on_the_hubs_line_and_page(world: World, door: Door) -> None:
    says(door("ben"))
    assert "Reduced: Biplane down (until 08:10)" in text(door("ada").get("/refer/"))
    assert "Biplane down" in text(door("ada").get("/hours/RET20/"))
    assert "Biplane down" not in text(door("zed").get("/hours/RET20/"))


def test_what_is_to_come_says_from_when_and_who_has_it_on_a_screen(world: World, door: Door) -> None:
    tomorrow = NIGHT + timedelta(days=1)
    says(door("nia"), since=tomorrow.strftime("%Y-%m-%dT%H:%M"), until="")
    ada = door("ada")
    assert "from Sun 03:10 until it is taken back" in text(ada.get("/board/"))
    ada.post("/notices/delivered/", {"number": Notice.objects.get().pk}, **FRAGMENT)
    page = text(door("nia").get("/notices/"))
    assert "on a screen 03:10" in page
    assert "nobody at Arrowe Park, Cheshire And Merseyside, Walton and 1 more yet" in page


@pytest.mark.parametrize("who", ["ada", "hob", "mo", "una", "meg", "zed"])
def test_nobody_else_says_one_or_closes_a_hub_by_it(world: World, door: Door, who: str) -> None:
    for kind in ("information", "closed"):
        assert says(door(who), kind=kind).status_code == 403
    assert not Notice.objects.exists()
    assert not Closure.objects.exists()


@pytest.mark.parametrize(
    "wrong",
    [{"words": ""}, {"until": "soon"}, {"of": "hub:NONE"}, {"of": "x"}, {"kind": "closed", "until": ""}],
)
def test_what_is_refused_comes_back_as_typed(world: World, door: Door, wrong: dict[str, str]) -> None:
    response = says(door("nia"), **{"words": "Biplane is down", **wrong})
    assert response.status_code == 422
    assert "Not sent." in text(response)
    assert (wrong.get("words") is not None) or "Biplane is down</textarea>" in text(response)
    assert not Notice.objects.exists()


def test_a_wall_shows_what_holds_and_has_nothing_to_press(world: World, door: Door) -> None:
    says(
        door("nia"),
        of=f"network:{world.sites['RET20'].network.code}",
        kind="information",
        words="Snow on the M62",
    )
    wall = text(door("ben").get("/wall/site:RET20/"))
    assert "Snow on the M62" in wall
    assert "data-number" not in wall


def test_the_page_costs_the_same_for_any_number(world: World, door: Door) -> None:
    nia, asked = door("nia"), []
    for times in (1, 4):
        for number in range(times):
            says(nia, words=f"Number {number}")
            nia.post(f"/notices/{Notice.objects.latest('pk').pk}/take-back/", {"words": "Not so"})
            says(nia, words=f"Number {number}, and stays")
        nia.get("/notices/")
        with CaptureQueriesContext(connection) as seen:
            nia.get("/notices/")
        asked.append(len(seen))
    assert asked[0] == asked[1] < 15
