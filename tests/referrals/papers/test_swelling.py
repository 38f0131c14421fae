"""Files that would swell, lie or mix two patients: refused with a sentence before they cost memory. No database."""

import zlib
from collections.abc import Callable
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import numpy as np
import pydicom
import pytest
from PIL import Image
from pydicom.encaps import encapsulate
from pydicom.uid import UID, DeflatedExplicitVRLittleEndian, JPEG2000Lossless, JPEGBaseline8Bit, RLELossless

from referrals.papers import drawing, images, photos
from referrals.papers.images import Stack
from referrals.papers.refusals import BadPaper
from tests.referrals.papers import files

CHANGE = Callable[[pydicom.Dataset], None]


def changed(change: CHANGE, number: int = 1) -> bytes:
    image = pydicom.dcmread(BytesIO(files.slice_of(number)))
    change(image)
    written = BytesIO()
    image.save_as(written)
    return written.getvalue()


def taken(folder: Path, *sent: bytes) -> tuple[Stack, bytes]:
    paths = []
    for number, one in enumerate(sent):
        paths.append(folder / str(number))
        paths[-1].write_bytes(one)
    into = BytesIO()
    return images.clean(paths, into, most_bytes=10**8), into.getvalue()


def deflated() -> bytes:
    """A hundred kilobytes that would be a hundred megabytes."""
    image = pydicom.dcmread(BytesIO(files.slice_of(1)))
    image.file_meta.TransferSyntaxUID = DeflatedExplicitVRLittleEndian
    head = BytesIO()
    pydicom.dcmwrite(
        head, pydicom.dataset.FileDataset("", {}, file_meta=image.file_meta, preamble=b"\0" * 128)
    )
    squeezed = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    body = squeezed.compress(b"\x09\x00\x01\x10UN\x00\x00\x00\xe1\xf5\x05" + b"\0" * 100_000_000)
    return head.getvalue() + body + squeezed.flush()


def packed(kind: UID, frame: bytes, *, side: int = 64) -> bytes:
    """An image whose head says so many points a side, with this frame in it."""

    def change(image: pydicom.Dataset) -> None:
        image.Rows = image.Columns = side
        image.BitsAllocated = image.BitsStored = 8
        image.HighBit = 7
        image.file_meta.TransferSyntaxUID = kind
        image.PixelData = encapsulate([frame])
        image["PixelData"].VR = "OB"
        image["PixelData"].is_undefined_length = True

    return changed(change)


def frame(kind: str, side: int) -> bytes:
    drawn = BytesIO()
    picture = Image.new("L", (side, side), 7)
    if kind == "JPEG2000":
        picture.save(drawn, kind, no_jp2=True)
    else:
        picture.save(drawn, kind)
    return drawn.getvalue()


def test_a_deflated_head_is_never_blown_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def explodes(*_said: object) -> bytes:
        raise AssertionError("it was inflated")

    sent = deflated()
    assert len(sent) < 200_000
    monkeypatch.setattr(zlib, "decompress", explodes)
    with pytest.raises(BadPaper, match="packed in a way"):
        taken(tmp_path, sent)


@pytest.mark.parametrize("kind", [JPEGBaseline8Bit, JPEG2000Lossless])
def test_a_packed_frame_has_the_size_that_its_head_says(tmp_path: Path, kind: UID) -> None:
    name = "JPEG" if kind == JPEGBaseline8Bit else "JPEG2000"
    stack, pixels = taken(tmp_path, packed(kind, frame(name, 64)))
    assert (stack.width, len(pixels)) == (64, 64 * 64 * 2)
    with pytest.raises(BadPaper, match="larger than it says"):
        taken(tmp_path, packed(kind, frame(name, 1024)))


def test_runs_that_swell_beyond_the_frame_are_refused(tmp_path: Path) -> None:
    with pytest.raises(BadPaper, match="larger than it says"):
        taken(tmp_path, packed(RLELossless, b"\x01\0\0\0\x40" + b"\0" * 59 + b"\x81\x07" * 10_000))


@pytest.mark.parametrize(
    "name",
    [
        "JPEG2000.dcm",
        "MR_small_RLE.dcm",
        "SC_rgb_rle_2frame.dcm",
        "MR_small_jp2klossless.dcm",
        "MR_small_bigendian.dcm",
    ],
)
def test_what_scanners_pack_is_taken(tmp_path: Path, name: str) -> None:
    stack, pixels = taken(tmp_path, files.dicom(name))
    assert len(pixels) == stack.frames * stack.frame_bytes


@pytest.mark.parametrize("said", ["nan", "inf", "1e300"])
@pytest.mark.parametrize("name", ["RescaleSlope", "RescaleIntercept", "WindowCenter", "WindowWidth"])
def test_a_number_that_is_none_is_refused(tmp_path: Path, name: str, said: str) -> None:
    sent = changed(lambda image: setattr(image, name, "1234567"))
    assert sent.count(b"1234567") == 1
    with pytest.raises(BadPaper, match="broken or incomplete"):
        taken(tmp_path, sent.replace(b"1234567", said.ljust(7).encode()))


@pytest.mark.parametrize("name", ["SeriesInstanceUID", "PatientID"])
def test_two_series_or_patients_make_no_stack(tmp_path: Path, name: str) -> None:
    one, same, other = (
        changed(lambda image, said=said: setattr(image, name, said), number)  # type: ignore[misc]
        for number, said in ((1, "1.2.3"), (2, "1.2.3"), (3, "1.2.44"))
    )
    assert taken(tmp_path, one, same)[0].frames == 2
    with pytest.raises(BadPaper, match="two series or of two patients"):
        taken(tmp_path, one, other)


def test_a_ct_without_its_scale_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadPaper, match="how dense"):
        taken(tmp_path, changed(lambda image: delattr(image, "RescaleIntercept")))


def test_an_unknown_kind_of_scanner_is_kept_as_none(tmp_path: Path) -> None:
    assert taken(tmp_path, changed(lambda image: setattr(image, "Modality", "WHITLOCK")))[0].modality == ""


def test_a_full_disk_is_no_fault_of_the_images(tmp_path: Path) -> None:
    class Full(BytesIO):
        def write(self, _some: object) -> int:
            raise OSError(28, "No space left on device")

    (tmp_path / "0").write_bytes(files.slice_of(1))
    with pytest.raises(OSError, match="No space left"):
        images.clean([tmp_path / "0"], Full(), most_bytes=10**8)


def photographed(folder: Path, picture: Image.Image, **how: object) -> tuple[int, int]:
    picture.save(folder / "sent", **how)  # type: ignore[arg-type]
    return photos.clean(folder / "sent", folder / "clean")


def test_a_photograph_of_two_pictures_is_its_first(tmp_path: Path) -> None:
    second = Image.new("RGB", (20, 10), "red")
    size = photographed(
        tmp_path, Image.new("RGB", (40, 30)), format="MPO", save_all=True, append_images=[second]
    )
    assert size == (40, 30)


def test_a_thin_strip_is_not_read_whole(tmp_path: Path) -> None:
    with pytest.raises(BadPaper, match="too large"):
        photographed(tmp_path, Image.new("L", (15_000, 2_500)), format="JPEG")


def test_a_progressive_picture_is_read_whole_and_so_is_smaller(tmp_path: Path) -> None:
    with pytest.raises(BadPaper, match="too large"):
        photographed(tmp_path, Image.new("L", (5_000, 4_100)), format="JPEG", progressive=True)


def test_a_reader_that_breaks_in_any_way_says_that_it_cannot_be_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def breaks(*_said: object) -> object:
        raise ZeroDivisionError

    monkeypatch.setattr("PIL.ImageOps.exif_transpose", breaks)
    with pytest.raises(BadPaper, match="cannot be read"):
        photographed(tmp_path, Image.new("RGB", (40, 30)), format="JPEG")


@pytest.mark.parametrize("inverted", [False, True])
@pytest.mark.parametrize("window", ["brain", "own"])
@pytest.mark.parametrize("slope", [1.0, -2.5])
def test_a_table_of_greys_draws_what_each_point_alone_would_be(
    window: str, slope: float, inverted: bool
) -> None:
    numbers = np.random.default_rng(3).integers(-2000, 3000, (32, 32)).astype("<i2")
    stack = Stack("CT", 32, 32, 1, False, slope, -24.0, inverted, None, None)
    if window == "own":
        stack = replace(stack, modality="MR")
    values = numbers.astype(np.float32) * slope - 24
    low, high = (0.0, 80.0) if window == "brain" else (float(values.min()), float(values.max()))
    greys = np.clip((values - low) / (high - low), 0, 1) * 255
    wanted = (255 - greys if inverted else greys).astype(np.uint8)
    found = drawing._greys(numbers.tobytes(), stack, window)
    assert np.abs(found.astype(int) - wanted).max() <= 1
    assert found.shape == (32, 32)
