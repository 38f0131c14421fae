"""Hospitals, hubs by the road, who is on call, and the streams that one may watch."""

from datetime import timedelta
from typing import Any

import pytest

from network.models import Site
from referrals.states import State
from tests.api.callers import Caller
from tests.world import NIGHT, World
from workforce import rota
from workforce.models import Duty, Shift


def test_every_hospital_is_listed_by_its_site_code(world: World, zed: Caller) -> None:
    told = {site["code"]: site for site in zed.get("/sites").json()}
    assert list(told) == sorted(world.sites)
    assert told["RET20"] == {
        "code": "RET20",
        "name": "The Walton Centre, Liverpool",
        "short_name": "Walton",
        "network": "cheshire-and-merseyside",
        "hub": True,
        "thrombolyses": True,
        "phone": "+441514960100",
    }
    assert (told["RBL14"]["hub"], told["RBL14"]["phone"]) == (False, None)


def test_hubs_are_ranked_by_drive_minutes_with_who_is_on_call(ada: Caller) -> None:
    hubs = ada.get("/hubs", spoke="rbl14").json()
    assert [(hub["code"], hub["minutes"]) for hub in hubs] == [("RET20", 27), ("RM301", 53), ("RR801", 95)]
    assert [hub["network"] for hub in hubs][1:] == ["greater-manchester", "west-yorkshire-and-harrogate"]
    assert hubs[0]["on_call"] == [
        {"duty": "first", "name": "Ben Hale"},
        {"duty": "second", "name": "Cleo Marsh"},
        {"duty": "supervisor", "name": "Sam Quist"},
    ]


def test_who_is_on_call_now_and_at_another_instant(ada: Caller) -> None:
    now = ada.get("/on-call", hub="RM301").json()
    assert now == [
        {
            "hub": "RM301",
            "duty": "first",
            "name": "Mo Idris",
            "since": "2026-11-20T03:10:00Z",
            "until": "2026-11-23T03:10:00Z",
        }
    ]
    assert ada.get("/on-call", hub="RM301", at="2026-11-23T03:09:59Z").json() == now
    assert ada.get("/on-call", hub="RM301", at="2026-11-23T03:10:00Z").json() == []


@pytest.mark.parametrize(
    ("path", "query", "field", "sentence"),
    [
        ("/hubs", {}, "spoke", "Say from which hospital: spoke=RBL14, its ODS site code."),
        ("/hubs", {"spoke": "XXXXX"}, "spoke", "There is no hospital with the code “XXXXX”."),
        ("/hubs", {"spoke": "RBL14\x00"}, "spoke", "There is no hospital with the code “RBL14\x00”."),
        ("/hubs", {"spoke": "R" * 99}, "spoke", "Say from which hospital: spoke=RBL14, its ODS site code."),
        ("/on-call", {}, "hub", "Say which hub: hub=RET20, its ODS site code."),
        ("/on-call", {"hub": "RBL14"}, "hub", "Arrowe Park is not a thrombectomy hub."),
        ("/on-call", {"hub": "RET20", "at": "soon"}, "at", "This is not a date and time."),
    ],
)
def test_a_bad_question_is_named(
    ada: Caller, path: str, query: dict[str, Any], field: str, sentence: str
) -> None:
    answer = ada.get(path, **query)
    assert answer.status_code == 422
    assert answer.json()["fields"][field].startswith(sentence)


def test_streams_are_those_that_one_may_watch_with_their_heads(
    world: World, ada: Caller, ben: Caller, nia: Caller, zed: Caller
) -> None:
    world.a_referral(State.ACCEPTED)
    assert ada.get("/streams").json() == [
        {"key": "site:RBL14", "name": "Arrowe Park Hospital, Wirral", "head": 2}
    ]
    assert ben.get("/streams").json()[0]["key"] == "site:RET20"
    assert nia.get("/streams").json() == [
        {"key": "network:cheshire-and-merseyside", "name": "Cheshire And Merseyside", "head": 2}
    ]
    assert zed.get("/streams").json() == [{"key": "site:RCB55", "name": "York Hospital", "head": 0}]


def test_a_hub_that_no_road_leads_from_has_no_hubs_around_it(world: World, ada: Caller) -> None:
    assert Site.objects.filter(code="RR801", is_hub=True).exists()
    assert ada.get("/hubs", spoke="RR801").json() == []


def test_a_closed_hub_says_so_and_when_it_opens(ada: Caller, world: World) -> None:
    hub = world.sites["RET20"]
    Shift.objects.filter(hub=hub).delete()
    opens = NIGHT + timedelta(hours=5)
    rota.put(hub, Duty.FIRST, world.people["ben"], start=opens, end=opens + timedelta(hours=12))
    found = {one["code"]: (one["closed"], one["opens_at"]) for one in ada.get("/hubs", spoke="RBL14").json()}
    assert found["RET20"] == (True, "2026-11-21T08:10:00Z")
    assert found["RM301"] == (False, None)
