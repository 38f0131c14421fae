"""The search as the web starts it: a process that nothing waits for, seen through its rows, killed in the middle."""

import os
import signal
import subprocess
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from tests.workforce import drafted
from tests.world import World
from workforce import drafts, searching
from workforce.draft_rows import DraftState, RotaDraft

PATIENCE = 180.0  # seconds; a busy machine may be slow to start a process


@pytest.fixture
def house(open_world: World, monkeypatch: pytest.MonkeyPatch) -> World:
    """A committed world, now, whose other processes find its database."""
    known = connection.get_connection_params()
    at = f"{known['user']}:{known['password']}@{known['host']}:{known['port']}"
    monkeypatch.setenv("DATABASE_URL", f"postgresql://{at}/{known['dbname']}")
    monkeypatch.setenv("PUBLIC_URL", "http://127.0.0.1:9")
    open_world.now = timezone.now()
    drafted.ready(open_world)
    return open_world


def until(true: Callable[[], bool]) -> None:
    ends = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < ends, "it did not come to pass"
        time.sleep(0.1)


def state(draft: RotaDraft) -> str:
    return str(RotaDraft.objects.values_list("state", flat=True).get(pk=draft.pk))


def test_a_search_finds_its_rota_and_one_that_is_killed_is_lost_and_asked_again(
    house: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[subprocess.Popen[bytes]] = []
    popen = subprocess.Popen

    def remembered(*arguments: Any, **more: Any) -> "subprocess.Popen[bytes]":
        started.append(popen(*arguments, **more))
        return started[-1]

    monkeypatch.setattr(subprocess, "Popen", remembered)
    killed = drafted.ask(house, first=(house.now + timedelta(days=30)).date())
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_lock(%s)", [searching.TURN])
        searching.start(killed)
        until(lambda: RotaDraft.objects.get(pk=killed.pk).seen_at is not None)
        assert state(killed) == DraftState.ASKED, "another search is under way"
        os.kill(started[0].pid, signal.SIGKILL)
        cursor.execute("select pg_advisory_unlock(%s)", [searching.TURN])
    last = RotaDraft.objects.get(pk=killed.pk)
    assert last.seen_at
    assert drafts.is_lost(last, at=last.seen_at + drafts.SILENT * 1.01)
    again = drafts.again(last, by=house.people["lea"], at=last.seen_at + drafts.SILENT * 1.01)
    searching.start(again)
    until(lambda: state(again) not in {DraftState.ASKED, DraftState.SEARCHING})
    assert (state(killed), state(again)) == (DraftState.DISCARDED, DraftState.FOUND)
    assert all(process.wait(PATIENCE) is not None for process in started)
