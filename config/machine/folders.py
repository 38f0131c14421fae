"""Where the machinery keeps things, all under `.run/` or RUN_DIR, and that one process at a time uses a folder.

Used by every entry point. Secrets are kept in files that only their owner can read.
"""

import contextlib
import fcntl
import os
import secrets
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from config.machine.trouble import Trouble

PROJECT = Path(__file__).resolve().parents[2]
RUN = Path(os.environ.get("RUN_DIR") or PROJECT / ".run").resolve()
HOUSE = RUN / "house"
LOGS = RUN / "log"


@contextlib.contextmanager
def claim(home: Path) -> Iterator[Path]:
    """Hold this folder for as long as the block runs; a sentence if another process holds it."""
    home.mkdir(parents=True, exist_ok=True, mode=0o700)
    with (home / "lock").open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as held:
            lock.seek(0)
            holder = lock.read().strip() or "unknown"
            raise Trouble(
                f"another Dido is already running from this folder (process {holder}): "
                "use that one, or stop it first (Ctrl-C in its terminal)."
            ) from held
        lock.truncate(0)
        lock.write(f"{os.getpid()}\n")
        lock.flush()
        yield home


def is_claimed(home: Path) -> bool:
    """Whether a living process holds this folder."""
    try:
        with (home / "lock").open("r+") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except FileNotFoundError:
        return False
    except BlockingIOError:
        return True
    return False


@contextlib.contextmanager
def passing(purpose: str) -> Iterator[Path]:
    """A folder of one's own for one run, gone afterwards; what killed runs left behind goes first."""
    RUN.mkdir(parents=True, exist_ok=True)
    for left in RUN.glob(f"{purpose}-*"):
        if (left / "lock").exists() and not is_claimed(left):
            shutil.rmtree(left, ignore_errors=True)
    home = Path(tempfile.mkdtemp(prefix=f"{purpose}-", dir=RUN))
    try:
        with claim(home):
            yield home
    finally:
        shutil.rmtree(home, ignore_errors=True)


def kept_secret(file: Path) -> str:
    """The secret kept in this file, made on first use: 256 random bits."""
    if not file.exists():
        write_private(file, secrets.token_hex(32))
    return file.read_text().strip()


def write_private(file: Path, text: str) -> None:
    """Write a file that only its owner may read, whole or not at all."""
    draft = file.with_name(f"{file.name}.new")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as out:
        out.write(text)
    draft.replace(file)
