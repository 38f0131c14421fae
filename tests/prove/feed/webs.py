"""Web processes for as long as a proof runs, several behind one address: whichever is killed is replaced, or not.

They serve the proof's own database; Redis, and what is broken in them, is the proof's to say.
"""

import json
import os
import resource
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from random import Random

PATIENCE = 60.0  # seconds until the first of them answers
QUIET = {
    "LOG_LEVEL": "CRITICAL",
    "FEED_SOCKETS_PER_PERSON": "1000000",  # a proof has more boards than people
    "DATABASE_POOL_MAX": "6",
}


class Zygote:
    """What makes web processes."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.prove.feed.zygote"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, **QUIET},
        )

    def make(self, port: int, environment: Mapping[str, str]) -> tuple[int, int]:
        """One more; its id and its port."""
        assert self._process.stdin and self._process.stdout
        self._process.stdin.write(json.dumps([port, dict(environment)]) + "\n")
        self._process.stdin.flush()
        pid, port = map(int, self._process.stdout.readline().split())
        return pid, port

    def stop(self) -> None:
        """It ends, and with it whatever it made."""
        assert self._process.stdin and self._process.stdout
        self._process.stdin.close()
        self._process.wait(20)
        self._process.stdout.close()


@dataclass
class Webs:
    """Some web processes behind one address."""

    zygote: Zygote
    environment: Mapping[str, str]
    alive: list[int] = field(default_factory=list)
    port: int = 0

    @property
    def url(self) -> str:
        """The one address."""
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """One more."""
        pid, self.port = self.zygote.make(self.port, self.environment)
        self.alive.append(pid)

    def kill(self, rng: Random) -> None:
        """One of them dies where it stands."""
        os.kill(self.alive.pop(rng.randrange(len(self.alive))), signal.SIGKILL)

    def wait(self) -> None:
        """Until one answers."""
        until = time.monotonic() + PATIENCE
        while True:
            with suppress(OSError), urllib.request.urlopen(f"{self.url}/healthz", timeout=5):
                return
            if time.monotonic() > until:
                raise RuntimeError("no web process answers")
            time.sleep(0.05)


@contextmanager
def zygote() -> Iterator[Zygote]:
    """For as long as the block runs."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(
        resource.RLIMIT_NOFILE, (most, most)
    )  # a board is an open file, here and in each server
    made = Zygote()
    try:
        yield made
    finally:
        made.stop()


def started(made_by: Zygote, count: int, **environment: str) -> Webs:
    """So many behind one address, answering; they end with their zygote."""
    webs = Webs(made_by, environment)
    for _ in range(count):
        webs.start()
    webs.wait()
    return webs


@contextmanager
def running(count: int, **environment: str) -> Iterator[Webs]:
    """So many behind one address, for as long as the block runs."""
    with zygote() as made_by:
        yield started(made_by, count, **environment)
