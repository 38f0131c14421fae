"""Which proofs there are, on which page of the evidence, and which programs of the system they need.

A new proof is a module with a `PROOF` and one row here; README.md says how. This module knows no Django, so that what
is missing can be said before any server is started.
"""

import importlib
import shutil
from dataclasses import dataclass

from tests.prove.contract import Proof


@dataclass(frozen=True)
class Entry:
    """One proof: its module, the page that shows it, and the programs without which it cannot run."""

    module: str
    page: str
    needs: tuple[str, ...] = ()


ENTRIES = {
    "model": Entry("tests.prove.model.proof", "pager", needs=("spin", "gcc")),
    "webhooks": Entry("tests.prove.webhooks", "pager"),
    "words": Entry("tests.prove.words", "pager"),
    "callbacks": Entry("tests.prove.callbacks", "pager"),
    "faults": Entry("tests.prove.faults", "pager"),
    "schedules": Entry("tests.prove.schedules", "pager"),
    "nobody": Entry("tests.prove.nobody", "pager"),
    "races": Entry("tests.prove.races", "pager"),
    "kills": Entry("tests.prove.kills", "pager"),
    "database": Entry("tests.prove.database", "pager"),
    "halves": Entry("tests.prove.feed.halves", "feed"),
    "redis": Entry("tests.prove.feed.redis_faults", "feed"),
    "isolation": Entry("tests.prove.feed.isolation", "feed"),
    "revocations": Entry("tests.prove.feed.revocations", "feed"),
    "storm": Entry("tests.prove.feed.storm", "feed"),
    "talk": Entry("tests.prove.feed.talk", "feed"),
    "rota": Entry("tests.prove.rota", "workforce"),
}
TITLES = {
    "pager": "The pager: what was tried to break it",
    "feed": "The feed: what was tried to break it",
    "workforce": "The workforce: what was tried to break it",
}
PACKAGES = {"spin": "spin", "gcc": "gcc libc6-dev"}  # Debian's and Ubuntu's names


def load(name: str) -> Proof:
    """The proof of this name; Django must be set up."""
    proof = importlib.import_module(ENTRIES[name].module).PROOF
    assert isinstance(proof, Proof)
    return proof


def missing(names: list[str], path: str | None = None) -> list[str]:
    """The programs that these proofs need and that are not on this PATH."""
    needed = dict.fromkeys(program for name in names for program in ENTRIES[name].needs)
    return [program for program in needed if shutil.which(program, path=path) is None]
