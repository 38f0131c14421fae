"""Makes things happen whose telling is measured: an entry committed to a stream, or a verb pressed over HTTP."""

import http.client
import queue
import time
import urllib.parse
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from realtime import feed
from tests.bench import population
from tests.bench.serving import Served


def head() -> int:
    """The stream's last position."""
    return feed.heads([population.STREAM])[population.STREAM]


def commit() -> tuple[int, int]:
    """Append one entry by the product's own way; its position, and the moment at which its commit had returned."""
    moments: list[int] = []
    with transaction.atomic():
        transaction.on_commit(lambda: moments.append(time.monotonic_ns()))  # before the bell is rung
        told = feed.append(
            [population.STREAM],
            subject="BENCH",
            version=1,
            verb="answer",
            state="referred",
            at=timezone.now(),
        )
    return told[population.STREAM], moments[0]


def pace(do: Callable[[], object], *, count: int, every: float) -> list[int]:
    """Do it so many times, one each `every` seconds, late or not; the moments at which each was due."""
    begun = time.monotonic_ns() + 20_000_000
    due = [begun + int(n * every * 1e9) for n in range(count)]
    for moment in due:
        wait = (moment - time.monotonic_ns()) / 1e9
        if wait > 0:
            time.sleep(wait)
        do()
    return due


@dataclass
class Doctor:
    """A spoke doctor at one browser, over one connection that stays open."""

    served: Served
    session: str
    codes: list[str]
    pressed: int = 0
    connection: http.client.HTTPConnection | None = None

    def press(self) -> float:
        """Answer the hub's question on one of her referrals; milliseconds until the server had it saved."""
        code = self.codes[self.pressed % len(self.codes)]
        self.pressed += 1
        said = {"text": "BP 168/90, GCS 13", "key": population.key()}
        return self.request("POST", f"/r/{code}/answer/", said, expected=303)

    def request(self, method: str, path: str, said: dict[str, str], *, expected: int) -> float:
        """Milliseconds of one request."""
        if self.connection is None:
            self.connection = http.client.HTTPConnection("127.0.0.1", self.served.port, timeout=60)
        cookies = (
            f"{settings.SESSION_COOKIE_NAME}={self.session}; {settings.CSRF_COOKIE_NAME}={population.CSRF}"
        )
        headers = {
            "Cookie": cookies,
            "X-CSRFToken": population.CSRF,
            "Content-Type": "application/x-www-form-urlencoded",
        }
        begun = time.monotonic_ns()
        self.connection.request(method, path, urllib.parse.urlencode(said), headers)
        answer = self.connection.getresponse()
        body = answer.read()
        if answer.status != expected:
            raise RuntimeError(f"{method} {path} was answered {answer.status}: {body[:300]!r}")
        return (time.monotonic_ns() - begun) / 1e6


@dataclass(frozen=True)
class Surgery:
    """So many doctors, each at a browser, who press as it is asked for: whoever is free takes the next."""

    free: queue.Queue[Doctor]
    hands: ThreadPoolExecutor

    def press(self, *, count: int, every: float) -> tuple[list[int], list[float]]:
        """Press verbs, one due each `every` seconds: the moments due, and milliseconds from then to the answer."""
        pressing: list[Future[int]] = []
        due = pace(lambda: pressing.append(self.hands.submit(self._press)), count=count, every=every)
        done = [one.result() for one in pressing]
        return due, sorted((at - asked) / 1e6 for at, asked in zip(done, due, strict=True))

    def _press(self) -> int:
        doctor = self.free.get()
        doctor.press()
        at = time.monotonic_ns()
        self.free.put(doctor)
        return at


@contextmanager
def surgery(served: Served, session: str, codes: list[str], *, doctors: int) -> Iterator[Surgery]:
    """Doctors whose connections are open, with referrals of their own each."""
    free: queue.Queue[Doctor] = queue.Queue()
    for number in range(doctors):
        doctor = Doctor(served, session, codes[number::doctors])
        doctor.press()
        free.put(doctor)
    with ThreadPoolExecutor(doctors) as hands:
        yield Surgery(free, hands)
