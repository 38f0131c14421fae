"""Runs one proof and its controls, one after the other, and says in one line what came of it.

Called by `make prove`. A proof that raises is no proof: the error goes up.
"""

import datetime
import os
import platform
import shutil
import subprocess
import sys
import time
from collections.abc import Callable

from django.db import connection

from config.machine import folders
from tests.prove import evidence
from tests.prove.contract import Proof
from tests.prove.evidence import Evidence, Tried
from tests.prove.telling import teller


def run(name: str, proof: Proof, *, share: float, seed: int, empty: Callable[[], None]) -> Evidence:
    """The proof at this share of its size, then everything that must be caught."""
    began = time.monotonic()
    empty()
    teller.begin(name)
    result = proof.run(proof.share(share), seed)
    controls: list[Tried] = []
    for control in proof.controls:
        empty()
        teller.begin(f"{name}, broken: {control.broken}")
        controls.append(evidence.tried(control.broken, control.run(control.size, seed)))
    teller.end()
    return Evidence(
        name=name,
        promise=proof.promise,
        unit=proof.unit,
        size=result.size,
        seed=seed,
        faults=result.faults,
        violations=result.violations,
        examples=tuple(example[: evidence.LONGEST] for example in result.examples),
        figures=result.figures,
        controls=tuple(controls),
        seconds=round(time.monotonic() - began, 1),
        commit=commit(),
        date=datetime.datetime.now(tz=datetime.UTC).strftime("%Y-%m-%d %H:%M UTC"),
        machine=machine(),
    )


def line(found: Evidence) -> str:
    """What came of it, in one line."""
    caught = sum(control.caught for control in found.controls)
    verdict = "proved" if found.holds else "VIOLATED" if found.violations else "PROVES NOTHING"
    return (
        f"{found.name:<10} {verdict}: {found.size:,} {found.unit}, {found.violations:,} violations, "
        f"{caught} of {len(found.controls)} controls caught, {found.seconds:,.0f} s, seed {found.seed}"
    )


def trouble(found: Evidence) -> list[str]:
    """What must be put right, where anything must."""
    missed = [f"not caught: {control.broken}" for control in found.controls if not control.caught]
    return [f"  {words}" for words in (*found.examples, *missed)]


def commit() -> str:
    """Which source this is, and whether it differs from what was committed."""
    if shutil.which("git") is None or not (folders.PROJECT / ".git").exists():
        return "unknown"
    head = _git("rev-parse", "--short=10", "HEAD")
    # The figures themselves are written by this very run.
    changed = _git("status", "--porcelain", "--", ".", ":!docs/evidence")
    return f"{head} with changes" if changed else head


def _git(*words: str) -> str:
    done = subprocess.run(["git", *words], cwd=folders.PROJECT, capture_output=True, text=True, check=False)
    return done.stdout.strip()


def machine() -> dict[str, str | int]:
    """What ran it; nothing by which it could be told from others."""
    with connection.cursor() as cursor:
        cursor.execute("show server_version")
        (postgres,) = cursor.fetchone()
    return {
        "cores": os.cpu_count() or 1,
        "Python": platform.python_version(),
        "PostgreSQL": str(postgres).split()[0],
        "system": sys.platform,
    }
