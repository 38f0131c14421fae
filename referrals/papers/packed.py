"""How the pixels of a DICOM file are packed: what would swell beyond what its head says is refused before that.

Called by referrals.papers.images for each file, first for its kind and then, by the size that its head gives, for every
frame. Nothing here unpacks a pixel.
"""

from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

import pydicom
from PIL import Image
from pydicom import encaps, filereader, uid

from referrals.papers.refusals import BadPaper

PLAIN = frozenset({uid.ImplicitVRLittleEndian, uid.ExplicitVRLittleEndian, uid.ExplicitVRBigEndian})
PICTURES = frozenset({uid.JPEGBaseline8Bit, uid.JPEGExtended12Bit, uid.JPEG2000Lossless, uid.JPEG2000})
TAKEN = PLAIN | PICTURES | {uid.RLELossless}  # never deflated: a head that swells without limit
BEGINS = (b"\xff\xd8\xff", b"\xff\x4f\xff\x51")  # JPEG, and JPEG 2000 without a box around it
MOST_RUN = 2048 * 2048 * 2  # bytes of a frame; runs may swell to 64 times of what is sent
HEAD = 12  # bytes between a head and its packed pixels: tag, kind, length
CANNOT_UNPACK = (
    "These images are packed in a way that Dido cannot read. Send them from the PACS without compression."
)
SWELLS = (
    "This DICOM file is broken: its images are larger than it says. Send it again from the scanner or PACS."
)


def check_kind(path: Path) -> None:
    """BadPaper unless the file is packed in one of the ways that are unpacked here."""
    if filereader.read_file_meta_info(path).get("TransferSyntaxUID") not in TAKEN:
        raise BadPaper(CANNOT_UNPACK)


def check_frames(path: Path, width: int, height: int, size: int) -> None:
    """BadPaper where a packed frame has another size in points than its head says, or may swell beyond it."""
    kind = filereader.read_file_meta_info(path).TransferSyntaxUID
    if kind in PLAIN:
        return
    with path.open("rb") as file:
        for frame in _frames(file):
            if kind == uid.RLELossless:
                fits = size <= MOST_RUN and len(frame) <= size + size // 32 + 1024
            else:
                fits = frame.startswith(BEGINS) and _size(frame) == (width, height)
            if not fits:
                raise BadPaper(SWELLS)


def _frames(file: BinaryIO) -> Iterator[bytes]:
    """Exactly the frames that the reader of pixels will unpack."""
    tables = ("ExtendedOffsetTable", "ExtendedOffsetTableLengths")
    head = pydicom.dcmread(file, stop_before_pixels=True, specific_tags=[*tables, "NumberOfFrames"])
    file.seek(HEAD, 1)
    places = tuple(head[name].value for name in tables) if all(name in head for name in tables) else None
    many = max(1, int(head.get("NumberOfFrames") or 1))
    return encaps.generate_frames(file, number_of_frames=many, extended_offsets=places)


def _size(frame: bytes) -> tuple[int, int]:
    with Image.open(BytesIO(frame), formats=("JPEG", "JPEG2000")) as picture:
        return picture.size
