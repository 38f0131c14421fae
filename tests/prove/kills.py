"""kill -9 of pagers at random: no page is lost, none is sent more than twice, few are sent twice.

Real pager processes, a provider over HTTP that keeps what it was given, and pages that are due all the time. A page is
known by its one-time code, so every copy of it is counted at the provider's door.
"""

import os
import re
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from random import Random

from django.utils import timezone

from paging.models import Fate, Ladder, Page, Reason
from tests import account
from tests.bench.pager import filling, provider
from tests.bench.pager.provider import Provider
from tests.prove import emptied
from tests.prove.contract import Control, Proof, Result, Tally
from tests.prove.telling import teller
from tests.world import World
from workforce import phases

PAGERS = 2
RATE = 20  # pages a second
PAGES_A_KILL = 23  # a kill for so many pages: 10,000 pages see more than 400
ANSWERS_IN = 0.005  # seconds
CODE = re.compile(r"Reply (\w{5}) accept")
ONE_RUNG = [{"after": 0, "to": ["operators"], "by": ["sms"]}, {"after": 36_000, "to": [], "hand_on": True}]
BEFORE = 8  # seconds until the first page is due
MOST_COPIES, MOST_DOUBLED = 2, 0.03
PATIENCE = 90  # seconds for what a kill has delayed


@dataclass
class Pagers:
    """Some pager processes; whichever is killed is replaced."""

    url: str
    broken: str = ""
    alive: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        own = {
            **os.environ,
            **account.TWILIO,
            "TWILIO_API_URL": self.url,
            "BREAK": self.broken,
            "LOG_LEVEL": "CRITICAL",
        }
        self.zygote = subprocess.Popen(
            [sys.executable, "-m", "tests.prove.zygote"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=own,
        )
        for _ in range(PAGERS):
            self.start()

    def start(self) -> None:
        """One more."""
        assert self.zygote.stdin and self.zygote.stdout
        self.zygote.stdin.write("start\n")
        self.zygote.stdin.flush()
        self.alive.append(int(self.zygote.stdout.readline()))

    def kill(self, rng: Random) -> None:
        """One of them dies where it stands, and another begins."""
        victim = self.alive.pop(rng.randrange(len(self.alive)))
        os.kill(victim, signal.SIGKILL)
        self.start()

    def stop(self) -> None:
        """All of them, and what made them."""
        for pid in self.alive:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        assert self.zygote.stdin
        self.zygote.stdin.close()
        self.zygote.wait(20)


@contextmanager
def _pagers(url: str, broken: str) -> Iterator[Pagers]:
    pagers = Pagers(url, broken)
    try:
        yield pagers
    finally:
        pagers.stop()


def _world() -> World:
    world = emptied.world()
    Ladder.objects.create(reason=Reason.OFFER, version=1, rungs=ONE_RUNG, made_at=world.now)
    return world


def _trial(
    size: int, seed: int, *, broken: str = "", rate: int = RATE, pages_a_kill: int = PAGES_A_KILL
) -> Result:
    rng, tally, world = Random(seed), Tally(), _world()
    each = len(phases.operators(world.sites["RET20"], at=world.now))  # pages of one climb
    referrals = filling.waiting(world, size // each)
    begun, now = time.monotonic() + BEFORE, timezone.now() + timedelta(seconds=BEFORE)
    filling.climbing(referrals, due=[now + timedelta(seconds=n * each / rate) for n in range(len(referrals))])
    with provider.open_at_a_free_port(answers_in=ANSWERS_IN) as door, _pagers(door.url, broken) as pagers:
        lasts, kills = size / rate, max(1, size // pages_a_kill)
        for number, moment in enumerate(sorted(rng.uniform(0, lasts) for _ in range(kills))):
            teller.step(number, kills)
            time.sleep(max(0.0, begun + moment - time.monotonic()))
            pagers.kill(rng)
            tally.faults["kill -9 of a pager"] += 1
        _until_sent(begun + lasts, len(referrals) * each)
    tally.cases = len(referrals) * each
    return _judged(tally, door, broken)


def _until_sent(ends: float, count: int) -> None:
    unsent = Page.objects.filter(fate__in=[Fate.DUE, Fate.SENDING])
    while time.monotonic() < ends + PATIENCE:
        if Page.objects.filter(rung=0).count() >= count and not unsent.exists():
            return
        time.sleep(0.5)


def _judged(tally: Tally, door: Provider, broken: str) -> Result:
    copies = Counter(found[1] for _, body in door.came if (found := CODE.search(body)))
    pages = dict(Page.objects.filter(rung=0).values_list("reply_code", "fate"))
    lost = [code for code in pages if not copies[code]]
    doubled = [code for code, count in copies.items() if count > 1]
    for code in lost:
        tally.violation(f"a page was never sent ({pages[code]})")
    tally.check(len(pages) == tally.cases, f"{tally.cases - len(pages)} pages were never made")
    tally.check(max(copies.values(), default=0) <= MOST_COPIES, "a page was sent more than twice")
    if not broken:
        tally.check(
            len(doubled) <= MOST_DOUBLED * len(pages), f"{len(doubled)} of {len(pages)} were sent twice"
        )
    return tally.result(
        kills=tally.faults["kill -9 of a pager"],
        lost=len(lost),
        sent_twice=len(doubled),
        most_copies=max(copies.values(), default=0),
    )


def _run(size: int, seed: int) -> Result:
    return _trial(size, seed)


def _control(size: int, seed: int) -> Result:
    return _trial(size, seed, broken="mark_then_send", rate=60, pages_a_kill=40)


PROOF = Proof(
    promise="A page is sent at least once, though its pager is killed at any moment; twice at most, and seldom.",
    unit="pages",
    size=10_000,
    least=60,
    run=_run,
    in_tests=False,  # tests/paging/test_pager_process.py kills a pager in each `make test`
    controls=(
        Control(broken="“sent” is written before it is sent", run=_control, size=2400, in_tests=False),
    ),
)
