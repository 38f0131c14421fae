"""The pages of evidence say what the files beside them say, and the files are of whole proofs that hold."""

import re
import socket
from pathlib import Path

import pytest

from config.machine import folders
from tests.prove import evidence, registry
from tests.prove.evidence import Evidence, Tried

PAGES = sorted({entry.page for entry in registry.ENTRIES.values()})


def some(**changes: object) -> Evidence:
    """The figures of a proof that was not run."""
    known: dict[str, object] = {
        "name": "words",
        "promise": "It holds.",
        "unit": "tries",
        "size": 12_345,
        "seed": 20,
        "faults": {"kill -9": 3},
        "violations": 0,
        "examples": (),
        "figures": {"most_copies": 2},
        "controls": (Tried("nobody looks", 9, 4, "seen"),),
        "seconds": 61.0,
        "commit": "abc",
        "date": "2026-11-21 03:10 UTC",
        "machine": {"cores": 2},
    }
    return Evidence(**(known | changes))  # type: ignore[arg-type]


@pytest.mark.parametrize("name", PAGES)
def test_the_page_is_what_the_files_say(name: str) -> None:
    assert (evidence.PUBLISHED / f"{name}.md").read_text() == evidence.page(name)


@pytest.mark.parametrize("name", registry.ENTRIES)
def test_every_proof_was_run_whole_and_holds_or_its_page_says_that_it_was_not(name: str) -> None:
    kept, proof = evidence.read(name), registry.load(name)
    if kept is None:
        page = (evidence.PUBLISHED / f"{registry.ENTRIES[name].page}.md").read_text()
        (owed,) = [line for line in page.splitlines() if line.startswith(evidence.OWED)]
        assert name in owed.removeprefix(evidence.OWED).strip(" .").split(", ")
        return
    assert kept.holds
    assert kept.size >= proof.size
    assert [control.broken for control in kept.controls] == [control.broken for control in proof.controls]


def published() -> set[Path]:
    """Every file of figures that a proof has made."""
    made = {path for page in PAGES for path in evidence.PUBLISHED.glob(f"{page}-*.json")}
    return {path for path in made if not path.stem.endswith("-bench")}


def test_nothing_tells_whose_machine_it_was() -> None:
    for path in published():
        written = path.read_text()
        assert socket.gethostname() not in written
        assert str(folders.PROJECT) not in written
        assert not re.search(r'"/|127\.0\.0\.1|localhost', written), path.name


def test_no_figures_stand_there_that_no_proof_made() -> None:
    assert published() <= {evidence.file(name) for name in registry.ENTRIES}


def test_what_is_kept_is_read_again_as_it_was(tmp_path: Path) -> None:
    evidence.write(some(), tmp_path)
    assert evidence.read("words", tmp_path) == some()
    assert (tmp_path / "pager.md").read_text() == evidence.page("pager", tmp_path)
    assert evidence.read("model", tmp_path) is None


def test_a_page_shows_what_was_violated_and_what_was_not_caught(tmp_path: Path) -> None:
    evidence.write(
        some(violations=2, examples=("a page was lost",), controls=(Tried("deaf", 9, 0, ""),)), tmp_path
    )
    page = (tmp_path / "pager.md").read_text()
    assert "**Violated 2 times**" in page
    assert "`a page was lost`" in page
    assert "| deaf | **not caught** |" in page


@pytest.mark.parametrize(
    ("changes", "holds"),
    [({}, True), ({"violations": 1}, False), ({"controls": (Tried("deaf", 9, 0, ""),)}, False)],
)
def test_a_proof_holds_only_where_nothing_was_violated_and_everything_broken_was_noticed(
    changes: dict[str, object], holds: bool
) -> None:
    assert some(**changes).holds is holds
