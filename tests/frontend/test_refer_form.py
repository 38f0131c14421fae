"""The referral form: a patient is entered once, by those who may, and nothing that was typed is lost."""

import re
import uuid
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client

from referrals.models import Referral
from referrals.states import State
from tests import world as worlds
from tests.frontend.sent import KEY, faults, text, typed
from tests.world import NIGHT, World


@pytest.fixture(autouse=True)
def night() -> Iterator[None]:
    with time_machine.travel(NIGHT, tick=False):
        yield


@pytest.fixture
def ada(client: Client, world: World) -> Client:
    client.force_login(world.people["ada"])
    return client


def test_a_spoke_doctor_refers_and_sees_the_patient_s_page(ada: Client) -> None:
    response = ada.post("/refer/", typed())
    referral = Referral.objects.get()
    assert (response.status_code, response["Location"]) == (303, f"/r/{referral.code}/")
    assert referral.state == State.REFERRED
    assert (referral.spoke.code, referral.nihss, referral.family_name) == ("RBL14", 14, "Canary-Whitlock")
    assert referral.onset_at == NIGHT - timedelta(minutes=100)
    assert [offer.hub.code for offer in referral.offers.all()] == ["RET20"]


def test_several_hubs_may_be_asked_at_once(ada: Client) -> None:
    ada.post("/refer/", typed(hubs=["RM301", "RET20"]))
    assert {offer.hub.code for offer in Referral.objects.get().offers.all()} == {"RM301", "RET20"}


def test_an_empty_form_comes_back_with_a_sentence_at_each_field_and_a_link_to_it(ada: Client) -> None:
    response = ada.post("/refer/", {"spoke": "RBL14", "do": "refer", "key": KEY})
    assert response.status_code == 422
    linked = faults(response)
    assert linked == [
        *("family_name", "given_name", "date_of_birth", "sex", "arrived_at", "onset_kind", "nihss"),
        *("cta_at", "occlusion", "hubs", "callback"),
    ]
    page = text(response)
    for name in linked:
        assert f'id="f-{name}"' in page
        assert f'id="fault-{name}"' in page
    assert Referral.objects.count() == 0


def test_nothing_that_was_typed_is_lost_when_the_form_comes_back(ada: Client) -> None:
    response = ada.post("/refer/", typed(nihss="99", hubs=["RM301"], separate="1", note="Two <b> words"))
    page = text(response)
    assert (response.status_code, faults(response)) == (422, ["nihss"])
    assert "NIHSS is a whole number from 0 to 42." in page
    for kept in ('value="99"', 'value="Canary-Whitlock"', 'value="31/01/1950"', "Two &lt;b&gt; words"):
        assert kept in page
    assert re.search(r'value="M1"[^>]*checked', page)
    assert re.search(r'value="RM301"[^>]*checked', page)
    assert not re.search(r'value="RET20"[^>]*checked', page)
    assert re.search(r'name="separate"[^>]*checked', page)
    assert f'value="{KEY}"' in page


def test_a_note_of_forty_kilobytes_gets_its_sentence_and_is_kept(ada: Client) -> None:
    note = "Blood pressure 168/90. " * 1800
    response = ada.post("/refer/", typed(note=note))
    assert (response.status_code, faults(response)) == (422, ["note"])
    assert "The note is too long: at most 4,000 characters." in text(response)
    assert note.strip() in text(response)


def test_the_button_pressed_twice_refers_one_patient(ada: Client) -> None:
    first = ada.post("/refer/", typed(nhs_number=None))
    second = ada.post("/refer/", typed(nhs_number=None))
    assert Referral.objects.count() == 1
    assert first["Location"] == second["Location"]


def test_another_patient_typed_into_the_same_form_is_not_swallowed(ada: Client) -> None:
    ada.post("/refer/", typed(nhs_number=None))
    ada.post("/refer/", typed(nhs_number=None, family_name="Wren"))
    assert set(Referral.objects.values_list("family_name", flat=True)) == {"Canary-Whitlock", "Wren"}


def test_each_fresh_form_has_a_key_of_its_own(ada: Client) -> None:
    keys = [re.findall(r'name="key" value="([^"]+)"', text(ada.get("/refer/")))[0] for _ in range(2)]
    assert uuid.UUID(keys[0]) != uuid.UUID(keys[1])


def test_a_live_nhs_number_is_joined_and_the_person_is_told(ada: Client, world: World) -> None:
    live = world.refers(by="wyn", spoke="RBN01").code
    number = Referral.objects.get().nhs_number
    response = ada.post("/refer/", typed(nhs_number=number))
    assert (response.status_code, response["Location"]) == (303, f"/r/{live}/")
    assert Referral.objects.count() == 1
    told = text(ada.get("/refer/"))
    assert f"{live} is already live for this NHS number: you have joined it." in told


def test_a_different_patient_under_a_live_nhs_number_is_referred_separately(
    ada: Client, world: World
) -> None:
    world.refers(by="wyn", spoke="RBN01")
    number = Referral.objects.get().nhs_number
    ada.post("/refer/", typed(nhs_number=number, separate="1"))
    assert Referral.objects.count() == 2


@pytest.mark.parametrize("who", ["nia", "lea"])
def test_those_who_refer_nobody_are_told_so(client: Client, world: World, who: str) -> None:
    client.force_login(world.people[who])
    for response in (client.get("/refer/"), client.post("/refer/", typed())):
        assert response.status_code == 403
        assert "You cannot refer from here" in text(response)
    assert Referral.objects.count() == 0


def test_nobody_refers_from_a_spoke_of_others(client: Client, world: World) -> None:
    client.force_login(world.people["zed"])
    response = client.post("/refer/", typed(spoke="RBL14", hubs=["RR801"]))
    assert response.status_code == 403
    assert "You cannot refer from Arrowe Park" in text(response)
    assert 'value="Canary-Whitlock"' in text(response)
    assert Referral.objects.count() == 0


def test_somebody_whose_role_has_ended_refers_no_more(ada: Client, world: World) -> None:
    worlds.loses_role(world, "ada")
    assert ada.post("/refer/", typed()).status_code == 403
    assert Referral.objects.count() == 0


def test_without_signing_in_there_is_no_form(client: Client, world: World) -> None:
    for response in (client.get("/refer/"), client.post("/refer/", typed()), client.get("/refer/hubs/")):
        assert (response.status_code, response["Location"][:9]) == (302, "/sign-in/")
    assert Referral.objects.count() == 0


def test_a_hub_that_is_none_is_refused_with_a_sentence(ada: Client) -> None:
    response = ada.post("/refer/", typed(hubs=["RBN01"]))
    assert (response.status_code, faults(response)) == (422, ["hubs"])
    assert "is not a thrombectomy hub" in text(response)


def test_no_patient_fact_goes_into_an_address_and_the_browser_keeps_no_copy(ada: Client) -> None:
    page = ada.get("/refer/")
    assert re.search(r'<form class="refer" method="post" action="/refer/" autocomplete="off"', text(page))
    assert "no-store" in page["Cache-Control"]
    sent = ada.post("/refer/", typed())
    assert "Canary" not in sent["Location"]
    assert "?" not in sent["Location"]


def test_the_form_takes_the_same_number_of_queries_however_many_hubs_there_are(
    ada: Client, world: World, django_assert_max_num_queries: Any
) -> None:
    with django_assert_max_num_queries(14):
        ada.get("/refer/")


def test_a_form_without_a_key_is_taken_all_the_same(ada: Client) -> None:
    assert ada.post("/refer/", typed(key="no-key-at-all")).status_code == 303
    assert Referral.objects.count() == 1
