"""PostgreSQL and Redis for as long as a block of code runs: the visitor's, or ours.

Used by every entry point, and by tests that need servers of their own to break. It starts nothing in the
place of a server that was given.
"""

import contextlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import psycopg
import redis

from config.machine import folders, interrupts, postgres, valkey
from config.machine.trouble import Trouble

_PATIENCE_SECONDS = 5


@dataclass(frozen=True)
class Servers:
    """Where the two are; `postgres` and `valkey` are None where the visitor gave an address."""

    database_url: str
    redis_url: str
    postgres: postgres.Postgres | None
    valkey: valkey.Valkey | None


@contextlib.contextmanager
def running(
    home: Path,
    *,
    given: Mapping[str, str],
    durable: bool = True,
    kept: bool = True,
    logs: Path | None = None,
) -> Iterator[Servers]:
    """Both servers, answering; ours keep their files in `home`, which the caller has claimed."""
    logs = logs or home
    logs.mkdir(parents=True, exist_ok=True)
    with contextlib.ExitStack() as stack:
        database = None
        bell = None
        if url := given.get("DATABASE_URL"):
            check_database(url)
        else:
            database = postgres.Postgres(home, logs / "postgres.log", durable=durable, kept=kept)
            stack.callback(database.stop)
            database.start()
            url = database.url
        if bell_url := given.get("REDIS_URL"):
            check_redis(bell_url)
        else:
            bell = valkey.Valkey(home, logs / "valkey.log")
            stack.callback(bell.stop)
            bell.start()
            bell_url = bell.url
        stack.callback(interrupts.disarm)
        yield Servers(url, bell_url, database, bell)


@contextlib.contextmanager
def throw_away(*, given: Mapping[str, str], durable: bool = False) -> Iterator[Servers]:
    """Both servers, empty, in a folder that is gone afterwards; `durable` where speed is measured."""
    with (
        folders.passing("passing") as home,
        running(home, given=given, durable=durable, kept=False) as servers,
    ):
        yield servers


def check_database(url: str) -> None:
    """Refuse, in one sentence without the password, a DATABASE_URL behind which nothing answers."""
    try:
        with psycopg.connect(url, connect_timeout=_PATIENCE_SECONDS) as link:
            link.execute("select 1")
    except psycopg.Error as refused:
        words = str(refused).strip().partition("\n")[0] or "no reason given"
        raise Trouble(
            f"the database in DATABASE_URL cannot be used ({words}): "
            "put the address right, or leave DATABASE_URL out and a PostgreSQL will be started here."
        ) from refused


def check_redis(url: str) -> None:
    """Refuse, in one sentence without the password, a REDIS_URL behind which nothing answers."""
    patience = {"socket_timeout": _PATIENCE_SECONDS, "socket_connect_timeout": _PATIENCE_SECONDS}
    try:
        with redis.Redis.from_url(url, **patience) as link:
            link.ping()
    except (redis.RedisError, ValueError) as refused:
        raise Trouble(
            f"the Redis in REDIS_URL cannot be used ({refused}): "
            "put the address right, or leave REDIS_URL out and a Valkey will be started here."
        ) from refused
