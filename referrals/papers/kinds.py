"""What a file is, told by its bytes and never by its name; and what is no file that Dido takes. Pure over bytes.

Called by referrals.papers.intake. A file that is two things at once is refused: one of them was not meant to be seen.
"""

from enum import StrEnum

from referrals.papers.refusals import BadPaper

BEGINS = 4096  # bytes that must be at hand
DICOM_AT = 128
# How other formats begin: in a file that is a picture or a paper they have no place at its begin or after its end.
OTHERS = (
    b"PK\x03\x04", b"PK\x05\x06", b"MZ", b"\x7fELF", b"<!doctype", b"<html", b"<script", b"<svg", b"<?php", b"#!/",
    b"Rar!", b"7z\xbc\xaf",
)  # fmt: skip


class Kind(StrEnum):
    PHOTO = "photo"
    PDF = "pdf"
    DICOM = "dicom"


NOT_TAKEN = "This is no JPEG or PNG picture, no PDF and no DICOM image. Nothing was kept."
TWO_THINGS = "This file is two kinds of file at once. Nothing was kept; send the picture alone."


def of(begin: bytes, end: bytes) -> Kind:
    """The kind of a file by its first and last few thousand bytes, or BadPaper with a sentence."""
    is_dicom = begin[DICOM_AT : DICOM_AT + 4] == b"DICM"
    if begin.startswith((b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n")):
        _check_alone(is_dicom or _hides(_after_picture(end)))
        return Kind.PHOTO
    if begin.startswith(b"%PDF-"):
        _check_alone(is_dicom or _hides(begin[5:1024]) or _hides(_after(end, b"%%EOF")))
        return Kind.PDF
    if is_dicom:
        others = (*(one.lower() for one in OTHERS), b"%pdf-", b"\xff\xd8\xff", b"<")
        _check_alone(begin[:DICOM_AT].lstrip().lower().startswith(others))
        return Kind.DICOM
    raise BadPaper(NOT_TAKEN)


def _check_alone(two_things: bool) -> None:
    if two_things:
        raise BadPaper(TWO_THINGS)


def _after_picture(end: bytes) -> bytes:
    return _after(end, b"\xff\xd9") if b"IEND" not in end else _after(end, b"IEND")


def _after(end: bytes, mark: bytes) -> bytes:
    """What follows the last mark of an end; everything where there is none."""
    place = end.rfind(mark)
    return end[place + len(mark) :] if place >= 0 else end


def _hides(some: bytes) -> bool:
    small = some.lower()
    return any(begin.lower() in small for begin in OTHERS if len(begin) > 2) or small.lstrip()[:2] == b"mz"
