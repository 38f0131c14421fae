"""The conversation for programs: written once, read in pages, marked, and counted."""

from typing import Any

import pytest

from referrals.states import State
from tests.api.callers import Caller, caller
from tests.world import World


def test_a_message_is_written_once_and_read_with_who_has_seen_it(
    world: World, ada: Caller, ben: Caller
) -> None:
    code = world.a_referral().code
    address = f"/referrals/{code}/messages"
    sent = ada.post(address, {"text": "BP 150/90"}, key="k1")
    assert sent.status_code == 201
    assert sent.json()["number"] == 1
    assert ada.post(address, {"text": "BP 150/90"}, key="k1").json()["number"] == 1
    ada.post(address, {"text": "BP 160/90", "corrects": 1})
    assert ben.get("/unread").json() == {code: 2}
    assert ben.post(f"{address}/marks", {"delivered": [[1, 2]], "read": [[1, 1]]}).status_code == 204
    assert ben.get("/unread").json() == {code: 1}
    first, second = ada.get(address).json()
    assert [(one["text"], one["corrects"], one["site"]) for one in (first, second)] == [
        ("BP 150/90", None, "RBL14"),
        ("BP 160/90", 1, "RBL14"),
    ]
    assert [(one["name"], one["site"]) for one in first["seen"]] == [("Ben Hale", "Walton")]
    assert first["seen"][0]["read_at"]
    assert second["seen"][0]["read_at"] is None


def test_older_messages_are_a_page_away(world: World, ada: Caller) -> None:
    address = f"/referrals/{world.a_referral().code}/messages"
    for number in range(5):
        ada.post(address, {"text": str(number)})
    newest = ada.get(address, limit=2)
    assert [one["text"] for one in newest.json()] == ["3", "4"]
    assert "cursor=4" in newest["Link"]
    older = ada.get(address, limit=10, cursor=4)
    assert [one["text"] for one in older.json()] == ["0", "1", "2"]
    assert "Link" not in older


@pytest.mark.parametrize("username", ["zed", "mo", "wyn", "una", "meg"])
def test_a_stranger_is_told_that_there_is_no_such_referral(world: World, clock: Any, username: str) -> None:
    code = world.a_referral(State.ACCEPTED).code
    stranger = caller(world, username)
    for answer in (
        stranger.get(f"/referrals/{code}/messages"),
        stranger.post(f"/referrals/{code}/messages", {"text": "Hello"}),
        stranger.post(f"/referrals/{code}/messages/marks", {"read": [[1, 1]]}),
    ):
        assert answer.status_code == 404
        assert answer.json()["error"] == "not_found"
    assert stranger.get("/unread").json() == {}


@pytest.mark.parametrize(
    "said",
    [
        {},
        {"text": ""},
        {"text": 5},
        {"text": "x", "more": 1},
        {"text": "x", "corrects": "1"},
        {"text": "x", "typed_at": "?"},
    ],
)
def test_a_message_that_cannot_be_read_is_refused(world: World, ada: Caller, said: dict[str, Any]) -> None:
    answer = ada.post(f"/referrals/{world.a_referral().code}/messages", said)
    assert answer.status_code == 422
    assert answer.json()["fields"]


@pytest.mark.parametrize("read", [3, [3], [[1]], [[1, "2"]], [[0, 2]], [[1, 2]] * 51, [[True, 2]]])
def test_a_run_that_cannot_be_read_is_refused(world: World, ada: Caller, read: Any) -> None:
    answer = ada.post(f"/referrals/{world.a_referral().code}/messages/marks", {"read": read})
    assert answer.status_code == 422
    assert "pairs of numbers" in answer.json()["fields"]["read"]


def test_a_message_to_a_role_is_confirmed_by_that_role_and_the_first_counts(
    world: World, ada: Caller, ben: Caller, nia: Caller, zed: Caller
) -> None:
    address = f"/referrals/{world.a_referral().code}/messages"
    sent = ada.post(address, {"text": "Go?", "to": "operator", "confirm": True}).json()
    assert (sent["to"], sent["confirm"], sent["confirmed"]) == ("operator", True, None)
    for other, status in ((zed, 404), (nia, 403)):
        assert other.post(f"{address}/1/confirm").status_code == status
    assert ben.post(f"{address}/1/confirm").json()["place"] == "Walton"
    assert caller(world, "cleo").post(f"{address}/1/confirm").json()["by"]["name"] == "Ben Hale"
    assert ada.get(address).json()[0]["confirmed"]["by"]["username"] == "ben"
    assert ben.post(f"{address}/9/confirm").status_code == 409


@pytest.mark.parametrize(
    "said", [{"to": "porter"}, {"to": 5}, {"confirm": "yes"}, {"confirm": []}, {"confirm": True}]
)
def test_an_address_that_cannot_be_read_is_refused(world: World, ada: Caller, said: dict[str, Any]) -> None:
    answer = ada.post(f"/referrals/{world.a_referral().code}/messages", {"text": "Go?", **said})
    assert answer.status_code == 422
