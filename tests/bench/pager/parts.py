"""The parts of the pager's benchmark, each against real `manage.py pager` processes and a provider over HTTP."""

import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from datetime import timedelta

from django.db import connection
from django.utils import timezone

from paging import engine, routes
from paging.transports.contract import Kind, Order, Outcome, Report
from tests.bench.pager import filling, provider
from tests.bench.pager.burst import ANSWERS_IN, burst
from tests.bench.pager.found import Found
from tests.bench.pager.past import past
from tests.bench.pager.process import pager, resident
from tests.world import World

COLD = 5  # of the first of a process that has just begun, that do not count
GAP = 0.05  # seconds between two timers
# what, how many, and whether they are over
FULLNESS = (("open", 10, False), ("open", 1000, False), ("past", 1000, True), ("past", 100_000, True))

Environment = Mapping[str, str]
Part = Callable[[World, Environment, int, int], Found]


def rest(world: World, environment: Environment, share: int, rounds: int) -> Found:
    """From the commit of `refer` to the provider's door, one at a time."""
    late: list[float] = []
    found = Found()
    with provider.open_at_a_free_port(answers_in=ANSWERS_IN) as door, pager(environment, door.url):
        for number in range(60 * rounds // share + COLD):
            world.now = timezone.now()
            door.forget()
            world.refers()
            committed = time.monotonic()
            ((came, _),) = door.wait_for(1, patience=20)
            if number >= COLD:
                late.append(came - committed)
            time.sleep(ANSWERS_IN * 1.2)  # the provider's own time, so that one is at rest before the next
    middle, most = found.times("from the commit of refer to the provider, at rest", late)
    found.at_most("from the commit of refer to the provider's request, at rest: median", "ms", middle, 50)
    found.at_most("the same, p99", "ms", most, 500)
    return found


def spread(world: World, environment: Environment, share: int, rounds: int) -> Found:
    """Timers spread in time, at rest: how late each leaves."""
    found = Found()
    late = _late(world, environment, count=120 * rounds // share)
    _, most = found.times("timers spread in time, at rest", late)
    found.at_most("timers spread in time: late at p99, at rest", "ms", most, 25)
    return found


def busy(world: World, environment: Environment, share: int, rounds: int) -> Found:
    """The same with 10,000 escalations open, and both cores busy with something else."""
    found, others = Found(), 10_000 // share
    world.now = timezone.now()
    far = filling.waiting(world, others)
    filling.climbing(far, due=[timezone.now() + timedelta(hours=1)] * len(far), rung=1)
    load = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(2)]
    try:
        late = _late(world, environment, count=120 * rounds // share)
    finally:
        for process in load:
            process.kill()
            process.wait()
    _, most = found.times(f"timers spread in time, {others:,} others open, machine busy", late)
    found.at_most(f"the same with {others:,} escalations open and the machine busy", "ms", most, 1000)
    return found


def _late(world: World, environment: Environment, *, count: int) -> list[float]:
    world.now = timezone.now()
    with provider.open_at_a_free_port(answers_in=0.0) as door, pager(environment, door.url):
        ahead = 4 + count / 100  # seconds in which the tables are filled
        begin, now = time.monotonic() + ahead, timezone.now() + timedelta(seconds=ahead)
        moments = [number * GAP for number in range(count)]
        referrals = filling.due(world, [now + timedelta(seconds=m) for m in moments])
        if time.monotonic() > begin - 1:
            raise RuntimeError("the tables were not filled in time: nothing of this can be called late")
        due_of = {r.code: begin + m for r, m in zip(referrals, moments, strict=True)}
        came = door.wait_for(count, patience=60 + count * GAP * 4)
    late = [moment - due_of[code] for moment, body in came if (code := body.split()[1]) in due_of]
    return late[COLD:]


class Nobody:
    """A provider inside the process: the cost of a tick without any network."""

    provider, channel = "twilio", "sms"

    def send(self, order: Order) -> Outcome:
        return Outcome(Kind.ACCEPTED, f"SM{order.page_id}", "queued")

    def status(self, provider_id: str) -> Report | None:
        return None


def tick(world: World, _environment: Environment, share: int, rounds: int) -> Found:
    """What a tick with nothing due costs, with few and many open, and with many past."""
    found, ways = Found(), routes.only(Nobody())
    medians: list[float] = []
    for name, full, over in FULLNESS:
        size = full if full <= 10 else full // share
        world.now = timezone.now()
        if over:
            past(world, size)
        else:
            more = filling.waiting(world, size)
            filling.climbing(more, due=[timezone.now() + timedelta(hours=1)] * len(more), rung=1)
            filling.analyse()
        what = f"a tick with nothing due, {size:,} more {name}"
        medians.append(found.times(what, _ticks(ways, 20 * rounds))[0])
    few, many, ended, most = medians
    found.at_most("what 1,000 more open add to a tick", "ms", many - few, 5)
    found.at_most("a tick with 100,000 more past, to one with 1,000", "×", most / ended, 2)
    return found


def _ticks(ways: routes.Routes, count: int) -> list[float]:
    connection.close()  # PostgreSQL plans anew for what is in its tables now
    took = []
    for number in range(count + COLD):
        begin = time.perf_counter()
        engine.tick(now=timezone.now(), routes=ways, clock=timezone.now)
        if number >= COLD:
            took.append(time.perf_counter() - begin)
    return took


def memory(world: World, environment: Environment, share: int, _rounds: int) -> Found:
    """The pager's resident memory after a busy while."""
    found, count = Found(), 2000 // share
    world.now = timezone.now()
    with provider.open_at_a_free_port(answers_in=0.0) as door, pager(environment, door.url) as process:
        filling.due(world, [timezone.now()] * count)
        door.wait_for(count, patience=240)
        found.at_most(f"memory of the pager after {count:,} pages", "MB", resident(process), 200)
    return found


PARTS: dict[str, Part] = {
    "rest": rest,
    "spread": spread,  # before the burst, whose thousands of texts the pager still asks about
    "burst": burst,
    "busy": busy,
    "tick": tick,
    "memory": memory,
}
