"""DICOM images reduced to their pixels: of all that a scanner writes beside them only how to show them is kept.

Called by referrals.papers.intake. Nothing is removed from a list of identifiers: nothing is taken over but what is
named here, so what a maker hides in a private field is not there either.
"""

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import pydicom
from pydicom import Dataset
from pydicom.pixels.utils import iter_pixels

from referrals.papers import packed, refusals
from referrals.papers.refusals import BadPaper

MOST_FRAMES = 1500
LONGEST_SIDE = 4096  # points
CANNOT_READ = "This DICOM file is broken or incomplete. Send it again from the scanner or PACS."
NO_PICTURE = "This DICOM file holds no picture that can be shown. Send the images themselves."
BURNED_IN = (
    "The scanner says that the patient's name is written into these images. Send them without, or a photograph of the "
    "screen without the name."
)
NOT_ALIKE = "These images do not belong together: they differ in size or kind. Send each series by itself."
TWO_SERIES = "These images are of two series or of two patients. Send each series by itself."
NO_SCALE = (
    "These CT images do not say how dense their numbers are. Send the series as single images, or a photograph of the "
    "screen."
)
LARGEST = 1e9  # of a number that says how to show them
MODALITIES = frozenset({"CT", "MR", "XA", "CR", "DX", "US", "NM", "PT", "RF", "OT"})
ALIKE = (
    "Rows", "Columns", "BitsAllocated", "PixelRepresentation", "SamplesPerPixel", "Modality", "RescaleSlope",
    "RescaleIntercept",
)  # fmt: skip
ONE = ("SeriesInstanceUID", "PatientID")  # compared in memory, and never kept
READ = (
    *ALIKE, *ONE, "BurnedInAnnotation", "ImagePositionPatient", "InstanceNumber", "NumberOfFrames",
    "PhotometricInterpretation", "WindowCenter", "WindowWidth",
)  # fmt: skip


@dataclass(frozen=True)
class Stack:
    """How to show the pixels of one series; nothing of a patient."""

    modality: str
    width: int
    height: int
    frames: int
    colour: bool  # three bytes a point; else one whole number of two bytes
    slope: float
    intercept: float
    inverted: bool
    centre: float | None  # of the window that the scanner proposes
    breadth: float | None

    @property
    def frame_bytes(self) -> int:
        return self.width * self.height * (3 if self.colour else 2)

    def as_row(self) -> dict[str, Any]:
        return asdict(self)


def clean(paths: Sequence[Path], into: BinaryIO, *, most_bytes: int) -> Stack:
    """Write the pixels of these files, a series in its order, frame after frame; or BadPaper."""
    try:
        heads = sorted(((_head(path), path) for path in paths), key=lambda one: _order(one[0]))
        stack = _stack([head for head, _ in heads])
        if stack.frames > MOST_FRAMES or stack.frames * stack.frame_bytes > most_bytes:
            raise BadPaper(f"These are {stack.frames} images: too much to send. Send the ones that matter.")
        written = sum(_write(path, stack, into) for _, path in heads)
    except BadPaper:
        raise
    except Exception as error:
        if refusals.is_of_the_machine(error):
            raise
        raise BadPaper(CANNOT_READ) from None  # a hostile file breaks a reader in any way it likes
    if written != stack.frames:
        raise BadPaper(CANNOT_READ)
    return stack


def _head(path: Path) -> Dataset:
    packed.check_kind(path)
    head = pydicom.dcmread(path, stop_before_pixels=True, specific_tags=list(READ))
    if "Rows" not in head or "Columns" not in head or "BitsAllocated" not in head:
        raise BadPaper(NO_PICTURE)
    if str(head.get("BurnedInAnnotation", "")).upper() == "YES":
        raise BadPaper(BURNED_IN)
    return head


def _order(head: Dataset) -> tuple[float, float]:
    """From the feet up, as a stack is scrolled; where the scanner does not say, in the order of its numbers."""
    position = head.get("ImagePositionPatient")
    height = float(position[2]) if position and len(position) == 3 else 0.0
    return height, float(head.get("InstanceNumber") or 0)


def _stack(heads: Sequence[Dataset]) -> Stack:
    first, frames = heads[0], sum(_frames(head) for head in heads)
    if len({_shape(head) for head in heads}) > 1:
        raise BadPaper(NOT_ALIKE)
    if len({_whose(head) for head in heads}) > 1:
        raise BadPaper(TWO_SERIES)
    width, height = int(first.Columns), int(first.Rows)
    if not (0 < width <= LONGEST_SIDE and 0 < height <= LONGEST_SIDE):
        raise BadPaper(CANNOT_READ)
    if int(first.BitsAllocated) not in {8, 16} or int(first.get("SamplesPerPixel", 1)) not in {1, 3}:
        raise BadPaper(NO_PICTURE)
    return _shown(first, width=width, height=height, frames=frames)


def _shown(first: Dataset, *, width: int, height: int, frames: int) -> Stack:
    modality = str(first.get("Modality", "")).upper()
    colour = int(first.get("SamplesPerPixel", 1)) == 3
    if modality == "CT" and not colour and "RescaleIntercept" not in first:
        raise BadPaper(NO_SCALE)  # its windows would show something else than they say
    return Stack(
        modality=modality if modality in MODALITIES else "",
        width=width,
        height=height,
        frames=frames,
        colour=colour,
        slope=_first(first.get("RescaleSlope")) or 1.0,
        intercept=_first(first.get("RescaleIntercept")) or 0.0,
        inverted=str(first.get("PhotometricInterpretation", "")) == "MONOCHROME1",
        centre=_first(first.get("WindowCenter")),
        breadth=_first(first.get("WindowWidth")),
    )


def _shape(head: Dataset) -> tuple[object, ...]:
    return tuple(str(head.get(name)) for name in ALIKE)


def _whose(head: Dataset) -> tuple[bytes, ...]:
    """Of which series and patient, as the bytes that stand there."""
    said = (head.get_item(name).value if name in head else b"" for name in ONE)
    return tuple(bytes(one or b"").strip(b" \0") for one in said)


def _frames(head: Dataset) -> int:
    return max(1, int(head.get("NumberOfFrames") or 1))


def _first(value: Any) -> float | None:
    if value is None or value == "":
        return None
    number = float(value[0] if isinstance(value, pydicom.multival.MultiValue) else value)
    if not math.isfinite(number) or abs(number) > LARGEST:
        raise BadPaper(CANNOT_READ)
    return number


def _write(path: Path, stack: Stack, into: BinaryIO) -> int:
    packed.check_frames(path, stack.width, stack.height, stack.frame_bytes)
    written = 0
    for frame in iter_pixels(path):  # one at a time: memory stays flat however long the stack is
        shown = (stack.height, stack.width, 3) if stack.colour else (stack.height, stack.width)
        if frame.shape != shown:
            raise BadPaper(CANNOT_READ)
        if stack.colour:
            into.write(np.ascontiguousarray(frame, dtype=np.uint8).tobytes())
        else:
            into.write(np.clip(frame.astype(np.int32), -32768, 32767).astype("<i2").tobytes())
        written += 1
    return written
