"""The threads that speak to the provider, so that no tick waits for it, and the one that writes down what came of it.

Given work by the engine: texts to send, silent providers to ask. Whatever goes wrong there is written to the log, and
the lease brings the page back.
"""

import traceback
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from queue import Empty, Queue
from threading import Thread
from types import TracebackType
from typing import Any

import structlog
from django.db import connection

from paging.models import Page

log = structlog.get_logger(__name__)

MOST = 12  # requests to the provider at once; each may hold a database connection
HANDS = MOST + 3  # whoever ticks, the scribe, and what goes on behind them
AHEAD = 3  # pages that wait for a thread, so that none is ever idle; whoever dies holds them up for a lease
HANDFUL = 3  # pages are claimed together
TOGETHER = 50  # outcomes that are written in one transaction

Work = Callable[..., Any]


class Senders(ThreadPoolExecutor):
    """The threads, and how much more they can take."""

    def __init__(self, write: Work) -> None:
        super().__init__(MOST, thread_name_prefix="sender")
        self._busy: set[Future[None]] = set()
        # Pages that were made here and have not left, with all that they belong to.
        self.made: dict[int, Page] = {}
        self._scribe = Scribe(write)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool | None:
        ended = super().__exit__(kind, error, trace)
        self._scribe.close()
        return ended

    @property
    def room(self) -> int:
        """How many more pages may be claimed: none while that would not be worth a look at the table."""
        room = MOST + AHEAD - len(self._busy) - self._scribe.waiting
        return room if room >= HANDFUL else 0

    def put(self, outcome: Any) -> None:
        """Let this be written down, together with whatever else has come in."""
        self._scribe.put(outcome)

    def start(self, work: Work, page: Page, **means: Any) -> None:
        """Do this for the page on a thread of its own."""
        self._run(_for_page, work, page, **means)

    def begin(self, work: Work, **means: Any) -> None:
        """Do this, which is about no one page, on a thread of its own."""
        self._run(_for_all, work, **means)

    def _run(self, work: Work, *about: Any, **means: Any) -> None:
        future = self.submit(work, *about, **means)
        self._busy.add(future)
        future.add_done_callback(self._busy.discard)


class Scribe:
    """One thread that writes: all that came in while it wrote goes together in its next transaction."""

    def __init__(self, write: Work) -> None:
        self._write = write
        self._outcomes: Queue[Any] = Queue()
        self._thread = Thread(target=self._run, name="scribe", daemon=True)
        self._thread.start()

    @property
    def waiting(self) -> int:
        """How many are not written yet."""
        return self._outcomes.unfinished_tasks

    def put(self, outcome: Any) -> None:
        """Write this soon."""
        self._outcomes.put(outcome)

    def close(self) -> None:
        """Write what is left, and end."""
        self._outcomes.put(None)
        self._thread.join()

    def _run(self) -> None:
        while (outcome := self._outcomes.get()) is not None:
            together = [outcome, *self._more()]
            _for_all(self._write, marked=together)
            for _ in together:
                self._outcomes.task_done()

    def _more(self) -> list[Any]:
        found: list[Any] = []
        while len(found) < TOGETHER:
            try:
                found.append(self._outcomes.get_nowait())
            except Empty:
                break
        if None in found:  # the last word: it is heard again after these
            found.remove(None)
            self._outcomes.put(None)
            self._outcomes.task_done()
        return found


def keep_ready(*, patience: float = 0.0) -> None:
    """Keep a connection to the database for each hand; with patience (seconds), until they are open.

    A pool opens what is missing one after the other, and a burst needs all at once.
    """
    pool: Any = getattr(connection, "pool", None)
    if pool is not None:
        pool.open()
        pool.resize(min(HANDS, pool.max_size), pool.max_size)
        if patience:
            pool.wait(timeout=patience)


def guarded(work: Work, page: Page, **means: Any) -> None:
    """Do this for the page here and now; a fault is logged and holds up nobody else."""
    try:
        work(page, **means)
    except Exception as error:  # noqa: BLE001 the lease brings the page back
        log.error("page_not_marked", page=page.pk, **blame(error))


def at_once(work: Work, **means: Any) -> None:
    """Do this, which is about no one page, here and now."""
    work(**means)


def blame(error: Exception) -> dict[str, str]:
    """Which error where, for the log; never its message, which may quote a row of the database."""
    frames = traceback.extract_tb(error.__traceback__)
    where = f"{frames[-1].filename}:{frames[-1].lineno}" if frames else ""
    return {"error": type(error).__name__, "where": where}


def _for_all(work: Work, **means: Any) -> None:
    try:
        work(**means)
    except Exception as error:  # noqa: BLE001 it is begun again in a moment
        log.error("background_failed", work=work.__module__, **blame(error))
    finally:
        connection.close()


def _for_page(work: Work, page: Page, **means: Any) -> None:
    try:
        guarded(work, page, **means)
    finally:
        connection.close()
