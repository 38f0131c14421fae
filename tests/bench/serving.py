"""The servers that are measured: how each is started, what it has used of processor and memory."""

import contextlib
import os
import socket
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from config.machine import children, folders, ports
from config.machine.trouble import Trouble
from tests.bench import tools

PATIENCE = 40.0  # seconds for a server to listen
TICK = os.sysconf("SC_CLK_TCK")
PAGE = os.sysconf("SC_PAGE_SIZE")


@dataclass(frozen=True)
class Served:
    """One server that runs."""

    name: str
    port: int
    pid: int
    path: str
    socket_io: bool = False

    @property
    def ours(self) -> bool:
        """Whether its events come from the database, and its boards are signed in."""
        return self.path.startswith("/ws/feed/")

    def processor(self) -> float:
        """Seconds of processor time that it has used, all threads."""
        return processor(self.pid)

    def memory(self) -> float:
        """Kilobytes of memory that it holds."""
        return int(Path(f"/proc/{self.pid}/statm").read_text().split()[1]) * PAGE / 1024


def processor(pid: int) -> float:
    """Seconds of processor time of one process and of its children that have ended."""
    after_name = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return sum(map(int, after_name[11:15])) / TICK


def family(pid: int) -> float:
    """Seconds of processor time of a process and of all its living children."""
    used = processor(pid)
    for task in Path(f"/proc/{pid}/task").iterdir():
        for child in (task / "children").read_text().split():
            with contextlib.suppress(FileNotFoundError, ProcessLookupError):
                used += processor(int(child))
    return used


@contextlib.contextmanager
def dido(environment: Mapping[str, str], *, stream: str, changes: str = "") -> Iterator[Served]:
    """Our own web process, started as in production; `changes` are those of tests.bench.settings."""
    program = [
        "-m",
        "config.web",
        *_endpoint(),
        "--websocket_connect_timeout",
        "30",
        "config.asgi:application",
    ]
    path = f"/ws/feed/?stream={stream}"
    with _running("Dido", [sys.executable, *program], _changed(environment, changes), path) as served:
        yield served


@contextlib.contextmanager
def stock(environment: Mapping[str, str], *, changes: str = "") -> Iterator[Served]:
    """Channels' own consumer on Daphne as it is installed, with a backlog that lets a thousand in."""
    program = ["-m", "daphne", *_endpoint(), "--websocket_connect_timeout", "30"]
    command = [sys.executable, *program, "tests.bench.peers.stock:application"]
    with _running("stock Channels", command, _changed(environment, changes), "/ws/stock/") as served:
        yield served


@contextlib.contextmanager
def broadcast(environment: Mapping[str, str]) -> Iterator[Served]:
    """The `websockets` package."""
    command = [sys.executable, "-m", "tests.bench.peers.broadcast", "PORT"]
    with _running("websockets", command, environment, "/") as served:
        yield served


@contextlib.contextmanager
def epoll(environment: Mapping[str, str]) -> Iterator[Served]:
    """The C program."""
    with _running("C epoll", [str(tools.epoll()), "PORT"], environment, "/") as served:
        yield served


@contextlib.contextmanager
def socket_io(environment: Mapping[str, str]) -> Iterator[Served]:
    """socket.io with its Redis adapter."""
    command = [*tools.socket_io(), "PORT", environment["REDIS_URL"]]
    path = "/socket.io/?EIO=4&transport=websocket"
    with _running("socket.io", command, environment, path, socket_io=True) as served:
        yield served


@contextlib.contextmanager
def uvicorn(environment: Mapping[str, str]) -> Iterator[Served]:
    """Uvicorn at its fastest, with an application that asks nothing."""
    fast = ["--loop", "uvloop", "--http", "httptools", "--ws", "websockets-sansio", "--backlog", "4096"]
    quiet = ["--log-level", "error", "--no-access-log"]
    program = ["-m", "uvicorn", "--host", "127.0.0.1", "--port", "PORT", *fast, *quiet]
    beside = {**environment, "PYTHONPATH": str(tools.uvicorn())}
    command = [sys.executable, *program, "tests.bench.peers.bare:application"]
    with _running("bare Uvicorn", command, beside, "/") as served:
        yield served


def _endpoint() -> list[str]:
    return ["-e", "tcp:port=PORT:interface=127.0.0.1:backlog=4096"]


def _changed(environment: Mapping[str, str], changes: str) -> dict[str, str]:
    return {**environment, "DJANGO_SETTINGS_MODULE": "tests.bench.settings", "BENCH": changes}


@contextlib.contextmanager
def _running(
    name: str, command: list[str], environment: Mapping[str, str], path: str, *, socket_io: bool = False
) -> Iterator[Served]:
    port = ports.free_port()
    command = [word.replace("PORT", str(port)) for word in command]
    log = folders.LOGS / f"bench-{name.replace(' ', '-')}.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    child = children.Child(name, command, log=log, environment=environment, folder=folders.PROJECT)
    child.start()
    try:
        until = time.monotonic() + PATIENCE
        while not _answers(port):
            if not child.alive() or time.monotonic() > until:
                raise Trouble(f"{name} does not listen: {child.last_words()}")
            time.sleep(0.1)
        yield Served(name, port, child.pid, path, socket_io)
    finally:
        child.stop()


def _answers(port: int) -> bool:
    with contextlib.closing(socket.socket()) as probe:
        return bool(probe.connect_ex(("127.0.0.1", port)) == 0)
