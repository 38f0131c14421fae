"""A real `manage.py pager`, as the benchmark and nobody else starts it."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from django.db import connection

from config.machine import folders
from tests import account

TICKS = "select count(*) from paging_beat where ticked_at > now() - interval '2 seconds'"


@contextmanager
def pager(environment: Mapping[str, str], url: str) -> Iterator[subprocess.Popen[bytes]]:
    """One pager process that ticks, and speaks to the provider at this URL."""
    own = {**os.environ, **environment, **account.TWILIO, "LOG_LEVEL": "ERROR", "TWILIO_API_URL": url}
    process = subprocess.Popen([sys.executable, "manage.py", "pager"], cwd=folders.PROJECT, env=own)
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
            cursor.execute(TICKS)
            row = cursor.fetchone()
        if row and row[0]:
            return
        time.sleep(0.05)
    raise TimeoutError("the pager does not tick")


def resident(process: "subprocess.Popen[bytes]") -> float:
    """Its resident memory in MB (of 1,024 KB)."""
    status = Path(f"/proc/{process.pid}/status").read_text()
    return int(status.split("VmRSS:")[1].split()[0]) / 1024
