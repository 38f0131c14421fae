"""Files as people send them, good and hostile; the DICOM ones are those that pydicom brings along."""

import struct
import zlib
from io import BytesIO
from pathlib import Path

import numpy as np
import pydicom
from PIL import Image
from pydicom.data import get_testdata_file
from pydicom.dataset import FileDataset, FileMetaDataset
from pydicom.uid import CTImageStorage, ExplicitVRLittleEndian, generate_uid

CANARY = b"CANARY^WHITLOCK"


def dicom(name: str) -> bytes:
    """One of pydicom's own files: a real scanner's."""
    path = get_testdata_file(name)
    assert isinstance(path, str)
    return Path(path).read_bytes()


def photo(*, secret: bytes = CANARY) -> bytes:
    """A telephone's photograph, with a name and a place beside its pixels."""
    picture = Image.effect_noise((320, 240), 40).convert("RGB")
    exif = Image.Exif()
    exif[0x010E] = secret.decode()  # ImageDescription
    exif[0x8825] = {1: "N", 2: (53.0, 22.0, 1.0)}  # where it was taken
    exif[0x0112] = 6  # turned on its side
    sent = BytesIO()
    picture.save(sent, "JPEG", exif=exif, comment=secret)
    return sent.getvalue()


def bomb() -> bytes:
    """A PNG of a few hundred bytes that would be 40,000 × 40,000 points."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", 40_000, 40_000, 8, 2, 0, 0, 0)
    pixels = zlib.compress(b"\x00" * 1000)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")


def pdf() -> bytes:
    """A small paper."""
    return b"%PDF-1.7\n1 0 obj\n<< /Type /Catalog >>\nendobj\ntrailer << /Root 1 0 R >>\n%%EOF\n"


def slice_of(number: int, *, side: int = 64, secret: str = CANARY.decode()) -> bytes:
    """One image of a CT series, with the patient's name in it."""
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID, meta.TransferSyntaxUID = CTImageStorage, ExplicitVRLittleEndian
    meta.MediaStorageSOPInstanceUID = generate_uid()
    image = FileDataset("", {}, file_meta=meta, preamble=b"\x00" * 128)
    image.SOPClassUID, image.SOPInstanceUID = CTImageStorage, meta.MediaStorageSOPInstanceUID
    image.PatientName, image.PatientID, image.Modality = secret, "9990000018", "CT"
    image.InstanceNumber, image.ImagePositionPatient = number, [0, 0, float(number)]
    image.Rows = image.Columns = side
    image.SamplesPerPixel, image.PhotometricInterpretation = 1, "MONOCHROME2"
    image.BitsAllocated, image.BitsStored, image.HighBit, image.PixelRepresentation = 16, 12, 11, 0
    image.RescaleSlope, image.RescaleIntercept = 1, -1024
    image.add_new((0x0009, 0x0010), "LO", "A MAKER")
    image.add_new((0x0009, 0x1001), "LO", secret)
    image.PixelData = np.full((side, side), 1024 + number, dtype="<u2").tobytes()
    written = BytesIO()
    pydicom.dcmwrite(written, image, enforce_file_format=True)
    return written.getvalue()
