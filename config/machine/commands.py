"""Runs one command to its end at our terminal, and ends it in good order when we are interrupted.

Used by the entry points that run tools rather than servers.
"""

import signal
import sys
from collections.abc import Mapping

from config.machine import children, folders, interrupts


def run(
    command: list[str], environment: Mapping[str, str], *, goodbye: signal.Signals = signal.SIGTERM
) -> int:
    """The exit code of the command, which inherits our terminal."""
    child = children.Child(
        command[0], command, log=None, environment=environment, goodbye=goodbye, folder=folders.PROJECT
    )
    child.start()
    try:
        return child.wait()
    except BaseException:
        interrupts.disarm()
        child.stop(patience=10.0)
        raise


def manage(arguments: list[str], environment: Mapping[str, str]) -> int:
    """The exit code of a management command."""
    return run([sys.executable, str(folders.PROJECT / "manage.py"), *arguments], environment)
