"""A rota from the solver on screen: who finds it, how its search is shown, what it would change, its publication."""

import re
from datetime import timedelta
from typing import Any

import pytest

from tests.frontend.browser import Door, text
from tests.workforce import drafted
from tests.world import World
from workforce import drafts, searching
from workforce.draft_rows import DraftState, RotaDraft
from workforce.models import Shift
from workforce.rota_rows import Pattern
from workforce.solver import process

BUILD = "/rota/RET20/build/"
WANTED = {"deed": "ask", "first": f"{drafted.FIRST}", "weeks": "4", "keeps": "yes"}


def where(draft: RotaDraft, verb: str = "") -> str:
    return f"/rota/RET20/drafts/{draft.pk}/{verb}"


def ahead() -> int:
    return Shift.objects.filter(period__startswith__gt="2027-01-01T00:00Z").count()


@pytest.mark.parametrize("who", ["ben", "hob", "ada", "zed", "una", "meg"])
def test_nobody_but_the_network_s_lead_and_coordinators_finds_any_of_it(
    world: World, door: Door, who: str
) -> None:
    draft = drafted.built(world)
    browser = door(who)
    for address in (BUILD, where(draft), where(draft, "live/")):
        assert browser.get(address).status_code == 404
    for address in (BUILD, where(draft, "publish/"), where(draft, "discard/"), where(draft, "again/")):
        assert browser.post(address, WANTED).status_code == 404
    assert ahead() == 0


def test_another_hub_s_draft_is_not_found_at_this_one(world: World, door: Door) -> None:
    draft = drafted.built(world)
    assert door("una").get(f"/rota/RR801/drafts/{draft.pk}/").status_code == 404


def test_a_lead_asks_sees_it_searched_and_publishes(
    world: World, door: Door, django_capture_on_commit_callbacks: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[int] = []
    monkeypatch.setattr(searching, "start", lambda draft: started.append(draft.pk))
    drafted.ready(world)
    lead = door("lea")
    assert "Every day" in text(lead.get(BUILD))
    with django_capture_on_commit_callbacks(execute=True):
        asked = lead.post(BUILD, WANTED)
    draft = RotaDraft.objects.get()
    assert (asked.status_code, asked["Location"], started) == (303, where(draft), [draft.pk])
    waiting = text(lead.get(where(draft)))
    assert "The search begins as soon as no other is under way." in waiting
    assert re.search(r"frontend/draft[.\w]*\.js", waiting), "it looks again by itself"
    drafted.search(world, draft)
    seen = text(lead.get(where(draft)))
    assert "28 duties would change. Nobody is on call by a draft until it is published." in seen
    assert "Every rule is kept" in seen
    assert "Nights: 9 to 10 each" in seen
    assert "January 2027" in seen
    assert "was empty" in seen
    assert "A draft waits." in text(lead.get("/rota/RET20/"))
    assert 'id="part-draft"' in text(lead.get(where(draft, "live/")))
    published = lead.post(where(draft, "publish/"), {"reason": ""})
    assert (published.status_code, published["Location"], ahead()) == (303, "/rota/RET20/2027-01/", 28)
    assert "Published by Lea Frost" in text(lead.get(where(draft)))
    assert "From a draft that Lea Frost asked for." in text(lead.get("/rota/RET20/2027-01/"))


def test_what_breaks_a_rule_by_now_is_shown_and_published_only_with_a_reason(
    world: World, door: Door
) -> None:
    draft = drafted.built(world)
    leave = {"who": world.people["sam"].pk, "kind": "annual", "first": "2027-01-04", "last": "2027-01-31"}
    assert door("nia").post("/rota/RET20/away/", leave).status_code == 303
    refused = door("lea").post(where(draft, "publish/"), {"reason": ""})
    assert (refused.status_code, ahead()) == (422, 0)
    assert "Not published yet: this breaks" in text(refused)
    assert "Sam Quist is on leave, and on call at Walton" in text(refused)
    assert "Publish with this reason" in text(refused)
    assert door("lea").post(where(draft, "publish/"), {"reason": "They agreed."}).status_code == 303


def test_a_conflict_is_said_in_words(world: World, door: Door) -> None:
    draft = drafted.built(world)
    wish = {
        "duty": "first",
        "who": world.people["ivy"].pk,
        "start": "2027-01-06T20:00",
        "end": "2027-01-07T08:00",
    }
    assert door("nia").post("/rota/RET20/2027-01/", wish | {"reason": "Sam is there."}).status_code == 303
    refused = door("lea").post(where(draft, "publish/"))
    assert (refused.status_code, ahead()) == (422, 1)
    assert "Ivy Lowe is now first on call Wed 6 Jan 20:00 to Thu 7 Jan 08:00. Search again." in text(refused)


def test_where_there_is_no_rota_the_reasons_are_read(world: World, door: Door) -> None:
    drafted.ready(world, night_frequency=6)
    draft = drafted.search(world, drafted.ask(world))
    seen = text(door("lea").get(where(draft)))
    assert "No rota keeps every rule. This is the fullest one that does." in seen
    assert "At 1 in 6," in seen
    assert "Publish what there is" in seen
    refused = door("lea").post(where(draft, "publish/"))
    assert (refused.status_code, "Some duties stay empty" in text(refused)) == (422, True)


def test_a_search_that_died_is_said_and_can_be_started_again(world: World, door: Door) -> None:
    drafted.ready(world)
    draft = drafted.ask(world)
    drafts.begin(draft.pk, at=world.now)
    drafts.heard(draft.pk, at=world.now, progress=None)
    assert "Looking for a rota that keeps every rule." in text(door("lea").get(where(draft)))
    world.wind(seconds=25)
    seen = text(door("lea").get(where(draft)))
    assert drafts.LOST in seen
    assert "Search again" in seen
    again = door("lea").post(where(draft, "again/"))
    newest = RotaDraft.objects.latest("pk")
    assert (again["Location"], newest.state) == (where(newest), DraftState.ASKED)


def test_a_search_is_stopped_and_a_draft_discarded(world: World, door: Door) -> None:
    drafted.ready(world)
    draft = drafted.ask(world)
    assert "Stop the search" in text(door("nia").get(where(draft)))
    assert door("nia").post(where(draft, "discard/")).status_code == 303
    assert "Discarded by Nia Bevan. Nothing was changed." in text(door("lea").get(where(draft)))
    assert door("lea").post(where(draft, "shred/")).status_code == 404


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"first": ""}, "First day: give a day"),
        ({"weeks": "x"}, "Weeks: give a number from 4 to 26."),
        ({"weeks": "3"}, "built for 4 to 26 weeks"),
        ({"first": "2026-11-01"}, "tomorrow at the earliest"),
    ],
)
def test_what_cannot_be_asked_is_refused_in_words(
    world: World, door: Door, more: dict[str, str], words: str
) -> None:
    drafted.ready(world)
    refused = door("lea").post(BUILD, WANTED | more)
    assert (refused.status_code, words in text(refused)) == (422, True)


def test_the_pattern_is_kept_and_removed_on_the_page(world: World, door: Door) -> None:
    lead = door("lea")
    assert "None yet." in text(lead.get(BUILD))
    duty = {"deed": "pattern", "duty": "second", "from": "20:00", "until": "08:00", "weekdays": ["4", "5"]}
    assert lead.post(BUILD, duty).status_code == 303
    assert "Fri, Sat" in text(lead.get(BUILD))
    assert lead.post(BUILD, {"deed": "drop", "pattern": Pattern.objects.get().pk}).status_code == 303
    assert not Pattern.objects.exists()
    gone = lead.post(BUILD, {"deed": "drop", "pattern": "x"})
    assert (gone.status_code, "This pattern is gone already." in text(gone)) == (422, True)
    assert lead.post(BUILD, duty | {"weekdays": []}).status_code == 422
    assert lead.post(BUILD, {"deed": "sing"}).status_code == 404


def test_without_the_solver_the_page_says_so_and_offers_the_pattern(
    world: World, door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(process, "installed", lambda: False)
    drafted.ready(world)
    seen = text(door("lea").get(BUILD))
    assert "The rota solver is not installed here." in seen
    assert re.search(r"fill weeks from a pattern", seen)
    refused = door("lea").post(BUILD, WANTED)
    assert (refused.status_code, "not installed here" in text(refused)) == (422, True)
    assert "There is no solver here" in text(door("lea").get("/rota/RET20/away/"))


def test_an_operator_keeps_wishes_and_takes_them_back(world: World, door: Door) -> None:
    ben = door("ben")
    assert ben.post("/me/rota/wishes/", {"day": "2027-01-08", "wanted": "no"}).status_code == 303
    seen = text(ben.get("/me/rota/"))
    assert "Fri 8 January 2027" in seen
    assert "rather no duty" in seen
    number = re.search(r"/me/rota/wishes/(\d+)/take-back/", seen)
    assert number
    assert door("cleo").post(number[0]).status_code == 404
    assert ben.post(number[0]).status_code == 303
    refused = ben.post("/me/rota/wishes/", {"day": "2026-11-01", "wanted": "yes"})
    assert (refused.status_code, "from tomorrow" in text(refused)) == (422, True)
    assert "Wishes" not in text(door("ada").get("/me/rota/"))


def test_the_draft_s_page_costs_the_same_however_long_it_is(
    world: World, door: Door, django_assert_max_num_queries: Any
) -> None:
    draft = drafted.built(world)
    lead = door("lea")
    lead.get(where(draft))
    with django_assert_max_num_queries(34):
        lead.get(where(draft))
    assert timedelta(weeks=4) < draft.period.upper - draft.period.lower
