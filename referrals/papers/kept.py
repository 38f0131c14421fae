"""The bytes of pictures and papers in the store, and for a store that is far away a bounded copy on this machine.

Called by referrals.papers alone, which know nothing of the store behind Django's storage `papers`. Whoever opens
something has shown before that they may; no address of the store is ever handed out.
"""

import fcntl
import os
import shutil
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from django.conf import settings
from django.core.files import File
from django.core.files.storage import storages

from referrals.models import Paper
from referrals.papers import refusals
from referrals.papers.refusals import Busy

AWAY = "The store of pictures does not answer. Try again in a moment."


def put(name: str, clean: Path) -> None:
    """Keep this file under this name; what a try that was cut off has left there goes."""
    with _reached(), clean.open("rb") as file:
        storages["papers"].delete(name)
        storages["papers"].save(name, File(file))
    if settings.PAPERS_CACHE:
        coming = _here(f"{name}.{uuid.uuid4().hex}")
        shutil.copyfile(clean, coming)
        coming.replace(_here(name))
        _make_room()


def remove(name: str) -> None:
    """Nothing of it stays; no fault where nothing was there."""
    with _reached():
        storages["papers"].delete(name)
    if settings.PAPERS_CACHE:
        _here(name).unlink(missing_ok=True)


@contextmanager
def opened(paper: Paper) -> Iterator[IO[bytes]]:
    """Its bytes, to be read from any place; FileNotFoundError where the store has lost it, Busy while it is away."""
    if not settings.PAPERS_CACHE:
        with _reached():
            file = storages["papers"].open(paper.name)
        with file:
            yield file
        return
    with _copy(paper) as copy:
        yield copy


def _copy(paper: Paper) -> IO[bytes]:
    """The copy on this machine, fetched once however many ask for it at the same moment."""
    here, coming = _here(paper.name), _here(f"{paper.name}.coming")
    while True:
        if copy := _whole(here, paper.size):
            return copy
        file = coming.open("a+b")
        try:
            fcntl.flock(file, fcntl.LOCK_EX)
            if _is_at(coming, file):
                _fetch(paper, file)
                if _is_at(
                    coming, file
                ):  # it may have had to make room meanwhile: then this reader is the last
                    coming.replace(here)
                fcntl.flock(file, fcntl.LOCK_UN)
                _make_room()
                return file
        except BaseException:
            file.close()
            raise
        file.close()  # somebody else has fetched it meanwhile


def _fetch(paper: Paper, file: IO[bytes]) -> None:
    file.truncate(0)
    with _reached(), storages["papers"].open(paper.name) as far:
        shutil.copyfileobj(far, file, 1024 * 1024)
    file.flush()
    if file.tell() != paper.size:
        raise Busy(AWAY)
    file.seek(0)


def _whole(here: Path, size: int) -> IO[bytes] | None:
    try:
        copy = here.open("rb")
    except FileNotFoundError:
        return None
    if os.fstat(copy.fileno()).st_size == size:
        os.utime(here)  # what was looked at last goes last
        return copy
    copy.close()
    here.unlink(missing_ok=True)
    return None


def _is_at(place: Path, file: IO[bytes]) -> bool:
    """Is this open file still the one that lies there?"""
    try:
        return os.path.samestat(place.stat(), os.fstat(file.fileno()))
    except FileNotFoundError:
        return False


def _here(name: str) -> Path:
    folder = Path(settings.PAPERS_CACHE)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return folder / name


def _make_room() -> None:
    """The copies that were not looked at for longest go, until the rest fits; the store has them all."""
    lying: list[tuple[float, int, Path]] = []
    for copy in Path(settings.PAPERS_CACHE).iterdir():
        with suppress(FileNotFoundError):
            stat = copy.stat()
            lying.append((stat.st_mtime, stat.st_size, copy))
    total = sum(size for _, size, _ in lying)
    for _, size, copy in sorted(lying):
        if total <= settings.PAPERS_CACHE_MOST_BYTES:
            return
        copy.unlink(missing_ok=True)
        total -= size


@contextmanager
def _reached() -> Iterator[None]:
    """Whatever a store far away answers with, but that it has no such thing, is said as one thing: it is away."""
    try:
        yield
    except FileNotFoundError:
        raise
    except Exception as error:
        if not settings.PAPERS_CACHE or refusals.is_of_the_machine(error):
            raise
        raise Busy(AWAY) from error
