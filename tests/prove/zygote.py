"""`python -m tests.prove.zygote`: has everything of the pager imported, and makes pagers by forking, at a word.

Each line "start" on its input makes one more pager process, whose id it answers; so a killed one is replaced within
milliseconds. With BREAK=mark_then_send its pagers write "sent" before they send: the control.
"""

import os
import signal
import sys
from collections.abc import Callable
from datetime import datetime

import django

django.setup()

from django.db import connections  # noqa: E402 Django must be set up first

from paging import marking, sending  # noqa: E402
from paging.management.commands import pager  # noqa: E402
from paging.models import Page  # noqa: E402
from paging.routes import Routes, Sent  # noqa: E402
from paging.transports.contract import Kind, Outcome  # noqa: E402


def _mark_then_send(page: Page, *, routes: Routes, clock: Callable[[], datetime], **_: object) -> None:
    """What many a pager does: nothing is sent twice, and what was being sent at a crash is lost."""
    order = sending.order(page)
    marking.mark(page, Sent(Outcome(Kind.ACCEPTED, f"early{page.pk}", "queued"), "twilio"), now=clock())
    routes.send(page.channel, order, now=clock())


def main() -> None:
    """Fork pagers until the input ends."""
    if os.environ.get("BREAK") == "mark_then_send":
        sending.deliver = _mark_then_send
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    for line in sys.stdin:
        if line.strip() != "start":
            continue
        connections.close_all()
        pid = os.fork()
        if pid == 0:
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            sys.stdin.close()
            pager.Command().run_from_argv(["manage.py", "pager"])
            os._exit(0)
        sys.stdout.write(f"{pid}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
