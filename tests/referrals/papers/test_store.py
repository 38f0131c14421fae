"""Pictures and papers in a store that speaks S3: the whole way in and out, through us alone, and what happens when it
is away. The server is a real one, on loopback."""

import re
import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import storages

from config.machine.ports import free_port
from referrals.models import Message, Paper, Upload
from referrals.papers import incoming, kept, opening
from referrals.papers.refusals import BadPaper, Busy
from tests.referrals.papers import files, store
from tests.referrals.papers.test_cut_off import comes, ends
from tests.referrals.papers.test_intake import identifiers, sends
from tests.world import World


@pytest.fixture(scope="module")
def speaks_s3() -> Iterator[str]:
    with store.server() as address:
        yield address


@pytest.fixture
def bucket(speaks_s3: str, settings: Any, tmp_path: Path) -> store.Bucket:
    """An empty bucket, and empty places on this machine."""
    found = store.Bucket(speaks_s3)
    uses(settings, found.setting())
    settings.PAPERS_INCOMING, settings.PAPERS_CACHE = str(tmp_path / "incoming"), str(tmp_path / "cache")
    return found


def uses(settings: Any, papers: dict[str, Any]) -> None:
    settings.STORAGES = {**settings.STORAGES, "papers": papers}


def forgets(settings: Any) -> None:
    """Another web process, which has no copy of anything."""
    for copy in Path(settings.PAPERS_CACHE).iterdir():
        copy.unlink()


def copies(settings: Any) -> list[str]:
    return sorted(copy.name for copy in Path(settings.PAPERS_CACHE).iterdir())


def test_a_stack_is_kept_sealed_and_private_and_scrolled_by_another_process(
    world: World, bucket: store.Bucket, settings: Any
) -> None:
    sent, referral = files.dicom("CT_small.dcm"), world.refers()
    message = sends(world, referral, sent)
    paper = Paper.objects.get(message=message)
    assert bucket.names() == [f"dido/{paper.name}"]
    stored = bucket.bytes_of(f"dido/{paper.name}")
    assert len(stored) == paper.size
    assert {secret for secret in identifiers(sent) if secret in stored} == set()
    assert bucket.grants(f"dido/{paper.name}") == set()
    assert bucket.head(f"dido/{paper.name}")["CacheControl"] == "no-store, private"
    assert not any(Path(settings.PAPERS_INCOMING).iterdir())
    for _ in range(2):
        stack, pixels = opening.frame(paper, 0)
        assert pixels == stored[: stack.frame_bytes]
        forgets(settings)
    assert opening.frame(paper, 0)[1] == stored
    bucket.loses(f"dido/{paper.name}")
    assert opening.frame(paper, 0)[1] == stored, "the other images of a stack come from the copy"


def test_there_is_no_address_of_the_store_to_hand_out(bucket: store.Bucket) -> None:
    with pytest.raises(NotImplementedError):
        storages["papers"].url("anything")


def test_many_that_open_a_stack_together_fetch_it_once(
    world: World, bucket: store.Bucket, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    paper = Paper.objects.get(message=sends(world, world.refers(), files.slice_of(1)))
    forgets(settings)
    fetched: list[int] = []
    found: list[bytes] = []
    fetch = kept._fetch

    def counts(*said: Any) -> None:
        fetched.append(1)
        fetch(*said)

    monkeypatch.setattr(kept, "_fetch", counts)
    readers = [threading.Thread(target=lambda: found.append(opening.whole(paper))) for _ in range(6)]
    for reader in readers:
        reader.start()
    for reader in readers:
        reader.join(20)
    assert len(found) == 6
    assert len(set(found)) == len(fetched) == 1


def test_the_copies_keep_to_their_room_and_what_was_looked_at_last_stays(
    world: World, bucket: store.Bucket, settings: Any
) -> None:
    referral = world.refers()
    papers = [
        Paper.objects.get(message=sends(world, referral, files.slice_of(number))) for number in range(3)
    ]
    settings.PAPERS_CACHE_MOST_BYTES = papers[0].size * 2
    opening.whole(papers[0])
    forgets(settings)
    for paper in (papers[0], papers[1], papers[0], papers[2]):
        assert len(opening.whole(paper)) == paper.size
    assert copies(settings) == sorted([papers[0].name, papers[2].name])
    settings.PAPERS_CACHE_MOST_BYTES = 0
    assert len(opening.whole(papers[1])) == papers[1].size
    assert copies(settings) == []


def test_a_copy_that_was_cut_off_is_fetched_again(world: World, bucket: store.Bucket, settings: Any) -> None:
    paper = Paper.objects.get(message=sends(world, world.refers(), files.slice_of(1)))
    whole = opening.whole(paper)
    (Path(settings.PAPERS_CACHE) / paper.name).write_bytes(whole[:100])
    assert opening.whole(paper) == whole


def test_while_the_store_is_away_nothing_is_lost_and_it_says_so(
    world: World, bucket: store.Bucket, settings: Any
) -> None:
    referral, sent = world.refers(), files.pdf()
    paper = Paper.objects.get(message=sends(world, referral, sent))
    upload = comes(world, referral, sent)
    uses(settings, bucket.setting(endpoint=f"http://127.0.0.1:{free_port()}"))
    assert opening.whole(paper) == sent, "from the copy"
    forgets(settings)
    with pytest.raises(Busy, match="does not answer"):
        opening.whole(paper)
    with pytest.raises(Busy, match="does not answer"):
        ends(world, upload)
    assert Upload.objects.filter(pk=upload.pk).exists()
    assert Message.objects.count() == 1
    uses(settings, bucket.setting())
    assert ends(world, upload).number == 2
    assert opening.whole(paper) == sent


def test_what_the_store_has_lost_is_not_called_away(
    world: World, bucket: store.Bucket, settings: Any
) -> None:
    paper = Paper.objects.get(message=sends(world, world.refers(), files.pdf()))
    forgets(settings)
    bucket.loses(f"dido/{paper.name}")
    with pytest.raises(FileNotFoundError):
        opening.whole(paper)


def test_what_is_refused_or_never_ended_leaves_nothing_in_the_store(
    world: World, bucket: store.Bucket, settings: Any
) -> None:
    referral = world.refers()
    with pytest.raises(BadPaper):
        sends(world, referral, b"<html>" * 50)
    upload = comes(world, referral, files.pdf())
    kept.put(upload.pk.hex, incoming.path(upload, 0))  # as a process that died before its end had left it
    assert bucket.names() == [f"dido/{upload.pk.hex}"]
    incoming.sweep(world.now + timedelta(hours=2))
    assert bucket.names() == []
    assert copies(settings) == []
    assert not Upload.objects.exists()


def test_a_large_file_goes_and_comes_in_parts(bucket: store.Bucket, settings: Any, tmp_path: Path) -> None:
    whole = bytes(range(256)) * 40_000  # ten megabytes: more than is held in memory
    (tmp_path / "clean").write_bytes(whole)
    kept.put("large", tmp_path / "clean")
    assert re.fullmatch(r'"[0-9a-f]{32}-2"', bucket.head("dido/large")["ETag"]), "sent in two parts"
    forgets(settings)
    assert opening.whole(Paper(name="large", size=len(whole))) == whole
