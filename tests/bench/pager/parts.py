"""The parts of the pager's benchmark, each against real `manage.py pager` processes and a provider over HTTP."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from statistics import median
from typing import Any

from django.db import connection
from django.utils import timezone

from paging import engine, routes, senders
from paging.models import Escalation
from paging.transports.contract import Kind, Order, Outcome, Report
from tests.bench.pager import filling, provider
from tests.bench.pager.provider import Provider
from tests.world import World

ANSWERS_IN = 0.1  # seconds
ROOT = Path(__file__).resolve().parents[3]
ROUNDS = 3

FULLNESS = (("open", 10, False), ("open", 1000, False), ("past", 1000, True), ("past", 100_000, True))

FULLNESS = (("open", 10, False), ("open", 1000, False), ("past", 1000, True), ("past", 100_000, True))

Told = dict[str, Any]


def measure(
    names: Sequence[str], *, environment: dict[str, str], share: int, say: Callable[[str], None]
) -> Told:
    """Every part that is named, by its name."""
    world = filling.world()
    told: Told = {}
    for name in names:
        say(f"  {name}")
        told[name] = PARTS[name](world, environment, share)
        say(f"    {json.dumps(told[name])}")
        filling.settle(timezone.now())
    return told


def at(values: Sequence[float], share: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


def ms(values: Sequence[float]) -> Told:
    return {
        "median_ms": round(median(values) * 1000, 1),
        "p99_ms": round(at(values, 0.99) * 1000, 1),
        "most_ms": round(max(values) * 1000, 1),
    }


@contextmanager
def pager(environment: dict[str, str], url: str) -> Iterator[subprocess.Popen[bytes]]:
    """One pager process, ready to send."""
    own = {**os.environ, **environment, "TWILIO_API_URL": url, "LOG_LEVEL": "ERROR"}
    own |= {
        "TWILIO_ACCOUNT_SID": "AC" + "1" * 32,
        "TWILIO_AUTH_TOKEN": "bench",
        "TWILIO_FROM": "+447700900999",
    }
    process = subprocess.Popen([sys.executable, "manage.py", "pager"], cwd=ROOT, env=own)
    try:
        _ready()
        yield process
    finally:
        process.terminate()
        process.wait(20)


def _ready() -> None:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        with connection.cursor() as cursor:
            cursor.execute("select count(*) from paging_beat where ticked_at > now() - interval '2 seconds'")
            if cursor.fetchone()[0]:
                return
        time.sleep(0.05)
    raise TimeoutError("the pager does not tick")


def rest(world: World, environment: dict[str, str], share: int) -> Told:
    """From the commit of `refer` to the provider's door, one at a time."""
    late: list[float] = []
    with provider.open_at_a_free_port(answers_in=ANSWERS_IN) as door, pager(environment, door.url):
        for number in range(300 // share + 5):
            world.now = timezone.now()
            door.forget()
            world.refers()
            committed = time.monotonic()
            ((came, _),) = door.wait_for(1, patience=20)
            if number >= 5:
                late.append(came - committed)
            time.sleep(0.12)  # the provider's own time, so that one is at rest before the next
    return ms(late)


def burst(world: World, environment: dict[str, str], share: int) -> Told:
    """Many due at one moment: when the last request leaves, beside the peer and the ideal."""
    count = 1000 // share
    ideal = count * ANSWERS_IN / senders.MOST
    ours, peers = [], []
    with provider.open_at_a_free_port(answers_in=ANSWERS_IN) as door:
        for _ in range(ROUNDS):
            ours.append(_our_burst(world, environment, door, count))
            peers.append(_peers_burst(environment, door, count))
    return {
        "count": count,
        "concurrency": senders.MOST,
        "ideal_s": round(ideal, 2),
        "ours_s": [round(s, 2) for s in ours],
        "peer_s": [round(s, 2) for s in peers],
        "ours_of_ideal": round(median(ours) / (ideal - ANSWERS_IN), 2),
        "peer_of_ideal": round(median(peers) / (ideal - ANSWERS_IN), 2),
    }


def _our_burst(world: World, environment: dict[str, str], door: Provider, count: int) -> float:
    world.now = timezone.now()
    referrals = filling.waiting(world, count)
    with pager(environment, door.url):
        time.sleep(1)
        filling.settle(timezone.now())
        door.forget()
        referrals = filling.waiting(world, count - 1)
        referrals = list(type(referrals[0]).objects.filter(state="referred"))
        due = timezone.now() + timedelta(seconds=3)
        begun = time.monotonic() + 3
        filling.climbing(referrals, due=[due] * len(referrals))
        came = door.wait_for(len(referrals), patience=120)
    filling.settle(timezone.now())
    return came[-1][0] - begun


def _peers_burst(environment: dict[str, str], door: Provider, count: int) -> float:
    door.forget()
    with connection.cursor() as cursor:
        cursor.execute("drop table if exists bench_flip")
        cursor.execute(
            "create table bench_flip (id bigserial primary key, due timestamptz, processed timestamptz)"
        )
        cursor.execute("create index on bench_flip (id) where processed is null")
        cursor.execute(
            "insert into bench_flip (due) select now() + interval '3 seconds' from generate_series(1, %s)",
            [count],
        )
    begun = time.monotonic() + 3
    command = [sys.executable, "-m", "tests.bench.pager.peer", door.url, str(senders.MOST), str(count)]
    process = subprocess.Popen(command, cwd=ROOT, env={**os.environ, **environment})
    came = door.wait_for(count, patience=120)
    process.wait(30)
    return came[-1][0] - begun


def spread(world: World, environment: dict[str, str], share: int) -> Told:
    """Timers spread in time, at rest: how late each leaves."""
    return _spread(world, environment, count=600 // share, gap=0.05, others=0, busy=False)


def busy(world: World, environment: dict[str, str], share: int) -> Told:
    """The same with 10,000 escalations open, and the machine busy with something else."""
    return _spread(world, environment, count=600 // share, gap=0.05, others=10_000 // share, busy=True)


def _spread(
    world: World, environment: dict[str, str], *, count: int, gap: float, others: int, busy: bool
) -> Told:
    world.now = timezone.now()
    if others:
        far = filling.waiting(world, others)
        filling.climbing(far, due=[timezone.now() + timedelta(hours=1)] * len(far), rung=1)
    due_of: dict[str, float] = {}
    load = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(2 if busy else 0)]
    try:
        with provider.open_at_a_free_port(answers_in=0.0) as door, pager(environment, door.url):
            referrals = filling.waiting(world, count)
            begin, now = time.monotonic() + 4, timezone.now() + timedelta(seconds=4)
            moments = [number * gap for number in range(count)]
            filling.climbing(referrals, due=[now + timedelta(seconds=m) for m in moments])
            due_of = {r.code: begin + m for r, m in zip(referrals, moments, strict=True)}
            door.wait_for(count, patience=60 + count * gap * 4)
            came = [(moment, body.split()[1]) for moment, body in door.came]
    finally:
        for process in load:
            process.kill()
            process.wait()
    return {
        "count": count,
        "open": others,
        "busy": busy,
        **ms([m - due_of[c] for m, c in came if c in due_of]),
    }


class Nobody:
    """A provider inside the process: the cost of a tick without any network."""

    provider, channel = "twilio", "sms"

    def send(self, order: Order) -> Outcome:
        return Outcome(Kind.ACCEPTED, f"SM{order.page_id}", "queued")

    def status(self, provider_id: str) -> Report | None:
        return None


def tick(world: World, _environment: dict[str, str], share: int) -> Told:
    """What a tick with nothing due costs, with few and many open, and with many past."""
    told: Told = {}
    ways = routes.only(Nobody())
    for name, full, ended in FULLNESS:
        size = full if full <= 10 else full // share
        world.now = timezone.now()
        more = filling.waiting(world, size, ended=ended)
        filling.climbing(more, due=[timezone.now() + timedelta(hours=1)] * len(more), rung=1)
        if ended:
            Escalation.objects.filter(referral__in=more).update(closed_at=world.now)
        with connection.cursor() as cursor:
            cursor.execute("vacuum analyze")
        told[f"{size}_{name}"] = _tick_ms(ways)
    return told


def _tick_ms(ways: routes.Routes) -> float:
    for _ in range(5):
        engine.tick(now=timezone.now(), routes=ways, clock=timezone.now)
    took = []
    for _ in range(40):
        begun = time.perf_counter()
        engine.tick(now=timezone.now(), routes=ways, clock=timezone.now)
        took.append(time.perf_counter() - begun)
    return round(median(took) * 1000, 2)


def memory(world: World, environment: dict[str, str], share: int) -> Told:
    """The pager's resident memory after a busy while."""
    world.now = timezone.now()
    with provider.open_at_a_free_port(answers_in=0.0) as door, pager(environment, door.url) as process:
        before = _rss(process.pid)
        referrals = filling.waiting(world, 2000 // share)
        filling.climbing(referrals, due=[timezone.now()] * len(referrals))
        door.wait_for(len(referrals), patience=240)
        return {"at_rest_mb": before, "after_mb": _rss(process.pid), "pages": len(referrals)}


def _rss(pid: int) -> float:
    status = Path(f"/proc/{pid}/status").read_text()
    return round(int(status.split("VmRSS:")[1].split()[0]) / 1024, 1)


PARTS: dict[str, Callable[[World, dict[str, str], int], Told]] = {
    "rest": rest,
    "burst": burst,
    "spread": spread,
    "busy": busy,
    "tick": tick,
    "memory": memory,
}
