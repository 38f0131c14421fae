"""kill -9 of the whole PostgreSQL: what was acknowledged is there, and no timer is late by more than ten seconds.

A server of its own, real writers and real pagers, which go on by themselves when it is back. Every cycle kills the
postmaster and all that it started, waits until they are gone, and starts it again on the same files.
"""

import os
import re
import signal
import subprocess
import sys
import threading
import time
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

import psycopg

from config.machine import folders
from config.machine.postgres import Postgres
from tests import account
from tests.bench.pager import provider
from tests.bench.pager.provider import Provider
from tests.prove.contract import Control, Proof, Result, Tally
from tests.prove.telling import teller

LATE = 10.0  # seconds, from the moment at which the database was back
LIVES = (0.6, 2.2)  # seconds between two kills
PAGED = re.compile(r"STROKE (\w+) from")
TRAILS = "select r.code, count(*) from referrals_event e join referrals_referral r on r.id = referral_id group by 1"
SET_UP = """
import django; django.setup()
from django.core.management import call_command
from django.utils import timezone
from paging.models import Ladder, Reason
from tests import world
call_command("migrate", verbosity=0)
world.build(timezone.now())
Ladder.objects.create(reason=Reason.OFFER, version=1, made_at=timezone.now(), rungs=[
    {"after": 0, "to": ["first"], "by": ["sms"]}, {"after": 36000, "to": [], "hand_on": True}])
"""


@dataclass
class Writer:
    """One writer process, and what was acknowledged to it: version and moment by code."""

    environment: dict[str, str]
    heard: dict[str, tuple[int, float]] = field(default_factory=dict)
    referred: dict[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.prove.writer"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=self.environment,
        )
        self.listener = threading.Thread(target=self._listen, daemon=True)
        self.listener.start()

    def _listen(self) -> None:
        assert self.process.stdout
        for line in self.process.stdout:
            code, version, moment = line.split()
            self.heard[code] = (int(version), float(moment))
            self.referred.setdefault(code, float(moment))

    def stop(self) -> None:
        """No more patients; everything that it said has been heard."""
        assert self.process.stdin
        self.process.stdin.close()
        with suppress(subprocess.TimeoutExpired):
            self.process.wait(30)
        self.process.kill()
        self.listener.join(10)


def _tree(pid: int) -> list[int]:
    """The process and every process that it started."""
    children = []
    for status in Path("/proc").glob("[0-9]*/status"):
        with suppress(OSError):
            if f"\nPPid:\t{pid}\n" in status.read_text():
                children.append(int(status.parent.name))
    return [pid, *children]


def _kill(server: Postgres) -> None:
    tree = _tree(server.child.pid)
    for pid in tree:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    server.child.kill()
    while any(Path(f"/proc/{pid}").exists() for pid in tree[1:]):
        time.sleep(0.01)


def _trial(size: int, seed: int, *, broken: str = "") -> Result:
    rng, tally, backs = Random(seed), Tally(), []
    with ExitStack() as stack:
        home = stack.enter_context(folders.passing("prove"))
        server = Postgres(home, home / "postgres.log", durable=True, kept=False)
        stack.callback(server.stop)
        server.start()
        door = stack.enter_context(provider.open_at_a_free_port(answers_in=0.01))
        environment = _environment(server.url, door.url, broken)
        subprocess.run([sys.executable, "-c", SET_UP], env=environment, check=True)
        writer = Writer(environment)
        stack.callback(writer.stop)
        for _ in range(2):
            stack.callback(_ended, subprocess.Popen([sys.executable, "manage.py", "pager"], env=environment))
        time.sleep(6)
        for cycle in teller.count(size):
            time.sleep(rng.uniform(*LIVES))
            _kill(server)
            tally.faults["kill -9 of PostgreSQL"] += 1
            down = time.monotonic()
            server.start()
            backs.append((down, time.monotonic()))
            tally.cases = cycle + 1
        time.sleep(2)
        writer.stop()
        time.sleep(LATE)
        return _judged(tally, server.url, writer, door, backs)


def _ended(pager: "subprocess.Popen[bytes]") -> None:
    pager.kill()
    pager.wait()


def _environment(database: str, door: str, broken: str) -> dict[str, str]:
    ours = {
        "DATABASE_URL": database,
        "TWILIO_API_URL": door,
        "BREAK": broken,
        "LOG_LEVEL": "CRITICAL",
        "FROM": "1000",
    }
    return {**os.environ, **account.TWILIO, **ours}


def _judged(
    tally: Tally, url: str, writer: Writer, door: Provider, backs: list[tuple[float, float]]
) -> Result:
    with psycopg.connect(url) as link:
        kept: dict[str, int] = dict(link.execute("select code, version from referrals_referral").fetchall())
        trail: dict[str, int] = dict(link.execute(TRAILS).fetchall())
        torn = link.execute(
            "select stream_id from realtime_entry group by 1 having count(*) <> max(position)"
        ).fetchall()
    lost = [code for code, (version, _) in writer.heard.items() if kept.get(code, 0) < version]
    for code in lost:
        tally.violation(f"{code} was acknowledged and is gone")
    tally.check(kept == trail, "a referral and its trail differ")
    tally.check(not torn, "a stream has a gap")
    came: dict[str, float] = {}
    for moment, body in door.came:
        if found := PAGED.search(body):
            came.setdefault(found[1], moment)
    late = [_late(code, said, came, backs) for code, said in writer.referred.items() if code in kept]
    tally.check(max(late, default=0) <= LATE, f"a page was {max(late, default=0):.0f} s late")
    tally.check(bool(late) and len(backs) == tally.cases, "nothing was tried")
    return tally.result(
        acknowledged=len(writer.heard),
        lost=len(lost),
        back_after_s=round(sorted(up - down for down, up in backs)[len(backs) // 2], 2),
        latest_page_s=round(max(late, default=0), 2),
    )


def _late(code: str, said: float, came: dict[str, float], backs: list[tuple[float, float]]) -> float:
    """Seconds between the moment at which the page could leave and the provider's door."""
    if code not in came:
        return float("inf")
    could = max([said, *(up for down, up in backs if said <= up and down <= came[code])])
    return max(0.0, came[code] - could)


PROOF = Proof(
    promise="PostgreSQL may be killed at any moment: nothing acknowledged is lost, no page is over ten seconds late.",
    unit="kills of the whole server",
    size=200,
    least=2,
    run=_trial,
    in_tests=False,  # it starts a server, a writer and two pagers of its own
    controls=(
        Control(
            broken="what is said is said before the commit",
            run=lambda size, seed: _trial(size, seed, broken="early"),
            size=12,
            in_tests=False,
        ),
    ),
)
