"""References by the API: the same rules and sentences as on the page, and the whole of one with the conversation."""

from typing import Any

import pytest

from referrals.models import Message
from tests.api.callers import Caller
from tests.world import World

STUDY = {"kind": "imaging_study", "study_instance_uid": "1.2.840.113619.2.1", "description": "CTA"}


def test_one_is_given_once_and_read_with_the_conversation(world: World, ada: Caller, ben: Caller) -> None:
    place = f"/referrals/{world.refers().code}"
    for _ in range(2):
        given = ada.post(f"{place}/references", STUDY, key="k")
        assert given.status_code == 201
    result = {"kind": "ai_result", "device": "RAPID", "conclusion": "LVO suspected"}
    result["issued_at"] = "2026-11-21T03:05:00Z"
    assert ben.post(f"{place}/references", result).status_code == 201
    study, ai = (one["reference"] for one in ben.get(f"{place}/messages").json())
    nothing: dict[str, Any] = dict.fromkeys(
        (
            "description",
            "accession_number",
            "study_instance_uid",
            "device",
            "conclusion",
            "issued_at",
            "address",
        )
    )
    assert study == {**nothing, **STUDY}
    assert ai == {**nothing, **result}
    assert ben.post(f"{place}/messages", {"text": "Seen"}).json()["reference"] is None


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"kind": "imaging_study"}, "accession_number"),
        ({"kind": 3}, "kind"),
        ({}, "kind"),
        ({**STUDY, "study_instance_uid": 7}, "study_instance_uid"),
        ({**STUDY, "address": "http://pacs.example.nhs.uk"}, "address"),
        ({**STUDY, "corrects": "1"}, "corrects"),
        ({**STUDY, "url": "https://pacs.example.nhs.uk"}, "url"),
    ],
)
def test_what_is_wrong_is_said_of_its_field(world: World, ada: Caller, body: Any, field: str) -> None:
    refused = ada.post(f"/referrals/{world.refers().code}/references", body)
    assert refused.status_code == 422
    assert field in refused.json()["fields"]
    assert not Message.objects.exists()


def test_a_stranger_finds_no_such_referral(world: World, zed: Caller) -> None:
    assert zed.post(f"/referrals/{world.refers().code}/references", STUDY).status_code == 404
