"""One program that we started: its log, its life and its end.

Used by the servers, the supervisor and the test run. Children must be started from the main thread: on Linux
the leash (`leash.py`) is tied to the thread that held it when the child was born.
"""

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

LEASH = Path(__file__).with_name("leash.py")


def leashed(command: list[str], *, identity: str = "self", farewell: int = signal.SIGKILL) -> list[str]:
    """The command that runs `command` on a leash held by this process."""
    leash = [sys.executable, "-I", "-S", str(LEASH), str(os.getpid()), str(int(farewell)), identity]
    return [*leash, *command]


@dataclass
class Child:
    """A program in a process group of its own; `log` takes what it says, None leaves it to our terminal."""

    name: str
    command: list[str]
    log: Path | None
    environment: Mapping[str, str] | None = None
    identity: str = "self"
    goodbye: signal.Signals = signal.SIGTERM
    farewell: signal.Signals = signal.SIGKILL
    folder: Path = field(default_factory=Path.cwd)
    _process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Begin, in a new session: a Ctrl-C at the terminal is ours to answer, not the child's."""
        with contextlib.ExitStack() as stack:
            output: IO[bytes] | None = stack.enter_context(self.log.open("ab")) if self.log else None
            self._process = subprocess.Popen(
                leashed(self.command, identity=self.identity, farewell=self.farewell),
                stdin=subprocess.DEVNULL if self.log else None,
                stdout=output,
                stderr=subprocess.STDOUT if output else None,
                env=None if self.environment is None else dict(self.environment),
                cwd=self.folder,
                start_new_session=True,
            )

    @property
    def pid(self) -> int:
        """The process id; the child must have been started."""
        if self._process is None:
            raise RuntimeError(f"{self.name} was never started")
        return self._process.pid

    def ended(self) -> int | None:
        """The exit code (negative: the signal that killed it), or None while it lives."""
        return None if self._process is None else self._process.poll()

    def alive(self) -> bool:
        """Whether it was started and has not ended."""
        return self._process is not None and self._process.poll() is None

    def wait(self) -> int:
        """Wait, however long it takes, for its end; the exit code."""
        if self._process is None:
            raise RuntimeError(f"{self.name} was never started")
        return self._process.wait()

    def ask_to_stop(self) -> None:
        """Say goodbye; whoever asks must `stop()` afterwards."""
        self.send(self.goodbye)

    def send(self, number: signal.Signals) -> None:
        """Send a signal to the program itself, if it lives."""
        if self._process is not None:
            self._process.send_signal(number)

    def stop(self, *, patience: float = 5.0) -> None:
        """End it: goodbye, `patience` seconds, then by force, with all it may have started."""
        if self._process is None:
            return
        self._process.send_signal(self.goodbye)
        # A stopped process hears nothing but this.
        self._process.send_signal(signal.SIGCONT)
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(patience)
        self.kill()

    def kill(self) -> None:
        """End it and its whole process group at once."""
        if self._process is not None:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()

    def last_words(self) -> str:
        """The last line of its log that says something, for a sentence to whoever must put it right."""
        if self.log is None or not self.log.exists():
            return "it said nothing"
        lines = self.log.read_text(errors="replace").splitlines()
        return next((line.strip() for line in reversed(lines) if line.strip()), "it said nothing")
