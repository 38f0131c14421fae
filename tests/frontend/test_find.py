"""Messages are found again by their words, their author and their kind, among what one may see; and printed whole."""

from typing import Any

import pytest

from referrals.conversation import sending
from tests.frontend.browser import Door, text
from tests.world import World


def finds(client: Any, **said: str) -> str:
    return text(client.post("/messages/", {"kind": "", **said}))


def talked(world: World) -> str:
    referral = world.refers()
    for who, words in (("ada", "Labetalol was given"), ("ben", "Suite is free"), ("nia", "Crew is near")):
        world.wind(minutes=1)
        sending.send(referral.code, text=words, **world.press(who))
    return referral.code


def test_words_are_found_in_any_form_and_lead_to_their_case(world: World, door: Door) -> None:
    code = talked(world)
    page = finds(door("ben"), words="labetalols given")
    assert "Labetalol was given" in page
    assert f"/r/{code}/?full=1#line-m1" in page
    assert "Suite is free" not in page
    assert "No such message" in finds(door("ben"), words="heparin")


def test_messages_are_found_by_who_wrote_them_and_by_kind(world: World, door: Door) -> None:
    code = talked(world)
    assert "Crew is near" in finds(door("ada"), by="bevan")
    assert "Suite is free" not in finds(door("ada"), by="bevan")
    door("ben").post(f"/r/{code}/messages/seen/", {"read": ["1-1"]})
    unread = finds(door("ben"), kind="unread")
    assert "Crew is near" in unread
    assert "Labetalol" not in unread
    assert "Suite is free" not in unread, "one's own"
    sending.send(code, text="Come to door B", to="spoke", confirm=True, **world.press("ben"))
    assert "Come to door B" in finds(door("ada"), kind="waiting")
    assert "No such message" in finds(door("ada"), kind="papers")
    assert "Come to door B" in text(door("ada").get("/messages/")), "what is unread is there at once"


@pytest.mark.parametrize("username", ["zed", "mo", "wyn", "una"])
def test_a_stranger_finds_and_prints_nothing(world: World, door: Door, username: str) -> None:
    code = talked(world)
    assert "No such message" in finds(door(username), words="labetalol")
    assert door(username).get(f"/r/{code}/messages/print/").status_code == 404


def test_what_cannot_be_looked_for_finds_nothing_and_breaks_nothing(world: World, door: Door) -> None:
    talked(world)
    for words in ("\x00", "' or 1=1 --", "(((", '"', "a" * 5000):
        assert door("ada").post("/messages/", {"words": words, "kind": "nonsense"}).status_code == 200


def test_the_whole_conversation_is_printed_with_who_has_read_it(world: World, door: Door) -> None:
    code = talked(world)
    for number in range(60):
        sending.send(code, text=f"line {number}.", **world.press("ada"))
    door("ben").post(f"/r/{code}/messages/seen/", {"read": ["1-1"]})
    page = text(door("ada").get(f"/r/{code}/messages/print/"))
    assert "Labetalol was given" in page
    assert "line 59." in page
    assert "Ben Hale, Walton: read 03:13" in page
