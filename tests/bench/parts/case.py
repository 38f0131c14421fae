"""A case of 500 events and 300 messages, and a conversation of 1,000: `tests.bench.case`, in a house of its own."""

import json
import os
import subprocess
import sys

from config.machine import folders
from tests.bench.figures import Claim, Section
from tests.bench.house import House
from tests.bench.parts import Effort

COLUMNS = ["visit", "statements", "median ms", "p99 ms"]
METHOD = (
    "One patient brought on the road by real verbs; 500 events and 300 messages of five people (of another patient "
    "1,000), all but the last read by everybody, written by SQL, among 100,000 past referrals with two messages each. "
    "The whole page as Django answers it, without the network. A page of a conversation is its last 50 messages. The "
    "medians of the last year are kept, as a web process keeps them every hour; the first row is from before that. "
    "That the number of statements is constant is kept by `tests/frontend/test_case_queries.py`."
)
WITHIN = 150  # ms


def measure(house: House | None, effort: Effort) -> Section:
    """Run it and read what it found."""
    sizes = {"LIVE": "8", "PAST": "1000"} if effort.quick else {}
    given = {name: text for name, text in os.environ.items() if name not in {"DATABASE_URL", "REDIS_URL"}}
    command = [sys.executable, "-m", "tests.bench.case", "--json"]
    done = subprocess.run(
        command, cwd=folders.PROJECT, env={**given, **sizes}, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise RuntimeError(f"tests.bench.case: {done.stderr[-2000:]}")
    rows = json.loads(done.stdout.splitlines()[-1])
    kept = rows[1:]  # the first is from before the medians were kept
    case = max(row[2] for row in kept[:4])
    talk = max(row[2] for row in kept[4:6])
    claims = [
        Claim("a case of 500 events and 300 messages", "ms", case, WITHIN),
        Claim("a conversation of 1,000 messages, opened and a page back", "ms", talk, WITHIN),
    ]
    return Section("A long case", METHOD, COLUMNS, rows=rows, claims=claims)
