"""What was before is kept: who changed what, one press to bring it back, and nobody is overtaken unawares."""

import re
from dataclasses import replace

import pytest

from frontend import ladder_history
from network.models import Person
from paging import ladders
from paging.ladders import Rung
from paging.models import Ladder, Reason
from tests.frontend.browser import Door, text
from tests.frontend.ladder_desk import HUB, OFFER, fill_the_rota, own_version, said, step
from tests.world import World

ONE = said(step("0", ["first"], ["sms"]))
TWO = said(step("0", ["first"], ["sms"]), step("60", ["lead"], ["voice"]), based_on="1", note="Faster")


def versions(page: str) -> list[str]:
    """The list of versions, as it is read."""
    found = re.search(r'<ol class="versions">(.*?)</ol>', page)
    assert found
    return [
        re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", li)).strip() for li in found[1].split("</ul></li>")[:-1]
    ]


def test_every_version_says_who_made_it_when_why_and_what_it_changed(world: World, door: Door) -> None:
    fill_the_rota(world)
    door("nia").post(OFFER, ONE)
    world.wind(minutes=7)
    door("lea").post(OFFER, TWO)
    newest, first, of_all = versions(text(door("ben").get(OFFER)))
    assert newest == (
        "Version 2 is climbed now Lea Frost, Sat 21 Nov 2026 03:17 “Faster” New: at 60 s the network's lead, by call."
    ).replace("'", "&#x27;")
    assert first == "Version 1 Nia Bevan, Sat 21 Nov 2026 03:10 The hub’s first ladder of its own."
    assert of_all.startswith("The ladder of all hubs where a hub has none of its own At 0 s first on call")


def test_an_earlier_version_is_made_current_again_as_a_new_one(world: World, door: Door) -> None:
    fill_the_rota(world)
    nia = door("nia")
    nia.post(OFFER, ONE)
    nia.post(OFFER, TWO)
    assert 'href="?from=1"' in text(nia.get(OFFER))
    page = text(nia.get(f"{OFFER}?from=1"))
    assert re.findall(r'name="row" value="(\d)"', page) == ["0"]
    assert 'name="based_on" value="2"' in page
    assert "As version 1" in page
    assert nia.post(OFFER, {**ONE, "based_on": "2", "note": "As version 1"}).status_code == 303
    third, second, first = ladders.versions(world.sites[HUB], Reason.OFFER)
    assert (third.version, third.rungs, third.note) == (3, first.rungs, "As version 1")
    assert second.rungs != first.rungs


def test_the_ladder_of_all_hubs_can_be_begun_with_again(world: World, door: Door) -> None:
    fill_the_rota(world)
    nia = door("nia")
    nia.post(OFFER, ONE)
    page = text(nia.get(f"{OFFER}?from=all"))
    assert re.findall(r'name="row" value="(\d)"', page) == ["0", "1", "2", "3"]
    assert 'name="based_on" value="1"' in page


def test_nobody_brings_back_what_there_never_was(world: World, door: Door) -> None:
    page = text(door("nia").get(f"{OFFER}?from=99"))
    assert re.findall(r'name="row" value="(\d)"', page) == ["0", "1", "2", "3"]


def test_who_was_overtaken_is_told_by_whom_and_loses_nothing(world: World, door: Door) -> None:
    fill_the_rota(world)
    door("lea").post(OFFER, ONE)
    world.wind(minutes=1)
    mine = said(step("0", ["second"], ["sms"]), step("77", ["coordinator"], ["voice"]), note="Mine")
    response = door("nia").post(OFFER, mine)
    page = text(response)
    assert response.status_code == 409
    assert "Lea Frost saved version 1 at 03:10:00, while you were writing" in page
    assert 'value="77"' in page and "Mine" in page and 'name="1-to" value="coordinator" checked' in page
    assert own_version(world) == 1
    assert 'name="based_on" value="1"' in page
    assert door("nia").post(OFFER, {**mine, "based_on": "1"}).status_code == 303
    assert own_version(world) == 2


def test_a_version_that_there_never_was_is_overtaken_by_nobody_and_can_be_saved_again(
    world: World, door: Door
) -> None:
    fill_the_rota(world)
    response = door("nia").post(OFFER, {**ONE, "based_on": "7"})
    assert response.status_code == 409
    assert 'name="based_on" value="0"' in text(response)
    assert own_version(world) == 0


def test_a_stored_ladder_that_nobody_can_read_does_not_break_the_page(world: World, door: Door) -> None:
    hub = world.sites[HUB]
    Ladder.objects.create(hub=hub, reason="offer", version=1, rungs=[{"after": "x"}], made_at=world.now)
    nia = door("nia")
    assert nia.get(OFFER).status_code == 200
    assert nia.get(f"{OFFER}?from=1").status_code == 200
    fill_the_rota(world)
    assert nia.post(OFFER, {**ONE, "based_on": "1"}).status_code == 303
    assert "One of the two cannot be read." in text(nia.get(OFFER))


def test_a_version_that_nobody_made_is_didos(world: World, door: Door) -> None:
    hub = world.sites[HUB]
    assert Person.objects.filter(name="Dido").count() == 0
    rungs = [{"after": 0, "to": ["first"]}, {"after": 90, "to": [], "hand_on": True}]
    Ladder.objects.create(hub=hub, reason="offer", version=1, rungs=rungs, made_at=world.now)
    assert "Version 1 is climbed now Dido," in versions(text(door("nia").get(OFFER)))[0]


TEXT = "text and siren on the boards"
FIRST = Rung(0, ("first",), ("push", "sms"))
SECOND = Rung(90, ("second", "supervisor"), ("sms",), siren=True)
LAST = Rung(180, ("lead",), ("voice",), alarm=True)
NEXT_HUB = Rung(300, (), hand_on=True)
CHANGES = [
    ([FIRST, SECOND], [FIRST, SECOND], []),
    (
        [FIRST, SECOND, LAST],
        [FIRST, replace(SECOND, after=60, to=("first", "second"), by=("sms", "voice")), LAST],
        ["Step 2: after 60 s, was 90 s, also first on call, no longer the supervisor, also by call."],
    ),
    (
        [replace(FIRST, phone_now=True), SECOND],
        [replace(FIRST, by=("sms",)), replace(SECOND, siren=False, alarm=True)],
        [
            "Step 1: no longer by push, the spoke is not told to phone.",
            "Step 2: the boards stay silent, it ends in an alarm.",
        ],
    ),
    ([FIRST, NEXT_HUB], [FIRST, replace(NEXT_HUB, after=400)], ["The next hub: after 400 s, was 300 s."]),
    (
        [FIRST, NEXT_HUB],
        [FIRST, LAST],
        ["Instead of at 300 s the next hub: at 180 s the network's lead, by call."],
    ),
    ([FIRST, SECOND, LAST], [FIRST, LAST], [f"Gone: at 90 s second on call and the supervisor, by {TEXT}."]),
    ([FIRST], [FIRST, SECOND], [f"New: at 90 s second on call and the supervisor, by {TEXT}."]),
    ([SECOND], [replace(SECOND, to=("supervisor", "second"))], ["Step 1: another order."]),
]


@pytest.mark.parametrize(("was", "now", "words"), CHANGES)
def test_what_changed_is_said_step_by_step(was: list[Rung], now: list[Rung], words: list[str]) -> None:
    assert ladder_history.changes(was, now) == words


def test_a_longer_look_is_a_change_and_the_same_ladder_again_is_none(world: World, door: Door) -> None:
    hub, rungs = world.sites[HUB], [{"after": 0, "to": ["first"]}, {"after": 90, "to": [], "hand_on": True}]
    for version, holds in ((1, 120), (2, 60), (3, 60)):
        Ladder.objects.create(
            hub=hub, reason="offer", version=version, rungs=rungs, seen_holds=holds, made_at=world.now
        )
    newest, second, _, _ = versions(text(door("nia").get(OFFER)))
    assert newest.endswith("Nothing.")
    assert second.endswith("“Seen, looking” holds 60 s, was 120 s.")
