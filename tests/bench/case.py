"""`python -m tests.bench.case`: a case of 500 events and 300 messages, and a conversation of 1,000, as Django answers.

Among 100,000 past referrals with two messages each. With SHOW=1 it prints PostgreSQL's plan for each statement that
reads the referrals.
"""

import os
import sys

from tests.bench import boards
from tests.bench.verbs import house

LIVE = int(os.environ.get("LIVE", "20"))


def main() -> int:
    """Fill the tables, measure, and print the table."""
    with house():
        from tests.bench import filling, talks  # noqa: PLC0415 Django's settings must stand first

        others = (boards.PARTIES, boards.OFFERS)
        world = filling.filled(live=LIVE, past=boards.PAST, patients=boards.PATIENTS, others=others)
        visits = talks.visits(world)
        first, opened = next(iter(visits.items()))
        rows = [boards.row(f"{first}, before any median was kept", opened)]
        talks.keep_medians(world)
        rows += [boards.row(name, visit) for name, visit in visits.items()]
        boards.say(rows, f"{LIVE} live referrals, {boards.PAST:,} past ones")
    return 0


if __name__ == "__main__":
    sys.exit(main())
