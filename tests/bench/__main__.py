"""`make bench`: one verb to a crowd of boards, Dido's tail beside Channels' stock consumer, interleaved in one run."""

import asyncio
import contextlib
import os
import socket
import sys
import time
from collections.abc import Iterator

import django

from config.machine import children, folders, ports, servers, surroundings

BOARDS = int(os.environ.get("BOARDS", "300"))
EVENTS = int(os.environ.get("EVENTS", "20"))
ROUNDS = 3


def main() -> int:
    """Start the servers, measure, print a table."""
    given = surroundings.visitor()
    with servers.throw_away(given=given) as found:
        environment = surroundings.of_the_tests(
            given, database_url=found.database_url, redis_url=found.redis_url
        )
        os.environ.update(
            environment, DJANGO_SETTINGS_MODULE="config.settings", DJANGO_ALLOW_ASYNC_UNSAFE="1"
        )
        django.setup()
        from tests.bench import measuring  # noqa: PLC0415 Django's settings must stand first

        measuring.prepare()
        with _daphne("config.asgi", environment) as ours, _daphne("tests.bench.stock", environment) as stock:
            rows = asyncio.run(
                measuring.interleaved(ours=ours, stock=stock, boards=BOARDS, events=EVENTS, rounds=ROUNDS)
            )
    sys.stdout.write(measuring.table(rows, boards=BOARDS))
    return 0


@contextlib.contextmanager
def _daphne(module: str, environment: dict[str, str]) -> Iterator[int]:
    port = ports.free_port()
    endpoint = f"tcp:port={port}:interface=127.0.0.1:backlog=4096"
    command = [sys.executable, "-m", "config.web", "-e", endpoint, f"{module}:application"]
    log = folders.LOGS / f"bench-{module}.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    child = children.Child(module, command, log=log, environment=environment, folder=folders.PROJECT)
    child.start()
    try:
        until = time.monotonic() + 30
        while not _answers(port) and time.monotonic() < until:
            time.sleep(0.1)
        yield port
    finally:
        child.stop()


def _answers(port: int) -> bool:
    with contextlib.closing(socket.socket()) as probe:
        return bool(probe.connect_ex(("127.0.0.1", port)) == 0)


if __name__ == "__main__":
    sys.exit(main())
