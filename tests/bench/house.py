"""The house of the benchmark: servers of its own, never the visitor's, with an fsync at each commit, and Django set up.

Everything in it is thrown away at the end.
"""

import os
import resource
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import django
from django.db import connection

from config.machine import servers, surroundings
from tests.bench import serving

if TYPE_CHECKING:
    from tests.bench.population import Population


@dataclass(frozen=True)
class House:
    """Where everything is, and who is there."""

    environment: dict[str, str]
    postgres: int
    redis: int
    population: "Population"

    def beside(self) -> float:
        """Seconds of processor time that PostgreSQL and Redis have used."""
        return serving.family(self.postgres) + serving.processor(self.redis)


@contextmanager
def opened(*, boards: int, referrals: int) -> Iterator[House]:
    """Servers, settings, tables, people and patients for as long as the block runs."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(
        resource.RLIMIT_NOFILE, (most, most)
    )  # a board is an open file, here and in each server
    given = {
        name: value
        for name, value in surroundings.visitor().items()
        if name not in {"DATABASE_URL", "REDIS_URL"}
    }
    with servers.throw_away(given=given, durable=True) as found:
        environment = surroundings.of_the_tests(
            given, database_url=found.database_url, redis_url=found.redis_url
        )
        os.environ.update(environment, DJANGO_SETTINGS_MODULE="config.settings")
        django.setup()
        from django.core.management import call_command  # noqa: PLC0415 Django's settings must stand first

        from tests.bench import population  # noqa: PLC0415

        call_command("migrate", verbosity=0)
        people = population.build(boards=boards, referrals=referrals)
        with connection.cursor() as cursor:
            cursor.execute("vacuum analyze")
        assert found.postgres and found.valkey
        yield House(environment, found.postgres.child.pid, found.valkey.child.pid, people)
