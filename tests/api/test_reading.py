"""Reading referrals: who sees what, the board, the pages of a long list, and a number of queries that does not grow."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from referrals.states import LIVE, State
from tests.api.callers import Caller, caller
from tests.world import World


def codes(answer: Any) -> list[str]:
    assert answer.status_code == 200
    return [told["code"] for told in answer.json()]


def test_each_sees_the_referrals_of_their_own_sites_and_networks(
    world: World, ada: Caller, ben: Caller, nia: Caller, zed: Caller
) -> None:
    walton, salford = (
        world.a_referral(State.REFERRED, "RET20").code,
        world.a_referral(State.REFERRED, "RM301").code,
    )
    assert codes(ada.get("/referrals")) == codes(nia.get("/referrals")) == [salford, walton]
    assert codes(ben.get("/referrals")) == [walton]
    assert codes(caller(world, "mo").get("/referrals")) == [salford]
    for stranger in (zed, caller(world, "una"), caller(world, "yan"), caller(world, "wyn")):
        assert codes(stranger.get("/referrals")) == []
        for path in (f"/referrals/{walton}", f"/referrals/{walton}/events"):
            answer = stranger.get(path)
            assert answer.status_code == 404
            assert answer.json() == {
                "error": "not_found",
                "message": "There is no such referral, or it is not yours to see.",
            }


def test_by_default_the_board_is_listed(world: World, ada: Caller, clock: Any) -> None:
    live, ended = world.a_referral().code, world.a_referral(State.WITHDRAWN).code
    assert codes(ada.get("/referrals")) == [ended, live]
    clock.shift(timedelta(hours=7))
    assert codes(ada.get("/referrals")) == [live]
    assert codes(ada.get("/referrals", live="false")) == [ended]


def test_the_list_is_narrowed_by_state_and_by_being_live(world: World, ada: Caller) -> None:
    made = {state: world.a_referral(state).code for state in (State.PRE_ALERTED, State.ACCEPTED, State.DIED)}
    assert codes(ada.get("/referrals", state="accepted")) == [made[State.ACCEPTED]]
    assert codes(ada.get("/referrals", state=["accepted", "died"])) == [
        made[State.DIED],
        made[State.ACCEPTED],
    ]
    assert codes(ada.get("/referrals", live="true")) == [made[State.ACCEPTED], made[State.PRE_ALERTED]]
    assert codes(ada.get("/referrals", live="true", state="died")) == []


def test_a_long_list_comes_in_pages_that_link_to_the_next(world: World, ada: Caller) -> None:
    made = [world.a_referral().code for _ in range(5)]
    seen: list[str] = []
    answer = ada.get("/referrals", limit=2, live="true", state="referred")
    for _ in range(3):
        seen += codes(answer)
        link = answer.get("Link", "")
        if not link:
            break
        assert link.endswith('>; rel="next"')
        path = link[1 : link.index(">")]
        answer = ada.get(path.removeprefix("/api/v1"))
    assert seen == made[::-1]
    assert len(codes(answer)) == 1


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ({"limit": 0}, "limit is a whole number from 1 to 200."),
        ({"limit": 201}, "limit is a whole number from 1 to 200."),
        ({"limit": "all"}, "limit is a whole number from 1 to 200."),
        ({"cursor": "last"}, "cursor is the number that the Link header of the page before gave."),
        ({"cursor": 2**63}, "cursor is the number that the Link header of the page before gave."),
        ({"live": "perhaps"}, "live is true or false."),
        ({"state": "asleep"}, "There is no such state. The description of the API lists them."),
    ],
)
def test_a_bad_parameter_is_named(ada: Caller, query: dict[str, Any], sentence: str) -> None:
    answer = ada.get("/referrals", **query)
    (name,) = query
    assert (answer.status_code, answer.json()["fields"]) == (422, {name: sentence})


def test_the_number_of_queries_does_not_grow_with_the_board(world: World, nia: Caller) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as asked:
            nia.get("/referrals")
        return len(asked)

    world.a_referral(State.REFERRED, "RET20", "RM301")
    few = queries()
    for state in sorted(LIVE):
        world.a_referral(state)
    assert queries() == few
    assert few <= 6


def test_every_state_can_be_told(world: World, ada: Caller) -> None:
    for state in State:
        if state != State.NEW:
            told = ada.get(f"/referrals/{world.a_referral(state).code}").json()
            assert told["state"] == state
