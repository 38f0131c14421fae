"""Many pages due at one moment, beside a worker of the shape of healthchecks' and beside the ideal."""

import os
import subprocess
import sys
import time
from collections.abc import Mapping
from datetime import timedelta
from statistics import median

from django.db import connection
from django.utils import timezone

from config.machine import folders
from paging import senders
from tests.bench.figures import Claim
from tests.bench.pager import filling, process, provider
from tests.bench.pager.found import Found
from tests.bench.pager.provider import Provider
from tests.world import World

COUNT = 1000
ANSWERS_IN = 0.1  # seconds
AHEAD = 5  # seconds from the filling of the tables to the moment at which all is due
LIMIT = 1.4  # × the ideal


def burst(world: World, environment: Mapping[str, str], share: int, rounds: int) -> Found:
    """When the last request of so many leaves: ours and the peer's in turns."""
    count, found = COUNT // share, Found()
    ideal = (
        count / senders.MOST - 1
    ) * ANSWERS_IN  # the last request leaves when all before it have been answered
    ours: list[float] = []
    peers: list[float] = []
    with provider.open_at_a_free_port(answers_in=ANSWERS_IN) as door:
        for _ in range(rounds):
            ours.append(_ours(world, environment, door, count))
            peers.append(_peers(environment, door, count))
    for name, took in (("Dido", ours), ("the shape of healthchecks", peers)):
        middle = median(took) * 1000
        found.rows.append(
            [f"{count:,} due at once, {name}: the last leaves", len(took), middle, None, max(took) * 1000]
        )
    found.rows.append(
        [f"{count:,} due at once: the ideal with {senders.MOST} senders", 1, ideal * 1000, None, None]
    )
    ratios = [one / ideal for one in ours]
    what = f"{count:,} due at once, answered in {ANSWERS_IN * 1000:.0f} ms: the last leaves, to the ideal"
    found.claims.append(Claim(what, "s", median(ours), LIMIT, peer=ideal, spread=(min(ratios), max(ratios))))
    between = [mine / theirs for mine, theirs in zip(ours, peers, strict=True)]
    what = "the same, to a worker of healthchecks' shape (which loses what it was sending when it dies)"
    found.claims.append(
        Claim(what, "s", median(ours), LIMIT, peer=median(peers), spread=(min(between), max(between)))
    )
    return found


def _ours(world: World, environment: Mapping[str, str], door: Provider, count: int) -> float:
    world.now = timezone.now()
    with process.pager(environment, door.url):
        door.forget()
        due = timezone.now() + timedelta(seconds=AHEAD)
        begun = time.monotonic() + AHEAD
        filling.due(world, [due] * count)
        came = door.wait_for(count, patience=120)
    filling.settle(timezone.now())
    return came[-1][0] - begun


def _peers(environment: Mapping[str, str], door: Provider, count: int) -> float:
    door.forget()
    with connection.cursor() as cursor:
        cursor.execute("drop table if exists bench_flip")
        cursor.execute(
            "create table bench_flip (id bigserial primary key, due timestamptz, processed timestamptz)"
        )
        cursor.execute("create index on bench_flip (id) where processed is null")
        due = timezone.now() + timedelta(seconds=AHEAD)
        begun = time.monotonic() + AHEAD
        cursor.execute(
            "insert into bench_flip (due) select %s from generate_series(1, %s)",
            [due, count],
        )
    command = [sys.executable, "-m", "tests.bench.pager.peer", door.url, str(senders.MOST), str(count)]
    worker = subprocess.Popen(command, cwd=folders.PROJECT, env={**os.environ, **environment})
    came = door.wait_for(count, patience=120)
    worker.wait(30)
    return came[-1][0] - begun
