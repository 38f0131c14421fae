"""Who is on at thirty hubs at an instant, with ten years of shifts: `tests.bench.on_call`, in a house of its own."""

import json
import os
import subprocess
import sys

from config.machine import folders
from tests.bench.figures import Claim, Section
from tests.bench.house import House
from tests.bench.parts import Effort

COLUMNS = ["shifts in the table", "statements", "median ms", "p99 ms"]
METHOD = (
    "Three duties around the clock at 30 hubs for ten years, each hub with a team of nine; then `rota.on_call_at` for "
    "all 30 at 300 instants at random, with the people and hubs read along, from Django. That it is one statement is "
    "kept by `tests/workforce/test_rota.py`."
)


def measure(house: House | None, effort: Effort) -> Section:
    """Run it and read what it found."""
    sizes = {"HUBS": "6", "YEARS": "1"} if effort.quick else {}
    given = {name: text for name, text in os.environ.items() if name not in {"DATABASE_URL", "REDIS_URL"}}
    command = [sys.executable, "-m", "tests.bench.on_call", "--json"]
    done = subprocess.run(
        command, cwd=folders.PROJECT, env={**given, **sizes}, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise RuntimeError(f"tests.bench.on_call: {done.stderr[-2000:]}")
    row = json.loads(done.stdout.splitlines()[-1])
    claims = [
        Claim("who is on at 30 hubs, ten years of shifts", "ms", row[2], 5),
        Claim("the same, statements", "", row[1], 1),
    ]
    return Section("Who is on", METHOD, COLUMNS, rows=[row], claims=claims)
