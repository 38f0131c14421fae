"""What is running on this machine on behalf of one folder, for the tests of the machinery.

It looks at every process through /proc, as a stranger would, and trusts nothing that the launcher says.
"""

import time
from collections.abc import Callable
from pathlib import Path

PATIENCE = 120.0  # seconds; only what never comes true needs them


def belonging_to(folder: Path) -> dict[int, str]:
    """Every living process whose command line or environment names the folder, with its command line."""
    found = {}
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            command = (entry / "cmdline").read_bytes().replace(b"\0", b" ")
            environment = (entry / "environ").read_bytes()
        except OSError:
            continue
        if str(folder).encode() in command + environment:
            found[int(entry.name)] = command.decode(errors="replace")
    return found


def one(folder: Path, words: str) -> int:
    """The one process of the folder whose command line has these words, once there is exactly one.

    A process that is just becoming another program (`exec`) has for a moment no command line at all.
    """
    found: list[int] = []

    def is_alone() -> bool:
        found[:] = [pid for pid, command in belonging_to(folder).items() if words in command]
        return len(found) == 1

    assert eventually(is_alone), f"{words}: {found or 'nothing'} among {belonging_to(folder)}"
    return found[0]


def eventually(is_so: Callable[[], bool], *, seconds: float = PATIENCE) -> bool:
    """Whether it comes true within these seconds; other processes keep their own time."""
    until = time.monotonic() + seconds
    while not is_so():
        if time.monotonic() > until:
            return False
        time.sleep(0.05)
    return True
