"""Real web processes on a test's database, each on a port of its own, and a Redis that can be stopped."""

import json
import os
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.db import connection

from config.machine import ports
from tests.machine import processes

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 180.0  # seconds; only a machine in trouble needs them


@dataclass
class Web:
    """One running web process."""

    address: str  # without the scheme
    process: "subprocess.Popen[bytes]"

    def ask(self, path: str, token: str, body: dict[str, Any] | None = None) -> Any:
        """The API's answer to this token."""
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        data = None if body is None else json.dumps(body).encode()
        asked = urllib.request.Request(f"http://{self.address}/api/v1{path}", data=data, headers=headers)
        with urllib.request.urlopen(asked, timeout=PATIENCE) as answer:
            return json.load(answer)


@contextmanager
def running(folder: Path, *, redis_url: str = "") -> Iterator[Web]:
    """A web process on this test's database, answering; it is killed at the end if it has not ended before."""
    known, address = connection.get_connection_params(), f"127.0.0.1:{ports.free_port()}"
    place = f"{known['user']}:{known['password']}@{known['host']}:{known['port']}/{known['dbname']}"
    host, _, port = address.partition(":")
    told = {
        "DATABASE_URL": f"postgresql://{place}",
        "PUBLIC_URL": f"http://{address}",
        "LOG_LEVEL": "WARNING",
    }
    if redis_url:
        told["REDIS_URL"] = redis_url
    command = [sys.executable, "-m", "config.web", "-e", f"tcp:port={port}:interface={host}"]
    heard = folder / f"said-{port}.txt"
    with heard.open("wb") as said:
        process = subprocess.Popen(
            [*command, "config.asgi:application"],
            cwd=ROOT, env=os.environ | told, stdout=said, stderr=subprocess.STDOUT,
        )  # fmt: skip
    try:
        ready = processes.eventually(_answering(f"http://{address}/healthz"), seconds=PATIENCE)
        assert ready, heard.read_text()
        yield Web(address, process)
    finally:
        process.kill()
        process.wait()


def _answering(url: str) -> Callable[[], bool]:
    def answers() -> bool:
        try:
            with urllib.request.urlopen(url, timeout=PATIENCE) as answer:
                return bool(answer.status == 200)
        except OSError:
            return False

    return answers
