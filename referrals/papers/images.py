"""DICOM images reduced to their pixels: of all that a scanner writes beside them only how to show them is kept.

Called by referrals.papers.intake. Nothing is removed from a list of identifiers: nothing is taken over but what is
named here, so what a maker hides in a private field is not there either.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import pydicom
from pydicom import Dataset
from pydicom.pixels.utils import iter_pixels

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
    except Exception:  # noqa: BLE001 a hostile file breaks a reader in any way it likes
        raise BadPaper(CANNOT_READ) from None
    if written != stack.frames:
        raise BadPaper(CANNOT_READ)
    return stack


def _head(path: Path) -> Dataset:
    head = pydicom.dcmread(path, stop_before_pixels=True)
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
    width, height = int(first.Columns), int(first.Rows)
    if not (0 < width <= LONGEST_SIDE and 0 < height <= LONGEST_SIDE):
        raise BadPaper(CANNOT_READ)
    if int(first.BitsAllocated) not in {8, 16}:
        raise BadPaper(NO_PICTURE)
    return Stack(
        modality="".join(c for c in str(first.get("Modality", "")) if c.isascii() and c.isalpha())[
            :4
        ].upper(),
        width=width,
        height=height,
        frames=frames,
        colour=int(first.get("SamplesPerPixel", 1)) == 3,
        slope=float(first.get("RescaleSlope") or 1),
        intercept=float(first.get("RescaleIntercept") or 0),
        inverted=str(first.get("PhotometricInterpretation", "")) == "MONOCHROME1",
        centre=_first(first.get("WindowCenter")),
        breadth=_first(first.get("WindowWidth")),
    )


def _shape(head: Dataset) -> tuple[object, ...]:
    names = ("Rows", "Columns", "BitsAllocated", "PixelRepresentation", "SamplesPerPixel", "Modality")
    return tuple(str(head.get(name)) for name in (*names, "RescaleSlope", "RescaleIntercept"))


def _frames(head: Dataset) -> int:
    return max(1, int(head.get("NumberOfFrames") or 1))


def _first(value: Any) -> float | None:
    if value is None or value == "":
        return None
    return float(value[0] if isinstance(value, pydicom.multival.MultiValue) else value)


def _write(path: Path, stack: Stack, into: BinaryIO) -> int:
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
