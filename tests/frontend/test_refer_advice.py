"""The hubs on the form for what is typed so far: ranked and judged again, and no patient fact in an address."""

from collections.abc import Iterator

import pytest
import time_machine
from django.test import Client

from network import permissions
from referrals import rulebook
from referrals.states import State
from tests.frontend.sent import text, typed
from tests.world import NIGHT, World


@pytest.fixture(autouse=True)
def night() -> Iterator[None]:
    with time_machine.travel(NIGHT, tick=False):
        yield


@pytest.fixture
def ada(client: Client, world: World) -> Client:
    client.force_login(world.people["ada"])
    return client


def test_nothing_is_said_of_a_patient_of_whom_nothing_is_known(ada: Client) -> None:
    page = text(ada.get("/refer/"))
    assert "the soonest groin puncture first" in page
    assert "Leaves 04:14, 27 min by road, 30 min to the groin" in page
    assert "Clause by clause" not in page


def test_what_is_typed_is_judged_and_what_is_missing_is_asked_for(ada: Client) -> None:
    page = text(ada.post("/refer/hubs/", typed(aspects="")))
    assert "Uncertain: ASPECTS not known: ask for it" in page
    assert "NICE NG128 1.4.8 (2019)" in page
    assert "Within the criteria" in text(ada.post("/refer/hubs/", typed()))
    assert "Outside the criteria: NIHSS 4 (6 or more)" in text(ada.post("/refer/hubs/", typed(nihss="4")))


def test_what_cannot_be_read_yet_is_simply_not_known(ada: Client) -> None:
    page = text(ada.post("/refer/hubs/", typed(nihss="fourteen")))
    assert "NIHSS not known: score it" in page


def test_a_hub_that_differs_says_so_beside_its_name(ada: Client, world: World) -> None:
    lea = permissions.rights(world.people["lea"], at=NIGHT)
    own = {"aspects": {"at_least": 9}}
    rulebook.put_criteria(world.sites["RET20"], own, based_on=0, reason="Stricter", rights=lea, at=NIGHT)
    page = text(ada.post("/refer/hubs/", typed()))
    assert page.index("Salford") < page.index("Walton"), "outside the criteria: behind the others"
    assert "Outside the criteria: ASPECTS 8 (9 or more)" in page
    assert "Walton’s own criteria version 1 (2026)" in page


def test_a_tick_of_one_s_own_is_kept_and_the_suggestion_is_not(ada: Client) -> None:
    kept = text(ada.post("/refer/hubs/", typed(hubs=["RM301"], chosen="1")))
    assert 'value="RM301" data-name="Salford" checked' in kept
    assert 'value="RET20" data-name="Walton" checked' not in kept
    fresh = text(ada.post("/refer/hubs/", typed(hubs=["RM301"], chosen="0")))
    assert 'value="RET20" data-name="Walton" checked' in fresh


def test_the_answer_and_the_case_say_what_was_judged(client: Client, world: World) -> None:
    referral = world.refers(aspects=None)
    client.force_login(world.people["ben"])
    for where in (f"/r/{referral.code}/answer/", f"/r/{referral.code}/?full=1"):
        page = text(client.get(where))
        assert "Uncertain: ASPECTS not known: ask for it" in page
        assert "Criteria, version 2023.1" in page


def test_the_hubs_of_a_pre_alert_are_asked_for_by_its_code(ada: Client, client: Client, world: World) -> None:
    alerted = world.a_referral(State.PRE_ALERTED)
    said = typed(**{"from": alerted.code, "spoke": None})
    assert "From Arrowe Park" in text(ada.post("/refer/hubs/", said))
    client.force_login(world.people["zed"])
    assert client.post("/refer/hubs/", said).status_code == 404
