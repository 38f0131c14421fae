"""Pictures and papers on the web: in by parts, out to parties alone, and kept by no cache."""

import json
from pathlib import Path
from typing import Any

import pytest

from referrals.models import Paper, Referral
from referrals.papers import intake
from tests.frontend.browser import Door, see, text
from tests.referrals.papers import files
from tests.referrals.papers.test_intake import identifiers
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


def begins(client: Any, referral: Referral, *sizes: Any) -> Any:
    return client.post(f"/r/{referral.code}/papers/", {"sizes": json.dumps(sizes)})


def sends(client: Any, referral: Referral, *sent: bytes) -> Any:
    begun = begins(client, referral, *(len(one) for one in sent))
    assert begun.status_code == 201
    upload, whole = begun.json()["upload"], b"".join(sent)
    for at in range(0, len(whole), intake.PART):
        some = whole[at : at + intake.PART]
        answer = client.post(f"/papers/{upload}/part/?at={at}", some, content_type="application/octet-stream")
        assert answer.json() == {"have": at + len(some)}
    return client.post(f"/papers/{upload}/finish/")


def test_a_stack_is_sent_opened_and_scrolled(world: World, door: Door) -> None:
    referral = world.refers()
    assert sends(door("ada"), referral, files.slice_of(1), files.slice_of(2)).json() == {"number": 1}
    page = text(see(door("ben"), referral))
    assert "2 images, CT" in page
    assert "Open the images" in page
    assert f'href="/r/{referral.code}/papers/1/"' in text(door("ben").get(f"/r/{referral.code}/messages/"))
    assert "Images sent 03:10, not seen at a hub yet" in page
    address = f"/r/{referral.code}/papers/1/"
    world.wind(minutes=2)
    assert "Nobody but its sender has opened it yet" in text(door("ben").get(address)), "a GET notes nothing"
    assert door("ben").post(f"{address}seen/").status_code == 204
    viewer = text(door("ben").get(address))
    assert "Not for primary diagnosis" in viewer
    assert "Ben Hale, Walton, 03:12" in viewer
    for window in ("brain", "angio", "bone"):
        frame = door("ben").get(f"{address}frames/1/{window}/")
        assert frame.content.startswith(b"\xff\xd8")
        assert "no-store" in frame["Cache-Control"]
    assert door("ben").get(f"{address}frames/2/brain/").status_code == 404
    assert "Images sent 03:10, first seen at a hub 03:12" in text(see(door("ada"), referral))


def test_of_a_real_scanners_file_no_identifier_is_in_any_byte_that_we_answer(
    world: World, door: Door
) -> None:
    sent, referral = files.dicom("CT_small.dcm"), world.refers()
    known = identifiers(sent)
    answers = [sends(door("ada"), referral, sent)]
    case, paper = f"/r/{referral.code}/", f"/r/{referral.code}/papers/1/"
    for path in (
        f"{case}?full=1",
        f"{case}messages/",
        f"{case}messages/print/",
        paper,
        f"{paper}frames/0/brain/",
    ):
        answers.append(door("ben").get(path))
        assert answers[-1].status_code == 200, path
    for answer in answers:
        whole = b"\n".join([answer.content, *(f"{name}: {said}".encode() for name, said in answer.items())])
        assert {secret for secret in known if secret in whole} == set()


def test_a_photograph_is_shown_and_a_pdf_is_handed_over(world: World, door: Door) -> None:
    referral = world.refers()
    sends(door("ada"), referral, files.photo())
    sends(door("ada"), referral, files.pdf())
    picture = door("ben").get(f"/r/{referral.code}/papers/1/whole/")
    assert (picture["Content-Type"], picture["X-Content-Type-Options"]) == ("image/jpeg", "nosniff")
    assert files.CANARY not in picture.content
    paper = door("ben").get(f"/r/{referral.code}/papers/2/whole/")
    assert paper["Content-Disposition"] == f'attachment; filename="{referral.code}-2.pdf"'
    assert "no-store" in paper["Cache-Control"]


@pytest.mark.parametrize("username", ["zed", "mo", "wyn", "una"])
def test_a_stranger_is_served_nothing(world: World, door: Door, username: str) -> None:
    referral = world.refers()
    sends(door("ada"), referral, files.slice_of(1))
    address = f"/r/{referral.code}/papers/1/"
    stranger = door(username)
    for path in (address, f"{address}whole/", f"{address}frames/0/brain/"):
        assert stranger.get(path).status_code == 404
    assert stranger.post(f"{address}seen/").status_code == 404
    assert begins(stranger, referral, 10).status_code == 404
    assert Paper.objects.count() == 1


def test_what_is_refused_comes_back_with_a_sentence(world: World, door: Door) -> None:
    referral, ada = world.refers(), door("ada")
    assert sends(ada, referral, b"<html>" * 50).status_code == 422
    too_large = begins(ada, referral, 2_000_000_000)
    assert too_large.status_code == 413
    assert "at most 200 MB" in too_large.json()["message"]
    for sizes in ([], [-1], ["a"], [True], [1.5]):
        assert begins(ada, referral, *sizes).status_code == 422
    assert ada.post(f"/r/{referral.code}/papers/", {"sizes": "[" * 5000}).status_code == 422
    upload = begins(ada, referral, 10).json()["upload"]
    again = ada.post(f"/papers/{upload}/part/?at=3", b"x", content_type="application/octet-stream")
    assert (again.status_code, again.json()["have"]) == (409, 0)
    assert ada.post(f"/papers/{upload}/part/?at=x", b"x", content_type="x/y").status_code == 411
    assert ada.post(f"/papers/{upload}/drop/").status_code == 204
    assert ada.post(f"/papers/{upload}/finish/").status_code == 404
