"""Pictures and papers: what is taken and stripped, and what is refused with a sentence and leaves no trace."""

import re
from io import BytesIO
from pathlib import Path

import pydicom
import pytest

from network import permissions
from referrals import transitions
from referrals.models import Message, Opened, Paper, Referral, Upload
from referrals.papers import drawing, incoming, intake, opening
from referrals.papers.intake import OutOfStep
from referrals.papers.refusals import BadPaper, TooLarge
from referrals.refusals import NotVisible, Refusal
from tests.referrals.papers import files
from tests.world import World


def bytes_of(shelf: Path) -> list[bytes]:
    """Everything that lies anywhere in the store."""
    return [path.read_bytes() for path in shelf.rglob("*") if path.is_file()]


def sends(world: World, referral: Referral, *sent: bytes, who: str = "ada") -> Message:
    by, at = world.people[who], world.wind(minutes=1)
    upload = intake.begin(referral.code, [len(one) for one in sent], by=by, at=at)
    whole = b"".join(sent)
    for start in range(0, len(whole), intake.PART):
        some = whole[start : start + intake.PART]
        intake.part(upload.pk, BytesIO(some), offset=start, length=len(some), by=by)
    return intake.finish(upload.pk, by=by, clock=lambda: at)


def opened(world: World, who: str, referral: Referral, number: int = 1) -> Paper:
    at = world.wind(minutes=1)
    rights = permissions.rights(world.people[who], at=at)
    paper = opening.get(rights, referral.code, number)
    opening.note(rights, paper, at=at)
    return paper


def identifiers(sent: bytes) -> set[bytes]:
    """Every text of three letters or more that a DICOM file says of a patient, a person, a place or a date."""
    said = pydicom.dcmread(BytesIO(sent))
    wanted = {"PN", "LO", "SH", "DA", "TM", "UI", "LT", "ST", "AS", "DT", "UT"}
    texts = {str(element.value) for element in said.iterall() if element.VR in wanted}
    pieces = {piece for text in texts for piece in re.split(r"[\^\\' \[\],]+", text)}
    return {piece.encode() for piece in pieces if len(piece) > 3}


@pytest.mark.parametrize(
    "name", ["CT_small.dcm", "MR_small.dcm", "MR_small_RLE.dcm", "examples_ybr_color.dcm"]
)
def test_of_a_real_scanners_file_no_identifier_is_in_any_stored_or_served_byte(
    world: World, shelf: Path, name: str
) -> None:
    sent, referral = files.dicom(name), world.refers()
    known = identifiers(sent)
    assert len(known) > 10
    message = sends(world, referral, sent)
    stored = bytes_of(shelf)
    assert len(stored) == 1
    paper = opened(world, "ben", referral)
    served = [drawing.draw(pixels, stack, "brain") for stack, pixels in [opening.frame(paper, 0)]]
    told = [str((paper.name, paper.shape, message.text)).encode()]
    for one in [*stored, *served, *told]:
        assert {secret for secret in known if secret in one} == set()
    assert served[0].startswith(b"\xff\xd8")


def test_a_series_is_one_stack_from_the_feet_up_whatever_its_order(world: World, shelf: Path) -> None:
    referral = world.refers()
    message = sends(world, referral, *(files.slice_of(number) for number in (3, 1, 2)))
    assert message.text == "3 images, CT"
    paper = opened(world, "ben", referral)
    firsts = []
    for place in range(3):
        stack, pixels = opening.frame(paper, place)
        firsts.append(int.from_bytes(pixels[:2], "little") + stack.intercept)
    assert firsts == [1, 2, 3]
    assert all(files.CANARY not in stored and b"9990000018" not in stored for stored in bytes_of(shelf))
    with pytest.raises(NotVisible):
        opening.frame(paper, 3)


def test_a_photograph_is_its_pixels_upright_and_nothing_else(world: World, shelf: Path) -> None:
    referral = world.refers()
    sends(world, referral, files.photo())
    (stored,) = bytes_of(shelf)
    assert files.CANARY not in stored
    assert b"Exif" not in stored
    paper = opened(world, "ben", referral)
    assert (paper.shape["width"], paper.shape["height"]) == (240, 320)


def test_a_pdf_is_kept_as_it_is(world: World, shelf: Path) -> None:
    referral = world.refers()
    assert sends(world, referral, files.pdf()).text == "A paper (PDF)"
    assert opening.whole(opened(world, "ben", referral)) == files.pdf()


HOSTILE = {
    "a page named as a picture": (b"<html><script>alert(1)</script></html>", "no JPEG or PNG"),
    "a decompression bomb": (files.bomb(), "far too many points"),
    "a picture that is an archive too": (files.photo() + b"PK\x03\x04evil", "two kinds of file"),
    "a picture with a script behind it": (files.photo() + b"<script>", "two kinds of file"),
    "a paper that is a page too": (b"%PDF-1.7\n<html><script>" + files.pdf()[8:], "two kinds of file"),
    "an image that is a program too": (b"MZ" + files.dicom("CT_small.dcm")[2:], "two kinds of file"),
    "a broken image": (files.dicom("CT_small.dcm")[:3000], "This DICOM file"),
    "an image with half its pixels": (files.dicom("CT_small.dcm")[:-9000], "broken or incomplete"),
    "a broken picture": (files.photo()[:900], "cannot be read"),
    "a plan without a picture": (files.dicom("rtplan.dcm"), "no picture that can be shown"),
    "a program": (b"\x7fELF" + b"\x00" * 500, "no JPEG or PNG"),
}


@pytest.mark.parametrize("sent", HOSTILE)
def test_a_hostile_file_is_refused_with_a_sentence_and_leaves_no_trace(
    world: World, shelf: Path, sent: str
) -> None:
    content, sentence = HOSTILE[sent]
    with pytest.raises(BadPaper, match=sentence):
        sends(world, world.refers(), content)
    assert bytes_of(shelf) == []
    assert not Paper.objects.exists()
    assert not Upload.objects.exists()
    assert not Message.objects.exists()


def test_names_that_are_written_into_the_images_are_refused(world: World, shelf: Path) -> None:
    image = pydicom.dcmread(BytesIO(files.slice_of(1)))
    image.BurnedInAnnotation = "YES"
    written = BytesIO()
    image.save_as(written)
    with pytest.raises(BadPaper, match="written into these images"):
        sends(world, world.refers(), written.getvalue())
    assert bytes_of(shelf) == []


@pytest.mark.parametrize(
    "mixed",
    [
        (files.photo(), files.photo()),
        (files.slice_of(1), files.photo()),
        (files.slice_of(1), files.slice_of(2, side=32)),
    ],
    ids=["two photographs", "an image and a photograph", "images of two sizes"],
)
def test_only_one_series_goes_together(world: World, shelf: Path, mixed: tuple[bytes, ...]) -> None:
    with pytest.raises(BadPaper):
        sends(world, world.refers(), *mixed)
    assert bytes_of(shelf) == []


def test_two_gigabytes_are_refused_before_a_byte_has_come(world: World, shelf: Path) -> None:
    with pytest.raises(TooLarge, match="at most 200 MB"):
        intake.begin(world.refers().code, [2_000_000_000], by=world.people["ada"], at=world.now)
    assert not Upload.objects.exists()


def test_more_than_was_announced_is_refused(world: World, shelf: Path) -> None:
    ada = world.people["ada"]
    upload = intake.begin(world.refers().code, [10], by=ada, at=world.now)
    with pytest.raises(TooLarge):
        intake.part(upload.pk, BytesIO(b"x" * 11), offset=0, length=11, by=ada)


def test_a_part_that_is_sent_again_counts_once_and_says_where_to_go_on(world: World, shelf: Path) -> None:
    ada, sent = world.people["ada"], files.photo()
    upload = intake.begin(world.refers().code, [len(sent)], by=ada, at=world.now)
    half = len(sent) // 2
    assert intake.part(upload.pk, BytesIO(sent[:half]), offset=0, length=half, by=ada) == half
    with pytest.raises(OutOfStep) as early:
        intake.part(upload.pk, BytesIO(sent[:half]), offset=0, length=half, by=ada)
    assert early.value.have == half
    with pytest.raises(OutOfStep):
        intake.finish(upload.pk, by=ada, clock=lambda: world.now)
    intake.part(upload.pk, BytesIO(sent[half:]), offset=half, length=len(sent) - half, by=ada)
    first = intake.finish(upload.pk, by=ada, clock=lambda: world.now)
    assert intake.finish(upload.pk, by=ada, clock=lambda: world.now) == first


def test_nobody_adds_to_anothers_upload(world: World, shelf: Path) -> None:
    upload = intake.begin(world.refers().code, [10], by=world.people["ada"], at=world.now)
    for step in (
        lambda: intake.part(upload.pk, BytesIO(b"x"), offset=0, length=1, by=world.people["ben"]),
        lambda: intake.finish(upload.pk, by=world.people["ben"], clock=lambda: world.now),
    ):
        with pytest.raises(NotVisible):
            step()
    incoming.drop(upload.pk, by=world.people["ben"])
    assert Upload.objects.exists()


def test_what_was_given_up_leaves_nothing(world: World, shelf: Path) -> None:
    ada, referral = world.people["ada"], world.refers()
    upload = intake.begin(referral.code, [10], by=ada, at=world.now)
    intake.part(upload.pk, BytesIO(b"half"), offset=0, length=4, by=ada)
    assert bytes_of(shelf) == [b"half"]
    intake.begin(referral.code, [10], by=ada, at=world.wind(hours=2))
    assert bytes_of(shelf) == []
    assert Upload.objects.count() == 1


@pytest.mark.parametrize("username", ["zed", "mo", "wyn", "una"])
def test_a_stranger_neither_sends_nor_opens(world: World, shelf: Path, username: str) -> None:
    referral = world.refers()
    sends(world, referral, files.slice_of(1))
    with pytest.raises(NotVisible):
        opened(world, username, referral)
    with pytest.raises(Refusal):
        sends(world, referral, files.photo(), who=username)
    assert Paper.objects.count() == 1


def test_a_hub_that_left_opens_nothing_any_more(world: World, shelf: Path) -> None:
    referral = world.refers("RET20", "RM301")
    sends(world, referral, files.slice_of(1))
    opened(world, "mo", referral)
    transitions.decline(referral.code, reason="no_bed", **world.press("mo"))
    with pytest.raises(NotVisible):
        opened(world, "mo", referral)


def test_images_sent_and_images_seen_by_the_hub_are_two_times(world: World, shelf: Path) -> None:
    referral = world.refers()
    assert opening.times(referral) == opening.Times(None, None)
    message = sends(world, referral, files.slice_of(1))
    opened(world, "ada", referral)
    opened(world, "nia", referral)
    assert opening.times(referral) == opening.Times(message.at, None)
    opened(world, "ben", referral)
    seen = world.now
    opened(world, "cleo", referral)
    opened(world, "ben", referral)
    assert opening.times(referral) == opening.Times(message.at, seen)
    assert [one.person.username for one in Opened.objects.order_by("at")] == ["nia", "ben", "cleo"]
