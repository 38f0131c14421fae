"""`python -m tests.bench.verbs`: queries and milliseconds of each common verb, by the function, a browser and the API.

It starts servers of its own, with an fsync at each commit, and prints one table.
"""

import os
import statistics
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import django

from config.machine import servers, surroundings

TIMES = int(os.environ.get("TIMES", "30"))


@dataclass(frozen=True)
class Pressed:
    """One verb: who presses it, in which state, saying what."""

    verb: str
    who: str
    state: str
    said: Mapping[str, Any]


PRESSED = (
    Pressed("accept", "ben", "referred", {}),
    Pressed("depart", "ada", "ambulance_requested", {}),
    Pressed("answer", "ada", "referred", {"text": "BP 168/90, GCS 13"}),
    Pressed("decline", "ben", "referred", {"reason": "no_operator"}),
    Pressed("refer", "ada", "pre_alerted", {}),
    Pressed("amend", "ada", "referred", {"nihss": "17"}),
)


@contextmanager
def house() -> Iterator[None]:
    """Servers, settings and empty tables for as long as the block runs."""
    given = surroundings.visitor()
    with servers.throw_away(given=given, durable=True) as found:
        environment = surroundings.of_the_tests(
            given, database_url=found.database_url, redis_url=found.redis_url
        )
        os.environ.update(environment, DJANGO_SETTINGS_MODULE="config.settings")
        django.setup()
        from django.core.management import call_command  # noqa: PLC0415 Django's settings must stand first

        call_command("migrate", verbosity=0)
        call_command("collectstatic", interactive=False, verbosity=0)
        yield


def main() -> int:
    """Measure, and print the table."""
    with house():
        from tests.bench import pressing  # noqa: PLC0415 Django's settings must stand first

        doors = pressing.doors()
        sys.stdout.write(f"queries and median milliseconds of {TIMES} presses\n\n")
        sys.stdout.write(f"  {'':10}" + "".join(f"{name:>18}" for name in doors) + "\n")
        for pressed in PRESSED:
            cells = [_measured(pressed, press) for press in doors.values()]
            sys.stdout.write(
                f"  {pressed.verb:10}" + "".join(f"{n:>9}{ms:>7.1f}ms" for n, ms in cells) + "\n"
            )
    return 0


def _measured(pressed: Pressed, press: Callable[..., None]) -> tuple[int, float]:
    from tests.bench import pressing  # noqa: PLC0415 Django's settings must stand first

    took: list[float] = []
    for _ in range(TIMES):
        code, said = pressing.ready(pressed)
        begun = time.perf_counter()
        press(pressed, code, said)
        took.append(time.perf_counter() - begun)
    code, said = pressing.ready(pressed)
    statements = pressing.statements(lambda: press(pressed, code, said))
    if os.environ.get("SHOW"):
        sys.stdout.write("\n".join(["", f"-- {pressed.verb}", *statements, ""]))
    return len(statements), statistics.median(took) * 1000


if __name__ == "__main__":
    sys.exit(main())
