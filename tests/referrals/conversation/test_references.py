"""References to a study in PACS and to an AI's result: what is taken, once, and that a correction stands beside."""

from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from network import permissions
from realtime.models import Entry
from referrals.conversation import finding, reading, references, sending
from referrals.models import Message, Reference, Referral
from referrals.refusals import BadInput, NotAllowed, NotVisible, WrongState
from tests.world import World

UID = "1.2.826.0.1.3680043.8.498.1"
STUDY = {"description": "CT angiogram", "accession_number": "RBL-4711", "study_instance_uid": UID}
AI = {"device": "RAPID", "conclusion": "LVO suspected, M1 left", "issued_at": "2026-11-21T03:05"}


def gives(world: World, who: str, referral: Referral, kind: str = "imaging_study", **said: Any) -> Message:
    world.wind(minutes=1)
    press = {name: said.pop(name) for name in ("key",) if name in said}
    corrects = said.pop("corrects", None)
    return references.give(referral.code, kind, said or STUDY, corrects=corrects, **world.press(who, **press))


def test_a_study_is_a_message_to_everybody_and_is_found_by_its_number(world: World) -> None:
    referral = world.refers()
    gives(world, "ada", referral)
    (message,) = reading.page(referral).messages
    assert message.text.split("\n") == [
        "PACS study: CT angiogram",
        "Accession number RBL-4711",
        f"Study Instance UID {UID}",
    ]
    assert (message.reference.kind, message.reference.study_instance_uid) == ("imaging_study", UID)
    rights = permissions.rights(world.people["ben"], at=world.now)
    assert finding.find(rights, words="RBL-4711") == [message]
    assert finding.find(rights, wanted=finding.Wanted.PAPERS) == [message]
    assert not finding.find(permissions.rights(world.people["zed"], at=world.now))
    told = Entry.objects.order_by("pk").last()
    assert told is not None
    assert told.verb == "message"
    assert "4711" not in str(told.__dict__)


def test_an_ai_result_says_that_it_is_no_diagnosis_and_changes_no_fact(world: World) -> None:
    referral = world.refers()
    before = (referral.occlusion, referral.version)
    message = gives(world, "ben", referral, "ai_result", **AI)
    assert message.text == (
        "AI result, RAPID, Sat 21 Nov 03:05: LVO suspected, M1 left\n"
        "Not a diagnosis: the report of a radiologist decides."
    )
    referral.refresh_from_db()
    assert (referral.occlusion, referral.version) == before


@pytest.mark.parametrize(
    ("kind", "said", "field"),
    [
        ("report", STUDY, "kind"),
        ("imaging_study", {"description": "CTA"}, "accession_number"),
        ("imaging_study", {"study_instance_uid": "1.2.03"}, "study_instance_uid"),
        ("imaging_study", {"study_instance_uid": "1." * 32 + "1"}, "study_instance_uid"),
        ("imaging_study", {"study_instance_uid": "see PACS"}, "study_instance_uid"),
        ("imaging_study", {"accession_number": "A\\B"}, "accession_number"),
        ("imaging_study", {"accession_number": "9" * 65}, "accession_number"),
        ("imaging_study", {"accession_number": "1\x00"}, "accession_number"),
        ("imaging_study", {"address": "http://pacs.example.nhs.uk/1"}, "address"),
        ("imaging_study", {"address": "javascript:alert(1)"}, "address"),
        ("imaging_study", {**STUDY, "device": "RAPID"}, "device"),
        ("ai_result", {**AI, "device": ""}, "device"),
        ("ai_result", {**AI, "conclusion": " "}, "conclusion"),
        ("ai_result", {**AI, "issued_at": ""}, "issued_at"),
        ("ai_result", {**AI, "issued_at": "soon"}, "issued_at"),
        ("ai_result", {**AI, "issued_at": "2026-11-22T03:05"}, "issued_at"),
        ("ai_result", {**AI, "accession_number": "1"}, "accession_number"),
    ],
)
def test_what_is_wrong_is_said_of_its_field_and_nothing_is_kept(
    world: World, kind: str, said: dict[str, str], field: str
) -> None:
    with pytest.raises(BadInput) as refused:
        gives(world, "ada", world.refers(), kind, **said)
    assert set(refused.value.fields) == {field}
    assert not Message.objects.exists()


def test_the_same_key_again_is_the_same_reference_and_other_words_with_it_are_refused(world: World) -> None:
    referral = world.refers()
    first = gives(world, "ada", referral, key="k", **STUDY)
    assert gives(world, "ada", referral, key="k", **STUDY) == first
    with pytest.raises(WrongState, match="already used"):
        gives(world, "ada", referral, key="k", accession_number="2")
    assert Reference.objects.count() == Message.objects.count() == 1


@pytest.mark.parametrize("username", ["zed", "yan", "una", "wyn", "mo"])
def test_a_stranger_gives_none(world: World, username: str) -> None:
    with pytest.raises(NotVisible):
        gives(world, username, world.refers())
    assert not Reference.objects.exists()


def test_a_correction_stands_beside_and_alone_counts(world: World) -> None:
    referral = world.refers()
    gives(world, "ada", referral, accession_number="1")
    gives(world, "ada", referral, accession_number="2", corrects=1)
    assert [one.number for one in references.standing(referral)] == [2]
    assert len(reading.page(referral).messages) == 2
    with pytest.raises(NotAllowed, match="Only who wrote"):
        gives(world, "ben", referral, accession_number="3", corrects=2)
    sending.send(referral.code, text="Of another patient.", corrects=2, **world.press("ada"))
    assert references.standing(referral) == []


def test_a_reference_corrects_no_message_and_so_reaches_no_crew(world: World) -> None:
    referral = world.refers()
    sending.send(referral.code, text="Come to ward 3", **world.press("ada"))
    with pytest.raises(BadInput, match="That is no reference"):
        gives(world, "ada", referral, accession_number="2", corrects=1)
    assert Message.objects.count() == 1


@pytest.mark.parametrize(
    "statement",
    ["update referrals_reference set address = 'https://evil.example'", "delete from referrals_reference"],
)
def test_the_database_lets_nobody_change_or_remove_one(world: World, statement: str) -> None:
    gives(world, "ada", world.refers())
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        connection.cursor().execute(statement)
