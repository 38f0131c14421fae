"""The referral form for pre-alerts, a hub's own patients and people of several spokes, and its hubs."""

import re
from collections.abc import Iterator

import pytest
import time_machine
from django.test import Client

from network import people
from network.models import Link, Role, Site
from referrals.models import Referral
from referrals.states import State
from tests.frontend.sent import KEY, faults, text, typed
from tests.world import LONG_AGO, NIGHT, World


@pytest.fixture(autouse=True)
def night() -> Iterator[None]:
    with time_machine.travel(NIGHT, tick=False):
        yield


@pytest.fixture
def ada(client: Client, world: World) -> Client:
    client.force_login(world.people["ada"])
    return client


def test_the_hubs_are_ranked_by_road_and_the_nearest_is_ticked(ada: Client) -> None:
    page = text(ada.get("/refer/"))
    hubs = re.findall(r'name="hubs" value="(\w+)" data-name="[\w ]+"( checked)?', page)
    assert hubs == [("RET20", " checked"), ("RM301", ""), ("RR801", "")]
    assert "Ben Hale is first on call" in page
    assert "Greater Manchester" in page


def test_a_hub_with_nobody_first_on_call_says_so(ada: Client, world: World) -> None:
    world.sites["RM301"].shifts.all().delete()
    assert "Nobody first on call now" in text(ada.get("/refer/"))


def test_a_pre_alert_needs_only_the_arrival_and_a_number(ada: Client) -> None:
    said = {"spoke": "RBL14", "arrived_at": "2026-11-21T03:00", "callback": "0151 496 0123"}
    response = ada.post("/refer/", {**said, "do": "pre_alert", "key": KEY})
    referral = Referral.objects.get()
    assert (response.status_code, referral.state) == (303, State.PRE_ALERTED)
    assert not referral.offers.exists()


def test_a_pre_alert_without_the_arrival_says_what_is_missing(ada: Client) -> None:
    response = ada.post("/refer/", {"spoke": "RBL14", "do": "pre_alert", "key": KEY})
    assert (response.status_code, faults(response)) == (422, ["arrived_at", "callback"])


def test_a_pre_alerted_patient_is_referred_from_a_form_that_knows_it(ada: Client, world: World) -> None:
    alerted = world.a_referral(State.PRE_ALERTED)
    page = text(ada.get("/refer/", {"from": alerted.code}))
    assert 'value="Canary-Whitlock"' in page
    assert 'value="2026-11-21T02:25"' in page
    assert "Pre-alert only" not in page
    response = ada.post("/refer/", typed(**{"from": alerted.code, "nhs_number": alerted.nhs_number}))
    alerted = Referral.objects.get()
    assert (response.status_code, response["Location"]) == (303, f"/r/{alerted.code}/")
    assert alerted.state == State.REFERRED


def test_a_referral_that_is_no_pre_alert_leads_to_its_own_page(ada: Client, world: World) -> None:
    referral = world.a_referral(State.REFERRED)
    response = ada.get("/refer/", {"from": referral.code})
    assert response["Location"] == f"/r/{referral.code}/"
    assert "not a pre-alert" in text(ada.get("/refer/"))


def test_a_stranger_s_pre_alert_does_not_exist(client: Client, world: World) -> None:
    alerted = world.a_referral(State.PRE_ALERTED)
    client.force_login(world.people["zed"])
    assert client.get("/refer/", {"from": alerted.code}).status_code == 404
    assert client.post("/refer/", typed(**{"from": alerted.code})).status_code == 404


def test_the_hub_may_see_a_pre_alert_in_its_network_but_not_refer_it(client: Client, world: World) -> None:
    alerted = world.a_referral(State.PRE_ALERTED)
    client.force_login(world.people["nia"])
    response = client.post("/refer/", typed(**{"from": alerted.code}))
    assert response["Location"] == f"/r/{alerted.code}/"
    assert Referral.objects.get().state == State.PRE_ALERTED


@pytest.mark.parametrize("who", ["ben", "hob"])
def test_a_hub_enters_its_own_patient_who_is_already_here(client: Client, world: World, who: str) -> None:
    client.force_login(world.people[who])
    page = text(client.get("/refer/"))
    assert "Our own patient, already here" in page
    assert 'name="hubs"' not in page
    response = client.post("/refer/", typed(own="1", hub="RET20", do="admit", cta_at=None, occlusion=None))
    referral = Referral.objects.get()
    assert (response.status_code, referral.state) == (303, State.ARRIVED)
    assert referral.hub is not None
    assert (referral.hub.code, referral.operator) == ("RET20", world.people[who])


def test_somebody_of_a_spoke_and_a_hub_chooses_which_patient_it_is(client: Client, world: World) -> None:
    ben = world.people["ben"]
    people.grant(ben, Role.SPOKE, at=LONG_AGO, site=world.sites["RBN01"])
    client.force_login(ben)
    assert "From Whiston." in text(client.get("/refer/"))
    assert "At Walton." in text(client.get("/refer/", {"own": "1"}))


def test_somebody_of_several_spokes_chooses_where_the_patient_is(ada: Client, world: World) -> None:
    people.grant(world.people["ada"], Role.SPOKE, at=LONG_AGO, site=world.sites["RBN01"])
    page = text(ada.get("/refer/"))
    assert re.search(r'name="spoke" value="RBL14" checked', page)
    assert re.search(r'name="spoke" value="RBN01">', page)
    ada.post("/refer/", typed(spoke="RBN01"))
    assert Referral.objects.get().spoke.code == "RBN01"


def test_the_hubs_of_another_of_my_spokes_come_as_a_fragment(ada: Client, world: World) -> None:
    people.grant(world.people["ada"], Role.SPOKE, at=LONG_AGO, site=world.sites["RBN01"])
    response = ada.get("/refer/hubs/", {"spoke": "rbn01"})
    assert re.findall(r'value="(\w+)" data-name', text(response)) == ["RET20", "RM301"]
    assert "From Whiston, the soonest groin" in text(response)


@pytest.mark.parametrize("spoke", ["RBN01", "RCB55", "RET20", "", "XXXXX"])
def test_the_hubs_of_somebody_else_s_spoke_are_not_shown(ada: Client, spoke: str) -> None:
    assert ada.get("/refer/hubs/", {"spoke": spoke}).status_code == 404


def test_hubs_beyond_the_nearest_four_are_behind_one_press_unless_one_is_ticked(
    ada: Client, world: World
) -> None:
    for number in range(3):
        hub = Site.objects.create(
            code=f"FAR0{number}", name="Far", short_name="Far", network=world.networks["greater-manchester"],
            is_hub=True, country="England", latitude=53.0, longitude=-2.0,
        )  # fmt: skip
        Link.objects.create(origin=world.sites["RBL14"], hub=hub, minutes=200 + number)
    page = text(ada.get("/refer/"))
    assert '<details class="more" data-of="further"><summary>Further hubs (2)</summary>' in page
    again = text(ada.post("/refer/", typed(hubs=["FAR02"], nihss="")))
    assert '<details class="more" data-of="further" open>' in again
