"""The product's way to a rota: starts the solver's own process, passes its progress on, brings its answer, ends it.

Called by screens and commands. No thread of the product ever searches; a search that is stopped, crashes or outstays
its time is one process less, and nothing else. Without OR-Tools it refuses in plain words.
"""

import contextlib
import importlib.util
import json
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Self

from workforce.solver import wire
from workforce.solver.problem import Progress, Rota

MISSING = (
    "The rota solver is not installed here. Whoever looks after this installation can add it: "
    "requirements-solver.txt is requirements.txt with the solver, and an image is built with "
    "REQUIREMENTS=requirements-solver.txt."
)
GRACE = 30.0  # seconds beyond the time of the search: to start, to read and build, and to answer
_PROJECT = Path(__file__).resolve().parents[2]


class NotInstalled(RuntimeError):
    """There is no solver on this machine; everything else works."""


class Failed(RuntimeError):
    """The search ended without an answer; the message says how."""


def installed() -> bool:
    """Whether OR-Tools is here."""
    return importlib.util.find_spec("ortools") is not None


class Running:
    """One search. Iterate over it for its progress, then ask for its `rota()`; leaving the block ends it."""

    def __init__(self, request: wire.Request) -> None:
        if not installed():
            raise NotInstalled(MISSING)
        self._stopped = False
        self._late = False
        self._rota: Rota | None = None
        self._trouble = ""
        self._said = tempfile.TemporaryFile()  # noqa: SIM115 closed in __exit__
        self._process = subprocess.Popen(
            [sys.executable, "-m", "workforce.solver"],
            cwd=_PROJECT,
            env={},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._said,
            text=True,
            start_new_session=True,
        )
        self._timer = threading.Timer(request.seconds + GRACE, self._too_late)
        self._timer.daemon = True
        self._timer.start()
        assert self._process.stdin is not None
        with contextlib.suppress(BrokenPipeError):  # it is gone; asking for the rota tells how
            self._process.stdin.write(json.dumps(wire.request_to(request)))
            self._process.stdin.close()

    @property
    def pid(self) -> int:
        """The process that searches."""
        return self._process.pid

    def __iter__(self) -> Iterator[Progress]:
        """Each better rota, when it is found; ends with the search."""
        assert self._process.stdout is not None
        for line in self._process.stdout:
            told = json.loads(line)
            if "progress" in told:
                yield wire.progress_from(told["progress"])
            elif "rota" in told:
                self._rota = wire.rota_from(told["rota"])
            else:
                self._trouble = told["trouble"]

    def rota(self) -> Rota:
        """The answer, once there is one; Failed where there will be none."""
        for _ in self:
            pass
        code = self._process.wait()
        self._timer.cancel()
        if self._rota is not None:
            return self._rota
        raise Failed(self._trouble or self._how(code))

    def stop(self) -> None:
        """End the search at once; its rota is Failed from then on."""
        self._stopped = self._process.poll() is None
        self._process.kill()

    def _too_late(self) -> None:
        self._late = True
        self._process.kill()

    def _how(self, code: int) -> str:
        if self._stopped:
            return "The search for a rota was stopped."
        if self._late:
            return "The search for a rota did not end in its time, and was stopped."
        self._said.seek(0)
        last = self._said.read().decode(errors="replace").strip().rpartition("\n")[2]
        return f"The search for a rota ended without an answer (code {code}). {last}".strip()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._timer.cancel()
        self._process.kill()
        self._process.wait()
        assert self._process.stdin is not None and self._process.stdout is not None
        with contextlib.suppress(BrokenPipeError):
            self._process.stdin.close()
        self._process.stdout.close()
        self._said.close()
