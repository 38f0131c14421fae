"""The solver's own process: `python -m workforce.solver`. A request as JSON on stdin, lines of JSON on stdout.

The lines are `{"progress": …}` any number of times, then `{"rota": …}` or `{"trouble": a sentence}`.
Started by process. It reads no database and no setting, gives way to the rest of the machine, and ends with its caller.
"""

import importlib
import json
import os
import sys
import threading
import time
from typing import Any

from workforce.solver import process, wire
from workforce.solver.problem import Progress, Rota

_LOOK = 0.5  # seconds between two looks at whether the one who asked is still there
_POLITE = 5


def main() -> int:
    """Read, solve, tell; 0 once a rota was told, 1 for trouble."""
    parent = os.getppid()
    threading.Thread(target=_end_with, args=(parent,), daemon=True).start()
    os.nice(_POLITE)
    if not process.installed():
        return _trouble(process.MISSING)
    try:
        request = wire.request_from(json.load(sys.stdin))
    except (KeyError, TypeError, ValueError) as wrong:
        return _trouble(f"The rota that was asked for could not be read: {wrong!r}.")
    _tell("rota", wire.rota_to(_answer(request)))
    return 0


def _answer(request: wire.Request) -> Rota:
    solving = importlib.import_module("workforce.solver.repair")  # only now: it needs OR-Tools
    rota: Rota = solving.answer(request, _progress)
    return rota


def _progress(step: Progress) -> None:
    _tell("progress", wire.progress_to(step))


def _trouble(sentence: str) -> int:
    _tell("trouble", sentence)
    return 1


def _tell(what: str, value: Any) -> None:
    sys.stdout.write(json.dumps({what: value}) + "\n")
    sys.stdout.flush()


def _end_with(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(_LOOK)
    os._exit(1)


if __name__ == "__main__":
    sys.exit(main())
