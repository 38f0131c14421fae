"""From a verb to the provider, timers, bursts, ticks and memory: `tests.bench.pager`, in a house of its own."""

import json
import os
import subprocess
import sys

from config.machine import folders
from tests.bench.figures import Claim, Section
from tests.bench.house import House
from tests.bench.parts import Effort

COLUMNS = ["what", "times", "median ms", "p99 ms", "most ms"]
METHOD = (
    "Real `manage.py pager` processes, PostgreSQL with an fsync at each commit, and a provider over HTTP on "
    "loopback that answers in 100 ms (timers and memory: at once). A referral is made by the real verb; the "
    "crowds are copies of such a one. The peer claims, sends and forgets like healthchecks' worker, with "
    "as many threads; it is compared for speed alone. What is late is measured from the moment in the table; the first "
    "five of a pager that has just begun do not count. Between two parts the tables are vacuumed and analysed: where "
    "10,000 come at once, PostgreSQL still believes that nobody waits. Each past referral has a trail of eight events, "
    "a climb and three pages."
)


def measure(house: House | None, effort: Effort) -> Section:
    """Run it and read what it found."""
    given = {name: text for name, text in os.environ.items() if name not in {"DATABASE_URL", "REDIS_URL"}}
    command = [sys.executable, "-m", "tests.bench.pager", "--rounds", str(effort.rounds)]
    if effort.quick:
        command.append("--quick")
    done = subprocess.run(
        command, cwd=folders.PROJECT, env=given, stdout=subprocess.PIPE, text=True, check=False
    )
    if done.returncode:
        raise RuntimeError(f"tests.bench.pager ended with {done.returncode}")
    told = json.loads(done.stdout.splitlines()[-1])
    claims = [Claim(**claim) for claim in told["claims"]]
    return Section("The pager", METHOD, COLUMNS, rows=told["rows"], claims=claims)
