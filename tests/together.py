"""Several people at once: each job in a thread of its own, over a connection of its own, released together.

For tests with `open_world`; the outcome of each job is what it returned, or what it raised.
"""

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from django.db import connection

PATIENCE = 180  # seconds until a test that waits for itself is given up


def at_once(jobs: Sequence[Callable[[], Any]]) -> list[Any]:
    """Do all jobs at the same moment; their outcomes in the same order."""
    start = threading.Barrier(len(jobs))

    def run(job: Callable[[], Any]) -> Any:
        try:
            start.wait(PATIENCE)
            return job()
        except Exception as outcome:  # noqa: BLE001 a refusal is an outcome
            return outcome
        finally:
            connection.close()

    with ThreadPoolExecutor(len(jobs)) as threads:
        return list(threads.map(run, jobs, timeout=PATIENCE))
