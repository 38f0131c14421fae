"""Uploads that are cut off at any step: nothing that was sent is said to be lost, and nothing that was not stays."""

import os
import shutil
import threading
import uuid
from collections import namedtuple
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, transaction

from referrals.conversation import sending
from referrals.models import Message, Paper, Referral, Upload
from referrals.papers import incoming, intake
from referrals.papers.refusals import Busy, TooLarge
from referrals.refusals import WrongState
from tests.referrals.papers import files
from tests.together import PATIENCE
from tests.world import World

HOURS = timedelta(hours=2)


def comes(world: World, referral: Referral, sent: bytes) -> Upload:
    """All of a file is on the server, and nobody has looked at it."""
    ada = world.people["ada"]
    upload = intake.begin(referral.code, [len(sent)], by=ada, at=world.now)
    intake.part(upload.pk, BytesIO(sent), offset=0, length=len(sent), by=ada)
    return upload


def ends(world: World, upload: Upload) -> Message:
    return intake.finish(upload.pk, by=world.people["ada"], clock=lambda: world.now)


def lying(shelf: Path) -> list[str]:
    return sorted(path.parent.name for path in shelf.rglob("*") if path.is_file())


def test_a_first_try_that_ends_while_the_second_waits_is_sent_and_not_refused(
    world: World, shelf: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    upload = comes(world, world.refers(), files.pdf())
    first = ends(world, upload)
    looks = iter([None, first])
    monkeypatch.setattr(intake, "_sent", lambda *_said: next(looks))
    assert ends(world, upload) == first


def test_the_server_looks_at_two_at_once_and_the_third_comes_again(world: World, shelf: Path) -> None:
    upload = comes(world, world.refers(), files.pdf())
    with intake._eyes, intake._eyes, pytest.raises(Busy):
        ends(world, upload)
    assert Upload.objects.exists()
    assert ends(world, upload).number == 1


@contextmanager
def held(upload: Upload) -> Iterator[None]:
    """Another connection is at work on this upload."""
    has, may_end = threading.Event(), threading.Event()

    def hold() -> None:
        try:
            with transaction.atomic():
                Upload.objects.select_for_update().get(pk=upload.pk)
                has.set()
                may_end.wait(PATIENCE)
        finally:
            connection.close()

    thread = threading.Thread(target=hold)
    thread.start()
    assert has.wait(PATIENCE)
    try:
        yield
    finally:
        may_end.set()
        thread.join()


def test_an_upload_that_is_being_looked_at_is_neither_taken_twice_nor_swept(
    open_world: World, shelf: Path
) -> None:
    upload = comes(open_world, open_world.refers(), files.pdf())
    with held(upload):
        with pytest.raises(Busy):
            ends(open_world, upload)
        with pytest.raises(Busy):
            intake.part(upload.pk, BytesIO(b"x"), offset=0, length=1, by=open_world.people["ada"])
        incoming.sweep(open_world.now + HOURS)
    assert ends(open_world, upload).number == 1


def test_what_was_kept_before_an_unclear_end_is_kept_once_by_the_next_try(
    world: World, shelf: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    upload = comes(world, world.refers(), files.pdf())
    with monkeypatch.context() as broken:
        broken.setattr(sending, "send", lambda *_said, **_more: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            ends(world, upload)
    assert lying(shelf) == sorted(["kept", upload.pk.hex])
    ends(world, upload)
    assert lying(shelf) == ["kept"]
    assert Paper.objects.get().name == upload.pk.hex


def test_what_was_kept_of_an_upload_that_nobody_ended_goes_with_it(
    world: World, shelf: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    upload = comes(world, world.refers(), files.pdf())
    with monkeypatch.context() as broken:
        broken.setattr(sending, "send", lambda *_said, **_more: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            ends(world, upload)
    incoming.sweep(world.now + HOURS)
    assert lying(shelf) == []
    assert not Upload.objects.exists()


def test_a_folder_whose_upload_is_gone_is_swept_once_it_is_old(world: World, shelf: Path) -> None:
    upload, place = comes(world, world.refers(), files.pdf()), shelf / "incoming"
    left, young, other = place / uuid.uuid4().hex, place / uuid.uuid4().hex, place / "lost+found"
    for one, age in ((left, HOURS), (young, timedelta()), (other, HOURS), (place / upload.pk.hex, HOURS)):
        one.mkdir(exist_ok=True)
        (one / "0").write_bytes(files.CANARY)
        moment = (world.now - age).timestamp()
        os.utime(one, (moment, moment))
    incoming.sweep(world.now)
    assert lying(shelf) == sorted([young.name, other.name, upload.pk.hex])


def test_a_sixth_upload_takes_the_place_of_ones_own_oldest(world: World, shelf: Path) -> None:
    referral = world.refers()
    oldest = comes(world, referral, files.pdf())
    for _ in range(intake.AT_ONCE):
        world.wind(seconds=1)
        comes(world, referral, files.pdf())
    assert Upload.objects.count() == intake.AT_ONCE
    assert not Upload.objects.filter(pk=oldest.pk).exists()
    assert oldest.pk.hex not in lying(shelf)


def test_a_disk_without_room_is_said_before_a_byte_has_come(
    world: World, shelf: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda _place: usage(10**12, 10**12, 1_999_999_999))
    with pytest.raises(WrongState, match="no room"):
        comes(world, world.refers(), files.pdf())
    assert not Upload.objects.exists()


def test_parts_that_the_server_lost_are_asked_for_again(world: World, shelf: Path) -> None:
    ada, referral, sent = world.people["ada"], world.refers(), files.pdf()
    begun = intake.begin(referral.code, [len(sent)], by=ada, at=world.now)
    intake.part(begun.pk, BytesIO(sent[:9]), offset=0, length=9, by=ada)
    ready = comes(world, referral, sent)
    for upload in (begun, ready):
        shutil.rmtree(incoming.folder(upload.pk))
    with pytest.raises(WrongState, match="Send it again"):
        intake.part(begun.pk, BytesIO(sent[9:18]), offset=9, length=9, by=ada)
    with pytest.raises(WrongState, match="Send it again"):
        ends(world, ready)
    assert not Upload.objects.exists()


def test_a_pdf_is_at_most_as_large_as_one_is_handed_over(world: World, shelf: Path, settings: Any) -> None:
    settings.PAPERS_MOST_PDF_BYTES = len(files.pdf()) - 1
    upload = comes(world, world.refers(), files.pdf())
    with pytest.raises(TooLarge, match="This PDF"):
        ends(world, upload)
    assert lying(shelf) == []


def test_a_message_is_of_the_moment_at_which_it_had_been_looked_at(
    world: World, shelf: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep = intake._keep

    def slowly(*said: Any) -> Any:
        world.wind(minutes=1)
        return keep(*said)

    monkeypatch.setattr(intake, "_keep", slowly)
    begun = world.now
    assert ends(world, comes(world, world.refers(), files.pdf())).at == begun + timedelta(minutes=1)
