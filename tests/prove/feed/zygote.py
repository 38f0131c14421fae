"""`python -m tests.prove.feed.zygote`: web processes made by forking, at a word.

What Dido is built on is imported once, so that a killed process is replaced within a second; Dido itself, its
settings and its reactor belong to each child. Each line on its input is JSON: the port (0: a new one) and what is
different in the environment of one more; it answers with its id and port. When the input ends, they all end.
"""

import importlib
import json
import os
import runpy
import signal
import socket
import sys
from contextlib import suppress
from pathlib import Path

from django.conf import settings

from config.machine import ports

HEAVY = (
    "channels_redis.pubsub",
    "django.core.management",
    "django.template.loader",
    "notifications_python_client",
    "phonenumbers",
    "psycopg_pool",
    "pydantic",
    "pywebpush",
    "structlog",
    "twilio.rest",
    "twisted.internet.asyncioreactor",
    "twisted.internet.endpoints",
    "twisted.web.http",
)
BACKLOG = 4096
DOOR = 3  # the descriptor at which a server finds its listening socket, by systemd's convention
APPLICATION = "config.asgi:application"


def _door(port: int) -> socket.socket:
    """A socket at this port of the loopback, beside all others there: the kernel deals out who calls."""
    door = socket.socket()
    door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    door.bind(("127.0.0.1", port))
    return door


def _serve(port: int) -> None:
    """Become the web process as it is started in production, but for the socket that it is handed."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    os.setsid()
    listening = _door(port)
    listening.listen(BACKLOG)
    if listening.fileno() != DOOR:
        os.dup2(listening.fileno(), DOOR)
        listening.close()
    with Path(os.devnull).open("wb") as nobody:
        os.dup2(nobody.fileno(), sys.stdout.fileno())  # the access log; our own output has a reader
    words = ["-e", "systemd:domain=INET:name=web", "--websocket_connect_timeout", "30"]
    sys.argv = ["config.web", *words, os.environ.get("APPLICATION", APPLICATION)]
    if os.environ.get("BREAK"):
        runpy.run_module("tests.prove.feed.broken", run_name="__broken__")
    runpy.run_module("config.web", run_name="__main__")


def main() -> None:
    """Fork web processes until the input ends."""
    # As systemd would say it; Twisted reads it when it is imported.
    os.environ |= {"LISTEN_PID": str(os.getpid()), "LISTEN_FDS": "1", "LISTEN_FDNAMES": "web"}
    for module in HEAVY:
        importlib.import_module(module)
    assert "twisted.internet.reactor" not in sys.modules, "a reactor must not be shared by two processes"
    assert not settings.configured, "settings belong to each child"
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    children: list[int] = []
    kept: list[socket.socket] = []  # nobody listens there; it holds a port for those who will
    for line in sys.stdin:
        port, environment = json.loads(line)
        if not port:
            port = ports.free_port()
            kept.append(_door(port))
        pid = os.fork()
        if pid == 0:
            for door in kept:
                door.close()
            os.environ |= environment
            _serve(port)
            os._exit(0)
        children.append(pid)
        sys.stdout.write(f"{pid} {port}\n")
        sys.stdout.flush()
    for pid in children:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


if __name__ == "__main__":
    main()
