"""What `make prove` was asked for: which proofs, what share of their size, from which seed.

Read by config.machine.prove before anything is started, and again by the process that runs the proofs.
"""

import argparse
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NoReturn

from config.machine.trouble import Trouble
from tests.prove import registry

QUICK = 0.01
SEED = 20


@dataclass(frozen=True)
class Asked:
    """Which proofs to run, and how."""

    names: list[str]
    share: float = 1.0
    seed: int = SEED


class _Sentence(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise Trouble(f"make prove does not understand this: {message}.")


def read(given: Mapping[str, str]) -> Asked:
    """ARGS, SHARE and SEED of this environment; a sentence where they make no sense or a program is missing."""
    parser = _Sentence(prog="make prove", add_help=False, allow_abbrev=False)
    parser.add_argument("names", nargs="*")
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--share", type=float, default=given.get("SHARE", "1"))
    parser.add_argument("--seed", type=int, default=given.get("SEED", str(SEED)))
    said = parser.parse_args(shlex.split(given.get("ARGS", "")))
    if unknown := [name for name in said.names if name not in registry.ENTRIES]:
        known = ", ".join(registry.ENTRIES)
        raise Trouble(f"there is no proof called {unknown[0]}: there are {known}.")
    if not 0 < said.share <= 1:
        raise Trouble("SHARE is the part of the full size that is run: more than 0, and 1 at most.")
    names = list(dict.fromkeys(said.names)) or list(registry.ENTRIES)
    if gone := registry.missing(names, given.get("PATH")):
        packages = " ".join(registry.PACKAGES[program] for program in gone)
        rest = " ".join(name for name in names if not registry.missing([name], given.get("PATH")))
        raise Trouble(
            f"{' and '.join(gone)} {'is' if len(gone) == 1 else 'are'} not installed "
            f"(Debian, Ubuntu: `sudo apt-get install {packages}`)"
            + (f'; without: `make prove ARGS="{rest}"`.' if rest else ".")
        )
    return Asked(names, QUICK if said.quick else said.share, said.seed)
