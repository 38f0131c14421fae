"""One search for a draft, in a process of its own that nothing waits for: its rows say how it is getting on.

A screen starts it, the command `search_rota` runs it. One search at a time in the whole house, the others wait; one
that nobody wants any more ends itself, and so does one that has lost its database.
"""

import subprocess
import sys
import threading
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from django.db import connection

from workforce import drafts
from workforce.draft_rows import RotaDraft
from workforce.solver import process, wire
from workforce.solver.problem import Progress, Rota
from workforce.solver.process import Failed, NotInstalled, Running

PROJECT = Path(__file__).resolve().parents[1]
PULSE = 1.0  # seconds
TURN = 5_271_009  # the advisory lock that the searches of this database share
Now = Callable[[], datetime]


def start(draft: RotaDraft) -> None:
    """Start the process that searches; the caller has committed the draft."""
    command = [sys.executable, str(PROJECT / "manage.py"), "search_rota", str(draft.pk)]
    started = subprocess.Popen(command, cwd=PROJECT, stdin=subprocess.DEVNULL, start_new_session=True)
    threading.Thread(target=started.wait, daemon=True).start()  # whoever ends is not left behind


def run(number: int, now: Now) -> None:
    """Search for this draft until there is an answer, or nobody waits for it."""
    while not _turn():
        if not drafts.heard(number, at=now()):
            return
        time.sleep(PULSE)
    try:
        draft = drafts.begin(number, at=now())
        if draft is not None:
            _search(draft, now)
    finally:
        _give_way()


def _search(draft: RotaDraft, now: Now) -> None:
    try:
        with process.Running(wire.request_from(draft.request)) as running:
            ear = _Ear(running)
            ear.start()
            while ear.is_alive():
                ear.join(PULSE)
                if not drafts.heard(draft.pk, at=now(), progress=ear.progress):
                    running.stop()
    except NotInstalled as missing:
        drafts.failed(draft.pk, str(missing), at=now())
        return
    if ear.rota is not None:
        drafts.found(draft.pk, ear.rota, at=now())
    else:
        drafts.failed(draft.pk, f"{ear.trouble} Nothing was changed. Ask again.", at=now())


class _Ear(threading.Thread):
    """Listens to the solver, so that the signs of life go on while it is silent."""

    def __init__(self, running: Running) -> None:
        super().__init__(daemon=True)
        self.running = running
        self.progress: Progress | None = None
        self.rota: Rota | None = None
        self.trouble = ""

    def run(self) -> None:
        try:
            for step in self.running:
                self.progress = step
            self.rota = self.running.rota()
        except Failed as trouble:
            self.trouble = str(trouble)


def _turn() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("select pg_try_advisory_lock(%s)", [TURN])
        return bool(cursor.fetchone()[0])


def _give_way() -> None:
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_unlock(%s)", [TURN])
