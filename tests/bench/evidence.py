"""Keeps what was measured in docs/evidence/bench.json, and prints docs/evidence/bench.md from it."""

import json
import os
import platform
import subprocess
import textwrap
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from config.machine import folders
from tests.bench.figures import Section

KEPT = folders.PROJECT / "docs" / "evidence" / "bench.json"
PAGE = KEPT.with_suffix(".md")
HEAD = """# How fast: Dido beside its peers

Printed by `make bench`; do not edit. Times are ratios' raw material: machines differ, so read the ratios. A figure
is the median over the rounds of one run, in which the servers took turns; in brackets the least and the greatest
ratio of one round.

## How it is kept fair

- **One load for all**: a C program (`tests/bench/crowd.c`) holds the boards of every server, in one thread, and
  notes for each board when it had each event. It waits for nobody, and its own cost is the same for all.
- **Turns**: all servers of a comparison are up together; the boards are at one of them at a time, and in each round
  another begins.
- **The peers do less**: they know nobody, read no database and keep nothing. Dido's boards are signed in, each with
  a session of its own whose right to watch is checked, and each event is read from PostgreSQL once its
  bell has rung.
- **Peers as their own documentation shows them**, at their defaults, without compression: `websockets` with
  `broadcast()` on asyncio; socket.io on node with its Redis adapter; Channels' tutorial consumer on Daphne with the
  Redis pub/sub layer, as in Dido's own settings, and a backlog that lets a thousand in, which it has not by
  itself; Uvicorn on uvloop; a C program of our own as the floor.
- **Two kinds of event**, and each figure says which. *Fan-out alone*: the same 1,024 bytes as the peers', through
  Dido's bell, tail and writer; only the rendering is replaced. *A verb*: the product as it is, from a doctor's POST
  to a rendered card.
- Loopback, no TLS, no proxy; one web process; PostgreSQL with an fsync at each commit. Server, database and load
  share the cores.
- A target that is missed is printed as missed.

"""


def write(name: str, section: Section, *, rounds: int, load: float) -> None:
    """Put this part in the place of what was kept of it, and print the page again."""
    kept: dict[str, Any] = json.loads(KEPT.read_text()) if KEPT.exists() else {"parts": {}}
    kept["parts"][name] = {**section.told(), "rounds": rounds, "machine": machine(load)}
    KEPT.parent.mkdir(parents=True, exist_ok=True)
    KEPT.write_text(json.dumps(kept, indent=1, ensure_ascii=False) + "\n")
    PAGE.write_text(page(kept["parts"]))


def machine(load: float) -> dict[str, Any]:
    """What it was measured on, and when; `load` is what others did to it before we began."""
    processor = next(
        (line.partition(":")[2].strip() for line in _lines("/proc/cpuinfo") if line.startswith("model name")),
        platform.machine(),
    )
    commit = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"],
        cwd=folders.PROJECT,
        capture_output=True,
        text=True,
        check=False,
    )
    return {
        "at": f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC",
        "processor": processor,
        "cores": os.cpu_count(),
        "load": round(load, 2),
        "python": platform.python_version(),
        "kernel": platform.release().partition("-")[0],
        "commit": commit.stdout.strip(),
    }


def _lines(file: str) -> list[str]:
    path = Path(file)
    return path.read_text().splitlines() if path.exists() else []


def page(parts: dict[str, Any]) -> str:
    """The whole page."""
    all_of_them = list(parts.values())
    asked = "## What was asked for, and what was found\n\n"
    return HEAD + asked + _claims(all_of_them) + "".join(map(_section, all_of_them))


def told(section: Section) -> str:
    """One part for a terminal, without the fair words."""
    part = section.told()
    return _table(part) + "\n" + _claims([part])


def _claims(parts: list[dict[str, Any]]) -> str:
    lines = ["| figure | Dido | peer | ratio | asked for | |", "|---|---|---|---|---|---|"]
    for part in parts:
        for claim in part["claims"]:
            spread = claim["spread"]
            ratio = "" if claim["peer"] is None else _number(claim["figure"])
            ratio += f" ({_number(spread[0])} to {_number(spread[1])})" if spread else ""
            peer = "" if claim["peer"] is None else f"{_number(claim['peer'])} {claim['unit']}"
            sign = "≤" if claim["at_most"] else "≥"
            asked = f"{sign} {_number(claim['limit'])}" + (
                f" {claim['unit']}" if claim["peer"] is None else ""
            )
            lines.append(
                f"| {claim['what']} | {_number(claim['ours'])} {claim['unit']} | {peer} | {ratio} | {asked} | "
                f"{'met' if claim['met'] else '**missed**'} |"
            )
    return "\n".join(lines) + "\n\n"


def _section(part: dict[str, Any]) -> str:
    where = part["machine"]
    measured = (
        f"{part['rounds']} rounds, {where['at']}, commit {where['commit']}: {where['processor']}, {where['cores']} "
        f"cores, load {where['load']} before we began, Linux {where['kernel']}, Python {where['python']}."
    )
    notes = "".join(f"\n{note}\n" for note in part["notes"])
    method = textwrap.fill(part["method"], 120, break_on_hyphens=False)
    return f"## {part['title']}\n\n{method}\n\n{_table(part)}{notes}\n*{measured}*\n\n"


def _table(part: dict[str, Any]) -> str:
    lines = ["| " + " | ".join(part["columns"]) + " |", "|" + "---|" * len(part["columns"])]
    lines += ["| " + " | ".join(map(_cell, row)) + " |" for row in part["rows"]]
    return "\n".join(lines) + "\n"


def _cell(value: Any) -> str:
    if value is None:
        return "none"
    return _number(value) if isinstance(value, float) else str(value)


def _number(value: float) -> str:
    if not value:
        return "0"
    if abs(value) < 0.1:
        return f"{value:.4f}"
    return f"{value:,.2f}" if abs(value) < 10 else f"{value:,.1f}" if abs(value) < 100 else f"{value:,.0f}"
