"""How a file comes in: announced with its size, in parts that may be sent again, looked at, stripped, kept or refused.

Called by the case's page. Whatever is refused leaves nothing behind, neither a row nor a byte; what is kept becomes a
message of the conversation.
"""

import shutil
import tempfile
import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import IO, Any

from django.conf import settings
from django.core.files import File
from django.core.files.storage import storages
from django.db import transaction

from network import permissions
from network.models import Person
from referrals import queries
from referrals.conversation import places, sending
from referrals.models import Message, Paper, PaperKind, Upload
from referrals.papers import images, kinds, photos
from referrals.papers.kinds import Kind
from referrals.papers.refusals import BadPaper, TooLarge
from referrals.refusals import NotVisible, Refusal, WrongState

PART = 1024 * 1024  # bytes that are taken at once
MOST_FILES = 600
AT_ONCE = 5  # uploads of one person
GIVEN_UP = timedelta(hours=1)
READ = 64 * 1024


class OutOfStep(WrongState):
    """This part does not follow what has come; `have` says from where to go on."""

    def __init__(self, have: int) -> None:
        super().__init__("out_of_step", "This part was sent twice or out of order.")
        self.have = have


def begin(code: str, sizes: Sequence[int], *, by: Person, at: datetime) -> Upload:
    """Announce files of these sizes in bytes; TooLarge before a byte of them has come."""
    rights = permissions.rights(by, at=at)
    referral = queries.get(rights, code)
    places.of(rights, referral)
    if not sizes or len(sizes) > MOST_FILES or min(sizes) < 1:
        raise BadPaper(f"Send 1 to {MOST_FILES} files at once, none of them empty.")
    if sum(sizes) > settings.PAPERS_MOST_BYTES:
        most = settings.PAPERS_MOST_BYTES // 1_000_000
        raise TooLarge(f"This is too large: at most {most} MB at once. Send the images that matter.")
    _sweep(at)
    if Upload.objects.filter(by=by).count() >= AT_ONCE:
        raise WrongState("too_many", "Other files of yours are still on their way. Wait for them first.")
    return Upload.objects.create(referral=referral, by=by, sizes=list(sizes), opened_at=at)


def part(upload_id: uuid.UUID, stream: IO[bytes], *, offset: int, length: int, by: Person) -> int:
    """Take the next part; how many bytes have come so far. The same part again is out of step, and harmless."""
    with transaction.atomic():
        upload = _mine(upload_id, by)
        if offset != upload.received:
            raise OutOfStep(upload.received)
        if not 0 < length <= PART or offset + length > sum(upload.sizes):
            raise TooLarge("This part is larger than what was announced.")
        for path, start, many in _pieces(upload, offset, length):
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            with path.open("r+b" if start else "wb") as file:
                file.seek(start)
                _copy(stream, file, many)
        upload.received += length
        upload.save(update_fields=["received"])
        return upload.received


def finish(upload_id: uuid.UUID, *, by: Person, at: datetime, text: str = "") -> Message:
    """All has come: look at it, strip it, keep it, and tell the conversation; BadPaper where it is not taken."""
    key = f"paper-{upload_id}"
    if done := Message.objects.filter(key=f"{by.pk}:{key}").first():
        return done
    kept = ""
    try:
        with transaction.atomic():
            upload = _mine(upload_id, by)
            if upload.received != sum(upload.sizes):
                raise OutOfStep(upload.received)
            paths = [_path(upload, number) for number in range(len(upload.sizes))]
            kind, kept, size, shape = _keep(paths)
            words = text or _words(kind, shape)
            message = sending.send(upload.referral.code, text=words, by=by, at=at, key=key)
            Paper.objects.create(message=message, kind=kind, name=kept, size=size, shape=shape)
            upload.delete()
    except Exception as error:
        if kept:
            storages["papers"].delete(kept)
        if isinstance(error, Refusal) and not isinstance(error, OutOfStep):
            drop(upload_id, by=by)
        raise
    _forget(upload_id)
    return message


def drop(upload_id: uuid.UUID, *, by: Person) -> None:
    """Nothing of it stays."""
    if Upload.objects.filter(pk=upload_id, by=by).delete()[0]:
        _forget(upload_id)


def _mine(upload_id: uuid.UUID, by: Person) -> Upload:
    rows = Upload.objects.select_for_update(no_key=True, of=("self",)).select_related("referral")
    upload = rows.filter(pk=upload_id, by=by).first()
    if upload is None:
        raise NotVisible
    return upload


def _keep(paths: Sequence[Path]) -> tuple[PaperKind, str, int, dict[str, Any]]:
    """What these files are, stripped and in the storage: kind, name, size and how to show it."""
    found = {_kind(path) for path in paths}
    if len(found) > 1 or (len(paths) > 1 and found != {Kind.DICOM}):
        raise BadPaper("Send photographs and papers one by one; only the images of one series go together.")
    kind = found.pop()
    with tempfile.TemporaryDirectory(dir=paths[0].parent) as folder:
        clean = Path(folder) / "clean"
        shape: dict[str, Any] = {}
        if kind is Kind.PHOTO:
            width, height = photos.clean(paths[0], clean)
            shape = {"width": width, "height": height}
        elif kind is Kind.DICOM:
            with clean.open("wb") as into:
                shape = images.clean(paths, into, most_bytes=settings.PAPERS_MOST_BYTES * 4).as_row()
        else:
            clean = paths[0]
        with clean.open("rb") as file:
            name = storages["papers"].save(uuid.uuid4().hex, File(file))
        return PaperKind(kind.value), name, clean.stat().st_size, shape


def _kind(path: Path) -> Kind:
    with path.open("rb") as file:
        start = file.read(kinds.BEGINS)
        file.seek(max(0, path.stat().st_size - kinds.BEGINS))
        return kinds.of(start, file.read())


def _words(kind: PaperKind, shape: dict[str, Any]) -> str:
    if kind == PaperKind.DICOM:
        many = f"{shape['frames']} images" if shape["frames"] > 1 else "1 image"
        return f"{many}, {shape['modality']}" if shape["modality"] else many
    return "A photograph" if kind == PaperKind.PHOTO else "A paper (PDF)"


def _pieces(upload: Upload, offset: int, length: int) -> list[tuple[Path, int, int]]:
    """The files into which so many bytes go from here on: path, where in it, and how many."""
    found, begins = [], 0
    for number, size in enumerate(upload.sizes):
        first, last = max(offset, begins), min(offset + length, begins + size)
        if first < last:
            found.append((_path(upload, number), first - begins, last - first))
        begins += size
    return found


def _copy(stream: IO[bytes], file: IO[bytes], many: int) -> None:
    while many:
        some = stream.read(min(READ, many))
        if not some:
            raise TooLarge("This part is shorter than it says.")
        file.write(some)
        many -= len(some)


def _folder(upload_id: uuid.UUID) -> Path:
    return Path(settings.PAPERS_INCOMING) / upload_id.hex


def _path(upload: Upload, number: int) -> Path:
    return _folder(upload.pk) / str(number)


def _forget(upload_id: uuid.UUID) -> None:
    shutil.rmtree(_folder(upload_id), ignore_errors=True)


def _sweep(at: datetime) -> None:
    """What was begun and never ended leaves nothing behind either."""
    for upload in Upload.objects.filter(opened_at__lt=at - GIVEN_UP).select_related("by"):
        drop(upload.pk, by=upload.by)
