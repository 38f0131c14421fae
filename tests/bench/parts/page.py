"""A board's first page with 200 live referrals and 100,000 past ones: `tests.bench.boards`, in a house of its own."""

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
    "200 live referrals, brought there by real verbs, among 100,000 past ones; the whole page as Django "
    "answers it, without the network, in a process whose garbage collector is set as the web process "
    "sets it. That the number of statements is constant is kept by `tests/frontend/test_board_queries.py`."
)


def measure(house: House | None, effort: Effort) -> Section:
    """Run it and read what it found."""
    sizes = {"LIVE": "20", "PAST": "1000"} if effort.quick else {}
    given = {name: text for name, text in os.environ.items() if name not in {"DATABASE_URL", "REDIS_URL"}}
    command = [sys.executable, "-m", "tests.bench.boards", "--json"]
    done = subprocess.run(
        command, cwd=folders.PROJECT, env={**given, **sizes}, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise RuntimeError(f"tests.bench.boards: {done.stderr[-2000:]}")
    rows = json.loads(done.stdout.splitlines()[-1])
    worst = max(median for name, _, median, _ in rows if "whole page" in name)
    claim = Claim("a board's first page, 200 live and 100,000 past referrals", "ms", worst, 150)
    return Section("A board's first page", METHOD, COLUMNS, rows=rows, claims=[claim])
