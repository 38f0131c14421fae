"""Pictures and papers by the API: the same validation and sentences as on the page, and once for each key."""

import json
from pathlib import Path
from typing import Any

import pytest

from referrals.models import Message, Paper, Referral, Upload
from tests.api.callers import Caller, caller
from tests.referrals.papers import files
from tests.world import World


@pytest.fixture(autouse=True)
def shelf(settings: Any, tmp_path: Path) -> Path:
    """An empty store, and an empty place for what comes in."""
    settings.PAPERS_INCOMING = str(tmp_path / "incoming")
    papers = {"location": str(tmp_path / "kept"), "base_url": None}
    settings.STORAGES = {
        **settings.STORAGES,
        "papers": {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": papers},
    }
    return tmp_path


def part(program: Caller, place: str, some: bytes, *, at: Any = 0) -> Any:
    return program.client.post(
        f"/api/v1{place}/part?at={at}",
        some,
        content_type="application/octet-stream",
        headers={"Authorization": f"Bearer {program.token}"},
    )


def announced(program: Caller, referral: Referral, *sizes: Any, key: str = "") -> Any:
    return program.post(f"/referrals/{referral.code}/papers", {"sizes": sizes}, key=key)


def place_of(program: Caller, referral: Referral, *sizes: int, key: str = "") -> str:
    upload = announced(program, referral, *sizes, key=key).json()["upload"]
    return f"/referrals/{referral.code}/papers/{upload}"


def sends(program: Caller, referral: Referral, *sent: bytes, key: str = "") -> Any:
    place = place_of(program, referral, *(len(one) for one in sent), key=key)
    part(program, place, b"".join(sent))
    return program.post(f"{place}/finish", {"text": "The drug chart"})


def lying(shelf: Path) -> list[bytes]:
    return [one.read_bytes() for one in shelf.rglob("*") if one.is_file()]


def test_a_photograph_comes_in_parts_is_stripped_and_is_a_message(
    world: World, ada: Caller, ben: Caller, shelf: Path
) -> None:
    referral, sent = world.refers(), files.photo()
    place = place_of(ada, referral, len(sent))
    assert part(ada, place, sent[:1000]).json() == {"received": 1000}
    again = part(ada, place, sent[:1000])
    assert (again.status_code, again.json()["error"], again.json()["received"]) == (409, "out_of_step", 1000)
    assert part(ada, place, sent[1000:], at=1000).json() == {"received": len(sent)}
    done = ada.post(f"{place}/finish", {"text": "The drug chart"})
    assert (done.status_code, done.json()["paper"], done.json()["text"]) == (201, "photo", "The drug chart")
    (told,) = ben.get(f"/referrals/{referral.code}/messages").json()
    assert (told["number"], told["paper"], told["by"]["username"]) == (1, "photo", "ada")
    (stored,) = lying(shelf)
    assert files.CANARY not in stored


def test_the_same_key_goes_on_where_it_was_and_sends_once(world: World, ada: Caller) -> None:
    referral, sent = world.refers(), files.pdf()
    place = place_of(ada, referral, len(sent), key="k1")
    part(ada, place, sent[:5])
    again = announced(ada, referral, len(sent), key="k1")
    assert (again.status_code, again.json()["received"]) == (201, 5)
    assert place.endswith(again.json()["upload"])
    assert announced(ada, referral, len(sent) + 1, key="k1").json()["error"] == "key_used"
    part(ada, place, sent[5:], at=5)
    numbers = [ada.post(f"{place}/finish").json()["number"] for _ in range(3)]
    after = announced(ada, referral, len(sent), key="k1").json()
    assert (numbers, after["received"]) == ([1, 1, 1], len(sent))
    assert (Message.objects.count(), Paper.objects.count(), Upload.objects.count()) == (1, 1, 0)
    other = announced(ada, world.refers(), len(sent), key="k1")
    assert (other.status_code, other.json()["error"]) == (409, "key_used")
    assert place_of(ada, referral, len(sent), key="k2") != place


def test_two_people_with_one_key_have_each_their_own(world: World, ada: Caller, ben: Caller) -> None:
    referral = world.refers()
    assert place_of(ada, referral, 9, key="k") != place_of(ben, referral, 9, key="k")


@pytest.mark.parametrize("username", ["zed", "mo", "wyn", "una"])
def test_whoever_is_not_party_sends_nothing(world: World, ada: Caller, username: str) -> None:
    referral, stranger, sent = world.refers(), caller(world, username), files.pdf()
    assert announced(stranger, referral, 10).status_code == 404
    place = place_of(ada, referral, len(sent))
    part(ada, place, sent)
    for answer in (
        part(stranger, place, b"x"),
        stranger.post(f"{place}/finish"),
        stranger.post(f"{place}/drop"),
    ):
        assert (answer.status_code, answer.json()["error"]) == (404, "not_found")
    assert ada.post(f"{place}/finish").status_code == 201


def test_ones_own_upload_belongs_to_its_case_alone(world: World, ada: Caller) -> None:
    referral, other, sent = world.refers(), world.refers(), files.pdf()
    place = place_of(ada, referral, len(sent))
    wrong = place.replace(referral.code, other.code)
    assert part(ada, wrong, sent).status_code == 404
    part(ada, place, sent)
    assert ada.post(f"{wrong}/finish").status_code == 404
    assert ada.post(f"{place}/finish").status_code == 201
    assert ada.post(f"{wrong}/finish").status_code == 404, "nor when it has been sent"


@pytest.mark.parametrize(
    ("sent", "sentence"),
    [
        (b"<html><script>alert(1)</script>" * 50, "This is no JPEG or PNG picture"),
        (files.bomb(), "far too many points"),
        (files.photo() + b"PK\x03\x04evil", "two kinds of file at once"),
        (files.slice_of(1)[:900], "broken or incomplete"),
    ],
    ids=["html", "bomb", "polyglot", "broken dicom"],
)
def test_a_hostile_file_is_refused_with_the_pages_sentence_and_leaves_nothing(
    world: World, ada: Caller, shelf: Path, sent: bytes, sentence: str
) -> None:
    answer = sends(ada, world.refers(), sent)
    assert (answer.status_code, answer.json()["error"]) == (422, "bad_paper")
    assert sentence in answer.json()["message"]
    assert lying(shelf) == []
    assert not Upload.objects.exists()
    assert not Message.objects.exists()


def test_too_large_is_413_before_a_byte_has_come(world: World, ada: Caller) -> None:
    answer = announced(ada, world.refers(), 2_000_000_000)
    assert (answer.status_code, answer.json()["error"]) == (413, "too_large")
    assert "at most 200 MB" in answer.json()["message"]


@pytest.mark.parametrize("sizes", [None, 5, ["5"], [True], [1.5], [-1], [10**12]])
def test_sizes_that_cannot_be_read_are_refused(world: World, ada: Caller, sizes: Any) -> None:
    answer = ada.post(f"/referrals/{world.refers().code}/papers", {"sizes": sizes})
    assert (answer.status_code, list(answer.json()["fields"])) == (422, ["sizes"])


@pytest.mark.parametrize("at", ["", "x", "-1", "1e3"])
def test_a_place_that_is_none_is_refused(world: World, ada: Caller, at: str) -> None:
    answer = part(ada, place_of(ada, world.refers(), 10), b"x", at=at)
    assert (answer.status_code, list(answer.json()["fields"])) == (422, ["at"])


def test_given_up_nothing_stays(world: World, ada: Caller, shelf: Path) -> None:
    place = place_of(ada, world.refers(), 10)
    part(ada, place, b"12345")
    assert ada.post(f"{place}/finish", {"text": 5}).status_code == 422
    assert ada.post(f"{place}/finish", {"more": "x"}).status_code == 422
    assert ada.post(f"{place}/finish").status_code == 409
    assert ada.post(f"{place}/drop").status_code == 204
    assert lying(shelf) == []
    assert json.loads(part(ada, place, b"6", at=5).content)["error"] == "not_found"
