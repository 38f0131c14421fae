"""Pictures in a store that speaks S3, seen from the browser: by us alone, to parties alone, and kept by no cache."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from config.machine.ports import free_port
from tests.frontend.browser import Door
from tests.frontend.test_papers import sends
from tests.referrals.papers import files, store
from tests.world import World


@pytest.fixture(scope="module")
def speaks_s3() -> Iterator[str]:
    with store.server() as address:
        yield address


def test_a_stack_is_served_by_us_alone_and_no_answer_names_the_store(
    world: World, door: Door, speaks_s3: str, settings: Any, tmp_path: Path
) -> None:
    bucket = store.Bucket(speaks_s3)
    settings.PAPERS_INCOMING, settings.PAPERS_CACHE = str(tmp_path / "incoming"), str(tmp_path / "cache")
    settings.STORAGES = {**settings.STORAGES, "papers": bucket.setting()}
    referral = world.refers()
    assert sends(door("ada"), referral, files.slice_of(1), files.slice_of(2)).json() == {"number": 1}
    assert len(bucket.names()) == 1
    case = f"/r/{referral.code}/"
    pages = (f"{case}?full=1", f"{case}papers/1/", f"{case}papers/1/frames/1/brain/")
    for path in pages:
        answer = door("ben").get(path)
        assert answer.status_code == 200
        assert "no-store" in answer["Cache-Control"]
        told = b"\n".join([answer.content, *(f"{name}: {said}".encode() for name, said in answer.items())])
        assert not [
            one for one in (bucket.name, speaks_s3, bucket.names()[0], "Signature") if one.encode() in told
        ]
        assert door("zed").get(path).status_code == 404
    settings.STORAGES = {
        **settings.STORAGES,
        "papers": bucket.setting(endpoint=f"http://127.0.0.1:{free_port()}"),
    }
    assert door("ben").get(pages[-1]).status_code == 200, "from the copy"
    for copy in (tmp_path / "cache").iterdir():
        copy.unlink()
    away = door("ben").get(pages[-1])
    assert (away.status_code, away["Retry-After"]) == (503, "2")
    assert "does not answer" in away.content.decode()
