"""`make bench`: Dido beside its peers, in one run. `make bench ARGS="fanout storm"` measures some parts.

About half an hour for everything; `--quick` takes a tenth of the boards, and shows its figures without keeping them.
"""

import argparse
import contextlib
import importlib
import os
import sys
import time
from collections.abc import Callable

from config.machine.trouble import Trouble, entry, say
from tests.bench import evidence, house
from tests.bench.figures import Section
from tests.bench.parts import Effort

MOST_BOARDS = 2000
ALONE = {"page", "case", "pager", "rota", "on_call", "stack"}  # that have a house of their own, or need none
REFERRALS = 100
MINUTES = {
    "fanout": 7,
    "sustained": 7,
    "verb": 4,
    "memory": 3,
    "storm": 1,
    "slow": 3,
    "commits": 2,
    "page": 2,
    "case": 2,
    "pager": 6,
    "rota": 8,
    "on_call": 2,
    "stack": 1,
    "uploads": 2,
    "ranking": 1,
}


def main() -> int:
    """Measure the parts that are named, show them, keep them."""
    asked = _asked()
    if sys.platform != "linux":
        raise Trouble("the benchmark counts with Linux's own means: run it there.")
    effort, others = Effort(rounds=asked.rounds, quick=asked.quick), os.getloadavg()[0]
    minutes = sum(MINUTES[name] for name in asked.parts)
    say(f"  {', '.join(asked.parts)}: about {1 + minutes // 8 if asked.quick else minutes} minutes")
    if effort.quick:
        say("  a tenth of the boards and few events, to try it out: what is asked for is of the full size")
    with contextlib.ExitStack() as stack:
        ours: house.House | None = None
        for name in asked.parts:
            if name not in ALONE and ours is None:
                say("  starting a fresh PostgreSQL and Valkey, and signing in the boards")
                boards = effort.boards(MOST_BOARDS)
                ours = stack.enter_context(house.opened(boards=boards, referrals=REFERRALS))
            begun = time.monotonic()
            say(f"  {name}")
            section = _part(name)(ours, effort)
            say(f"    {time.monotonic() - begun:.0f} s\n\n{evidence.told(section)}")
            if not effort.quick:
                evidence.write(name, section, rounds=effort.rounds, load=others)
    if not effort.quick:
        say(f"  kept in {evidence.PAGE} and {evidence.KEPT.name}")
    return 0


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("parts", nargs="*", default=list(MINUTES), metavar="PART", help=", ".join(MINUTES))
    parser.add_argument("--quick", action="store_true", help="a tenth of the boards, nothing is kept")
    parser.add_argument("--rounds", type=int, default=5, help="of each comparison; 5")
    asked = parser.parse_args()
    if unknown := set(asked.parts) - set(MINUTES):
        parser.error(f"no such part: {', '.join(sorted(unknown))}")
    return asked


def _part(name: str) -> Callable[[house.House | None, Effort], Section]:
    module = importlib.import_module(
        f"tests.bench.parts.{name}"
    )  # only now: its imports need Django's settings
    measure: Callable[[house.House | None, Effort], Section] = module.measure
    return measure


if __name__ == "__main__":
    sys.exit(entry(main))
