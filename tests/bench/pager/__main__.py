"""`python -m tests.bench.pager`: the pager's figures as one line of JSON, for `make bench`; `--quick` for a tenth."""

import argparse
import json
import os
import sys
from contextlib import ExitStack
from dataclasses import asdict

import django

from config.machine import servers, surroundings
from config.machine.trouble import entry, say


def main() -> int:
    """Measure everything in a database of its own."""
    parser = argparse.ArgumentParser(prog="tests.bench.pager", description=__doc__)
    parser.add_argument("parts", nargs="*")
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--rounds", type=int, default=5)
    asked = parser.parse_args()
    given = {n: v for n, v in surroundings.visitor().items() if n not in {"DATABASE_URL", "REDIS_URL"}}
    with ExitStack() as stack:
        found = stack.enter_context(servers.throw_away(given=given, durable=True))
        environment = surroundings.of_the_tests(
            given, database_url=found.database_url, redis_url=found.redis_url
        )
        os.environ.update(environment, DJANGO_SETTINGS_MODULE="config.settings")
        django.setup()
        say(json.dumps(_measured(asked, environment)))
    return 0


def _measured(asked: argparse.Namespace, environment: dict[str, str]) -> dict[str, list[object]]:
    from django.core.management import call_command  # noqa: PLC0415 Django's settings must stand first
    from django.utils import timezone  # noqa: PLC0415

    from tests.bench.pager import filling, parts  # noqa: PLC0415

    call_command("migrate", verbosity=0)
    world = filling.world()
    told: dict[str, list[object]] = {"rows": [], "claims": []}
    for name in asked.parts or parts.PARTS:
        found = parts.PARTS[name](world, environment, 10 if asked.quick else 1, asked.rounds)
        filling.settle(timezone.now())
        sys.stderr.write(f"    {name}\n")
        told["rows"] += found.rows
        told["claims"] += [asdict(claim) for claim in found.claims]
    return told


if __name__ == "__main__":
    sys.exit(entry(main))
