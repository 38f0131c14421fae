"""What a proof left behind: one JSON file each in docs/evidence, and the page that is made of them.

Written by `make prove` for full sizes only; a share goes beside the logs. Nothing in it tells whose machine it was.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from config.machine import folders
from tests.prove import registry
from tests.prove.contract import Result

PUBLISHED = folders.PROJECT / "docs" / "evidence"
LONGEST = 300  # characters of an example that are kept
OWED = "**Not run whole yet**, so nothing is claimed of them here:"
SHARES = folders.RUN / "evidence"


@dataclass(frozen=True)
class Tried:
    """One control and what was caught."""

    broken: str
    size: int
    violations: int
    first: str

    @property
    def caught(self) -> bool:
        """Did the suite notice?"""
        return self.violations > 0


@dataclass(frozen=True)
class Evidence:
    """One proof, run."""

    name: str
    promise: str
    unit: str
    size: int
    seed: int
    faults: Mapping[str, int]
    violations: int
    examples: tuple[str, ...]
    figures: Mapping[str, int | float | str]
    controls: tuple[Tried, ...]
    seconds: float
    commit: str
    date: str
    machine: Mapping[str, str | int]

    @property
    def holds(self) -> bool:
        """No violation, and every control was caught."""
        return self.violations == 0 and all(control.caught for control in self.controls)


def tried(broken: str, result: Result) -> Tried:
    """A control's result."""
    return Tried(broken, result.size, result.violations, next(iter(result.examples), "")[:LONGEST])


def file(name: str, folder: Path = PUBLISHED) -> Path:
    """Where a proof's figures stand."""
    return folder / f"{registry.ENTRIES[name].page}-{name}.json"


def write(found: Evidence, folder: Path) -> None:
    """Keep the figures, and make the page anew where they are published."""
    folder.mkdir(parents=True, exist_ok=True)
    file(found.name, folder).write_text(json.dumps(asdict(found), indent=1, ensure_ascii=False) + "\n")
    page_name = registry.ENTRIES[found.name].page
    (folder / f"{page_name}.md").write_text(page(page_name, folder))


def read(name: str, folder: Path = PUBLISHED) -> Evidence | None:
    """The figures of this proof; None where it was never run."""
    where = file(name, folder)
    if not where.exists():
        return None
    kept: dict[str, Any] = json.loads(where.read_text())
    controls = tuple(Tried(**control) for control in kept.pop("controls"))
    return Evidence(**{**kept, "controls": controls, "examples": tuple(kept["examples"])})


def page(name: str, folder: Path = PUBLISHED) -> str:
    """The page of this name, made of the files."""
    proofs = [proof for proof, entry in registry.ENTRIES.items() if entry.page == name]
    found = [kept for proof in proofs if (kept := read(proof, folder))]
    lines = [
        f"# {registry.TITLES[name]}",
        "",
        "Made by `make prove` from the files beside it; do not edit. [How to read and repeat it](README.md).",
        "",
        "| proof | tried | violations | negative controls caught | seconds | date |",
        "|---|---|---|---|---|---|",
        *[_row(kept) for kept in found],
    ]
    if owed := [proof for proof in proofs if proof not in {kept.name for kept in found}]:
        lines += ["", f"{OWED} {', '.join(owed)}."]
    for kept in found:
        lines += ["", *_chapter(kept)]
    return "\n".join(lines) + "\n"


def _row(kept: Evidence) -> str:
    caught = sum(control.caught for control in kept.controls)
    return (
        f"| [{kept.name}](#{kept.name}) | {kept.size:,} {kept.unit} | {_number(kept.violations)} "
        f"| {caught} of {len(kept.controls)} | {kept.seconds:,.0f} | {kept.date} |"
    )


def _chapter(kept: Evidence) -> list[str]:
    machine = ", ".join(f"{name} {value}" for name, value in kept.machine.items())
    lines = [f"## {kept.name}", "", kept.promise, ""]
    if kept.violations:
        lines += [f"**Violated {kept.violations:,} times**, first:", ""]
        lines += [f"- `{_inline(example)}`" for example in kept.examples]
        lines.append("")
    if kept.faults:
        lines += [
            "Faults: " + "; ".join(f"{fault} {_number(times)}" for fault, times in kept.faults.items()) + ".",
            "",
        ]
    figures = "; ".join(f"{name.replace('_', ' ')} {_number(value)}" for name, value in kept.figures.items())
    lines += [f"Figures: {figures}.", "", "| broken on purpose | caught |", "|---|---|"]
    lines += [f"| {control.broken} | {_caught(control)} |" for control in kept.controls]
    return [*lines, "", f"Commit {kept.commit}, seed {kept.seed}, {machine}."]


def _caught(control: Tried) -> str:
    if not control.caught:
        return "**not caught**"
    return "once" if control.violations == 1 else f"{control.violations:,} times"


def _number(value: object) -> str:
    return f"{value:,}" if isinstance(value, int | float) else str(value)


def _inline(text: str) -> str:
    return text.replace("`", "'").replace("\n", " ")[:300]
