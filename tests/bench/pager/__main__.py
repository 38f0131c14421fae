"""`python -m tests.bench.pager`: the pager's figures in one run, with its peer; `--quick` for a tenth.

at rest · many at once, beside the peer · timers spread in time · what a tick costs · memory.
"""

import argparse
import json
import os
import sys
from contextlib import ExitStack

import django

from config.machine import servers, surroundings
from config.machine.trouble import entry, say

PARTS = ("rest", "burst", "spread", "busy", "tick", "memory")


def main() -> int:
    """Measure the parts that are named and show them."""
    parser = argparse.ArgumentParser(prog="tests.bench.pager", description=__doc__)
    parser.add_argument("parts", nargs="*", default=list(PARTS))
    parser.add_argument("--quick", action="store_true")
    asked = parser.parse_args()
    given = {n: v for n, v in surroundings.visitor().items() if n not in {"DATABASE_URL", "REDIS_URL"}}
    with ExitStack() as stack:
        found = stack.enter_context(servers.throw_away(given=given, durable=True))
        environment = surroundings.of_the_tests(
            given, database_url=found.database_url, redis_url=found.redis_url
        )
        os.environ.update(environment, DJANGO_SETTINGS_MODULE="config.settings")
        django.setup()
        from django.core.management import call_command  # noqa: PLC0415 Django's settings must stand first

        from tests.bench.pager import parts  # noqa: PLC0415

        call_command("migrate", verbosity=0)
        told = parts.measure(asked.parts, environment=environment, share=10 if asked.quick else 1, say=say)
    say(json.dumps(told, indent=2))
    return 0


if __name__ == "__main__":
    sys.exit(entry(main))
