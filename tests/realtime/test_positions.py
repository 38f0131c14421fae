"""Positions have no gap and follow commit order; the bell rings after the commit and never before."""

import os
import random
import subprocess
import sys
import threading
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from django.db import connection, transaction
from django.db.models import Count, Max

from realtime import doorbell, feed
from realtime.models import Entry, Stream
from referrals import remarks, transitions
from referrals.states import State
from tests.together import PATIENCE, at_once
from tests.world import NIGHT, World

KEYS = ["site:A", "site:B", "site:C", "network:N"]


class Undone(Exception):
    """The transaction is given up."""


def append(*keys: str) -> dict[str, int]:
    return feed.append(keys, subject="BCDF", version=1, verb="ask", state="referred", at=NIGHT)


def writes(rounds: int, seed: int) -> int:
    """Append to random streams, and give up a third of the transactions; how many were committed."""
    chance = random.Random(seed)
    kept = 0
    for _ in range(rounds):
        keys = chance.sample(KEYS, chance.randint(1, len(KEYS)))
        try:
            with transaction.atomic():
                append(*keys)
                if chance.random() < 1 / 3:
                    raise Undone
                kept += 1
        except Undone:
            pass
    return kept


def reads(done: threading.Event) -> int:
    """Look again and again: a stream never shows a position before the one below it."""
    looks = 0
    while not done.is_set() or looks == 0:
        counted = Entry.objects.values("stream").annotate(rows=Count("pk"), highest=Max("position"))
        for stream in counted:
            assert stream["rows"] == stream["highest"], stream
        looks += 1
    return looks


def check_gapless() -> None:
    for stream in Stream.objects.all():
        positions = list(stream.entries.order_by("position").values_list("position", flat=True))
        assert positions == list(range(1, stream.head + 1)), stream


def test_eight_writers_with_rollbacks_leave_no_gap_at_any_moment(open_world: World) -> None:
    done, left = threading.Event(), threading.Semaphore(0)

    def write(seed: int) -> int:
        try:
            return writes(15, seed)
        finally:
            left.release()

    def wait_for_all() -> None:
        for _ in range(8):
            left.acquire()
        done.set()

    outcomes = at_once([*(partial(write, seed) for seed in range(8)), partial(reads, done), wait_for_all])
    assert all(isinstance(outcome, int) for outcome in outcomes[:-1]), outcomes
    assert 0 < sum(outcomes[:8]) < 8 * 15
    check_gapless()


def test_the_check_catches_positions_out_of_a_sequence(open_world: World) -> None:
    """The negative control: a sequence gives its numbers away before the commit, and rollbacks leave holes."""
    with connection.cursor() as cursor:
        cursor.execute("create temporary sequence ticket")
    stream = Stream.objects.create(key="site:A", head=2)
    for verb in ("ask", "answer", "amend"):
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute("select nextval('ticket')")
                position = cursor.fetchone()[0]
                Entry.objects.create(
                    stream=stream, position=position, subject="B", version=1, verb=verb, state="x", at=NIGHT
                )
                if verb == "answer":
                    raise Undone
        except Undone:
            pass
    with pytest.raises(AssertionError):
        check_gapless()


def test_verbs_on_one_hubs_stream_from_many_people_at_once_leave_no_gap(open_world: World) -> None:
    referrals = [open_world.refers("RET20", "RM301") for _ in range(6)]
    jobs: list[Callable[[], object]] = []
    for number, referral in enumerate(referrals):
        who = "ben" if number % 2 else "mo"
        jobs.append(partial(transitions.accept, referral.code, **open_world.press(who)))
        jobs.append(partial(remarks.ask, referral.code, text="?", **open_world.press("cleo")))
    outcomes = at_once(jobs)
    assert all(outcome.state == State.ACCEPTED for outcome in outcomes[::2]), outcomes
    check_gapless()
    head = feed.heads(["network:cheshire-and-merseyside"])["network:cheshire-and-merseyside"]
    assert head == sum(referral.events.count() for referral in referrals)


def test_nothing_is_appended_outside_a_transaction(transactional_db: None) -> None:
    with pytest.raises(RuntimeError, match="inside the transaction"):
        append("site:A")
    assert not Stream.objects.exists()


def test_the_bell_rings_after_the_commit_and_carries_positions_alone(
    transactional_db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    rung: list[dict[str, int]] = []
    monkeypatch.setattr(doorbell, "ring", rung.append)
    with transaction.atomic():
        append("site:A", "network:N")
        assert rung == []
    assert rung == [{"site:A": 1, "network:N": 1}]
    with transaction.atomic():
        append("site:A")
        transaction.set_rollback(True)
    assert len(rung) == 1
    assert feed.heads(["site:A", "site:Z"]) == {"site:A": 1, "site:Z": 0}


def test_a_verb_commits_though_redis_is_dead_and_the_bell_is_broken(
    open_world: World, redis_is_dead: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    referral = open_world.refers()
    assert transitions.accept(referral.code, **open_world.press("ben")).state == State.ACCEPTED

    def breaks(positions: dict[str, int]) -> None:
        raise ConnectionError

    monkeypatch.setattr(doorbell, "ring", breaks)
    assert (
        transitions.request_ambulance(referral.code, category="C2", **open_world.press("ada")).state
        == State.AMBULANCE_REQUESTED
    )


def test_a_bell_that_cannot_keep_up_drops_rings_and_keeps_nobody_waiting(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(doorbell, "_start", lambda: None)
    monkeypatch.setattr(doorbell, "_waiting", type(doorbell._waiting)(maxsize=2))
    for position in range(5):
        doorbell.ring({"site:A": position})
        doorbell.tell("who looks")
    assert doorbell._waiting.qsize() == 2


def test_what_waits_is_one_ring_and_the_last_word_on_who_looks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doorbell, "_waiting", type(doorbell._waiting)())
    waiting: list[dict[str, Any]] = [
        {"type": "feed.presence", "said": "first"},
        {"type": "feed.ring", "streams": {"site:A": 2, "site:B": 7}},
        {"type": "feed.presence", "said": "last"},
        {"type": "feed.ring", "streams": {"site:A": 3}},
    ]
    for message in waiting[1:]:
        doorbell._waiting.put(message)
    assert doorbell._gathered(waiting[0]) == [
        {"type": "feed.ring", "streams": {"site:A": 3, "site:B": 7}},
        {"type": "feed.presence", "said": "last"},
    ]


RINGS_AND_ENDS = """
import django
django.setup()
from realtime import doorbell
doorbell.ring({"site:A": 1})
"""


def test_a_process_that_has_rung_ends(tmp_path: object) -> None:
    """A command that writes must come back to its prompt, though its ringer waits for the next ring."""
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "config.settings"}
    done = subprocess.run(
        [sys.executable, "-c", RINGS_AND_ENDS], env=environment, timeout=PATIENCE, check=False
    )
    assert done.returncode == 0
