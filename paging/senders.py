"""The threads that speak to the provider, so that no tick waits for it.

Given work by the engine: texts to send, silent providers to ask. Whatever goes wrong there is written to the log, and
the lease brings the page back.
"""

import traceback
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import structlog
from django.db import connection

from paging.models import Page

log = structlog.get_logger(__name__)

MOST = 12  # requests to the provider at once; each may hold a database connection


class Senders(ThreadPoolExecutor):
    """The threads, and how many of them are free."""

    def __init__(self) -> None:
        super().__init__(MOST, thread_name_prefix="sender")
        self._busy: set[Future[None]] = set()

    @property
    def room(self) -> int:
        """How much more can begin at once."""
        return MOST - len(self._busy)

    def start(self, work: Callable[..., None], page: Page, **means: Any) -> None:
        """Do this for the page on a thread of its own."""
        self._run(_for_page, work, page, **means)

    def begin(self, work: Callable[..., Any], **means: Any) -> None:
        """Do this, which is about no one page, on a thread of its own."""
        self._run(_for_all, work, **means)

    def _run(self, work: Callable[..., None], *about: Any, **means: Any) -> None:
        future = self.submit(work, *about, **means)
        self._busy.add(future)
        future.add_done_callback(self._busy.discard)


def guarded(work: Callable[..., None], page: Page, **means: Any) -> None:
    """Do this for the page here and now; a fault is logged and holds up nobody else."""
    try:
        work(page, **means)
    except Exception as error:  # noqa: BLE001 the lease brings the page back
        log.error("page_not_marked", page=page.pk, **blame(error))


def blame(error: Exception) -> dict[str, str]:
    """Which error where, for the log; never its message, which may quote a row of the database."""
    frames = traceback.extract_tb(error.__traceback__)
    where = f"{frames[-1].filename}:{frames[-1].lineno}" if frames else ""
    return {"error": type(error).__name__, "where": where}


def _for_all(work: Callable[..., Any], **means: Any) -> None:
    try:
        work(**means)
    except Exception as error:  # noqa: BLE001 it is begun again in a moment
        log.error("background_failed", work=work.__module__, **blame(error))
    finally:
        connection.close()


def _for_page(work: Callable[..., None], page: Page, **means: Any) -> None:
    try:
        guarded(work, page, **means)
    finally:
        connection.close()
