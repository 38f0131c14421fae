"""What the machinery says when it cannot go on, and how it says anything at all.

Every entry point turns a `Trouble` into its one sentence and exit code 1. Nothing here knows what went wrong.
"""

import contextlib
import sys
from collections.abc import Callable

from config.machine import interrupts


class Trouble(Exception):
    """Something a person must put right; its text is one clear sentence that says how."""


def say(line: str = "") -> None:
    """Show one line to whoever started us, if they are still there to read it."""
    with contextlib.suppress(OSError):
        sys.stdout.write(f"{line}\n")
        sys.stdout.flush()


def entry(main: Callable[[], int]) -> int:
    """Run an entry point: its exit code, 1 after the sentence of its trouble, 130 when it was interrupted."""
    interrupts.arm()
    try:
        return main()
    except Trouble as trouble:
        with contextlib.suppress(OSError):
            sys.stderr.write(f"Dido: {trouble}\n")
        return 1
    except interrupts.Interrupted:
        return 130
