"""What is still on its way in: its folder, what was already kept of it, and that nothing of it outlives its end.

Used by referrals.papers.intake; `sweep` is one of referrals.chores. What is kept has its upload's name: so long
as the upload is there nobody has it, and whatever was written for it goes with it.
"""

import shutil
import uuid
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.db import OperationalError, transaction
from django.db.models import QuerySet
from psycopg.errors import LockNotAvailable

from network.models import Person
from referrals.models import Upload
from referrals.papers import kept
from referrals.papers.refusals import Busy
from referrals.refusals import NotVisible

GIVEN_UP = timedelta(hours=1)


def folder(upload_id: uuid.UUID) -> Path:
    """Where its parts lie."""
    return Path(settings.PAPERS_INCOMING) / upload_id.hex


def path(upload: Upload, number: int) -> Path:
    """Where this of its files lies."""
    return folder(upload.pk) / str(number)


def locked(upload_id: uuid.UUID, by: Person) -> Upload:
    """This person's upload, for this transaction alone; Busy while another step of it is being done."""
    rows = Upload.objects.select_for_update(no_key=True, nowait=True, of=("self",)).select_related("referral")
    try:
        with transaction.atomic():
            upload = rows.filter(pk=upload_id, by=by).first()
    except OperationalError as error:
        if isinstance(error.__cause__, LockNotAvailable):
            raise Busy("It is still being looked at.") from None
        raise
    if upload is None:
        raise NotVisible
    return upload


def drop(upload_id: uuid.UUID, *, by: Person) -> None:
    """Nothing of it stays; a step of it that is being done ends first."""
    with transaction.atomic():
        _remove(Upload.objects.select_for_update().filter(pk=upload_id, by=by))


def forget(upload_id: uuid.UUID) -> None:
    """Its parts go; where the disk refuses, the sweep tries again."""
    shutil.rmtree(folder(upload_id), ignore_errors=True)


def make_room(by: Person, *, most: int) -> None:
    """This person's oldest uploads go, until one more makes so many."""
    newest = Upload.objects.filter(by=by).order_by("-opened_at", "-pk").values_list("pk", flat=True)
    old = list(newest[most - 1 :])
    _remove(Upload.objects.select_for_update(skip_locked=True).filter(pk__in=old))


def sweep(at: datetime) -> None:
    """What was begun and never ended leaves nothing behind either, whatever ended it."""
    with transaction.atomic():
        _remove(Upload.objects.select_for_update(skip_locked=True).filter(opened_at__lt=at - GIVEN_UP))
    incoming = Path(settings.PAPERS_INCOMING)
    if not incoming.is_dir():
        return
    old = {one.name: one for one in incoming.iterdir() if _is_old(one, at)}
    known = {pk.hex for pk in Upload.objects.filter(pk__in=old).values_list("pk", flat=True)}
    for name, one in old.items():
        if name not in known:
            shutil.rmtree(one, ignore_errors=True)


def _remove(uploads: QuerySet[Upload]) -> None:
    """The bytes first: where that fails their row stays, and they are found again."""
    for upload in uploads:
        kept.remove(upload.pk.hex)
        forget(upload.pk)
        upload.delete()


def _is_old(place: Path, at: datetime) -> bool:
    """Is it the folder of an upload, and untouched for so long that nobody goes on with it?"""
    try:
        return uuid.UUID(place.name).hex == place.name and place.stat().st_mtime < (at - GIVEN_UP).timestamp()
    except (ValueError, FileNotFoundError):
        return False
