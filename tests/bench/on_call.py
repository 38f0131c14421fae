"""`python -m tests.bench.on_call`: who is on at thirty hubs at an instant, with ten years of shifts in the table.

With SHOW=1 it prints PostgreSQL's plan.
"""

import json
import os
import sys

from tests.bench.verbs import house

HUBS = int(os.environ.get("HUBS", "30"))
YEARS = int(os.environ.get("YEARS", "10"))


def main() -> int:
    """Fill the table, measure, and print the figures."""
    with house():
        from tests.bench import duties  # noqa: PLC0415 Django's settings must stand first

        found = duties.measured(hubs=HUBS, years=YEARS)
        if os.environ.get("SHOW"):
            sys.stdout.write(f"{duties.plan()}\n")
    if "--json" in sys.argv:
        sys.stdout.write(f"{json.dumps(found)}\n")
        return 0
    shifts, statements, median, p99 = found
    sys.stdout.write(f"{shifts:,} shifts, {statements} statement, median {median:.2f} ms, p99 {p99:.2f} ms\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
