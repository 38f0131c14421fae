"""How a file comes in: announced with its size, in parts that may be sent again, looked at, stripped, kept or refused.

Called by the case's page and the API. Whatever is refused leaves nothing behind, neither a row nor a byte; what is
kept becomes a message of the conversation.
"""

import shutil
import tempfile
import threading
import uuid
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import IO, Any

from django.conf import settings
from django.db import transaction

from network import permissions
from network.models import Person
from referrals import queries
from referrals.conversation import places, sending
from referrals.models import Message, Paper, PaperKind, Upload
from referrals.papers import images, incoming, kept, kinds, photos
from referrals.papers.kinds import Kind
from referrals.papers.refusals import BadPaper, Busy, TooLarge
from referrals.refusals import BadInput, NotVisible, Refusal, WrongState

PART = 1024 * 1024  # bytes that are taken at once
MOST_FILES = 600
AT_ONCE = 5  # uploads of one person
READ = 64 * 1024
LONGEST_SIZE = 12  # digits of a number of bytes
LARGEST = 10**LONGEST_SIZE
SPARE = 10  # times the most that may be sent at once must be free on the disk
KEYS = uuid.UUID("5d0c1c0e-3f0b-4b7e-9a55-2f1f4f3b8a61")  # the name space of uploads that have a key
LOST = "What had come of it was lost on the server. Send it again."

_eyes = threading.BoundedSemaphore(
    2
)  # what is being looked at in one process: each may take hundreds of megabytes


class OutOfStep(WrongState):
    """This part does not follow what has come; `have` says from where to go on."""

    def __init__(self, have: int) -> None:
        super().__init__("out_of_step", "This part was sent twice or out of order.")
        self.have = have


def sizes(said: Any) -> list[int]:
    """The sizes of files as they were announced, in bytes; BadInput where these are none."""
    if not isinstance(said, list) or not all(type(size) is int and 0 <= size < LARGEST for size in said):
        raise BadInput({"sizes": "Say how large the files are."})
    return said


def begin(code: str, announced: Sequence[int], *, by: Person, at: datetime, key: str = "") -> Upload:
    """Announce files of these sizes in bytes; TooLarge before a byte of them has come. The same key again gives the
    same upload, however far it has come."""
    rights = permissions.rights(by, at=at)
    referral = queries.get(rights, code)
    places.of(rights, referral)
    if not announced or len(announced) > MOST_FILES or min(announced) < 1:
        raise BadPaper(f"Send 1 to {MOST_FILES} files at once, none of them empty.")
    if sum(announced) > settings.PAPERS_MOST_BYTES:
        most = settings.PAPERS_MOST_BYTES // 1_000_000
        raise TooLarge(f"This is too large: at most {most} MB at once. Send the images that matter.")
    incoming.sweep(at)
    _check_room()
    with transaction.atomic():
        Person.objects.select_for_update(no_key=True).get(pk=by.pk)
        upload = Upload(referral=referral, by=by, sizes=list(announced), opened_at=at)
        if key:
            upload.pk = uuid.uuid5(KEYS, f"{by.pk}:{key}")
            if first := _begun(upload):
                return first
        incoming.make_room(by, most=AT_ONCE)
        upload.save(force_insert=True)
        return upload


def _begun(upload: Upload) -> Upload | None:
    """What the same key began, or has ended, before."""
    first = Upload.objects.filter(pk=upload.pk).first()
    if first is None and (message := _sent(upload.pk, upload.by)):
        first = Upload(pk=upload.pk, referral_id=message.referral_id, by=upload.by, sizes=upload.sizes)
        first.received = sum(upload.sizes)
    if first and (first.referral_id, first.sizes) != (upload.referral_id, upload.sizes):
        raise WrongState("key_used", "This idempotency key was already used for something else.")
    return first


def _check_room() -> None:
    place = Path(settings.PAPERS_INCOMING)
    place.mkdir(parents=True, exist_ok=True, mode=0o700)
    if shutil.disk_usage(place).free < SPARE * settings.PAPERS_MOST_BYTES:
        raise WrongState("no_room", "The server has no room for pictures. Tell whoever looks after it.")


def part(upload_id: uuid.UUID, stream: IO[bytes], *, offset: int, length: int, by: Person) -> int:
    """Take the next part; how many bytes have come so far. The same part again is out of step, and harmless."""
    try:
        return _take(upload_id, stream, offset=offset, length=length, by=by)
    except FileNotFoundError:
        incoming.drop(upload_id, by=by)
        raise WrongState("lost", LOST) from None


def _take(upload_id: uuid.UUID, stream: IO[bytes], *, offset: int, length: int, by: Person) -> int:
    with transaction.atomic():
        upload = incoming.locked(upload_id, by)
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


def finish(upload_id: uuid.UUID, *, by: Person, clock: Callable[[], datetime], text: str = "") -> Message:
    """All has come: look at it, strip it, keep it, and tell the conversation; BadPaper where it is not taken.

    `clock` is read once it has been looked at, which may take a minute: the message is sent then. Busy says that it is
    being looked at, or others are, and loses nothing.
    """
    if done := _sent(upload_id, by):
        return done
    if not _eyes.acquire(blocking=False):
        raise Busy("The server is looking at other pictures.")
    try:
        message = _finish(upload_id, by, clock, text)
    except (OutOfStep, Busy):
        raise
    except NotVisible:
        if done := _sent(upload_id, by):  # the first try, whose answer did not come back, has ended meanwhile
            return done
        incoming.drop(upload_id, by=by)
        raise
    except FileNotFoundError:
        incoming.drop(upload_id, by=by)
        raise WrongState("lost", LOST) from None
    except Refusal:
        incoming.drop(upload_id, by=by)
        raise
    finally:
        _eyes.release()
    incoming.forget(upload_id)
    return message


def _finish(upload_id: uuid.UUID, by: Person, clock: Callable[[], datetime], text: str) -> Message:
    with transaction.atomic():
        upload = incoming.locked(upload_id, by)
        if upload.received != sum(upload.sizes):
            raise OutOfStep(upload.received)
        paths = [incoming.path(upload, number) for number in range(len(upload.sizes))]
        kind, size, shape = _keep(paths, upload.pk.hex)
        words = text or _words(kind, shape)
        message = sending.send(upload.referral.code, text=words, by=by, at=clock(), key=_key(upload_id))
        Paper.objects.create(message=message, kind=kind, name=upload.pk.hex, size=size, shape=shape)
        upload.delete()
    return message


def _key(upload_id: uuid.UUID) -> str:
    return f"paper-{upload_id}"


def _sent(upload_id: uuid.UUID, by: Person) -> Message | None:
    return Message.objects.filter(key=f"{by.pk}:{_key(upload_id)}").first()


def sent(upload_id: uuid.UUID, by: Person, code: str) -> Message | None:
    """The message of this referral that this person's upload has become."""
    message = _sent(upload_id, by)
    return message if message and message.referral.code == code.upper() else None


def _keep(paths: Sequence[Path], name: str) -> tuple[PaperKind, int, dict[str, Any]]:
    """What these files are, stripped and in the storage under this name: kind, size and how to show it."""
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
            _check_paper(clean)
        kept.put(name, clean)
        return PaperKind(kind.value), clean.stat().st_size, shape


def _check_paper(paper: Path) -> None:
    if paper.stat().st_size > settings.PAPERS_MOST_PDF_BYTES:
        most = settings.PAPERS_MOST_PDF_BYTES // 1_000_000
        raise TooLarge(f"This PDF is too large: at most {most} MB. Send the pages that matter.")


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
            found.append((incoming.path(upload, number), first - begins, last - first))
        begins += size
    return found


def _copy(stream: IO[bytes], file: IO[bytes], many: int) -> None:
    while many:
        some = stream.read(min(READ, many))
        if not some:
            raise TooLarge("This part is shorter than it says.")
        file.write(some)
        many -= len(some)
