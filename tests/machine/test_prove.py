"""`make prove` as a newcomer types it: what cannot be run is one sentence, said before any server is started."""

import shutil
import sys
from pathlib import Path

import pytest

from tests.machine.test_commands import command
from tests.prove import registry


def prove(**environment: str) -> tuple[int, list[str]]:
    return command(sys.executable, "-m", "config.machine.prove", environment=environment)


@pytest.fixture
def nothing_installed(tmp_path: Path) -> str:
    """A PATH on which there is git and nothing else."""
    (tmp_path / "git").symlink_to(shutil.which("git") or "git")
    return str(tmp_path)


def test_a_proof_that_does_not_exist_is_one_sentence_with_those_that_do() -> None:
    code, lines = prove(ARGS="everything")
    assert code == 1
    assert lines == [f"Dido: there is no proof called everything: there are {', '.join(registry.ENTRIES)}."]


def test_a_missing_program_is_one_sentence_that_says_how_to_get_it_or_go_without(
    nothing_installed: str,
) -> None:
    code, lines = prove(ARGS="model words", PATH=nothing_installed)
    assert code == 1
    assert len(lines) == 1
    assert lines[0].startswith(
        "Dido: spin and gcc are not installed (Debian, Ubuntu: `sudo apt-get install spin gcc "
    )
    assert lines[0].endswith('without: `make prove ARGS="words"`.')


def test_without_the_programs_nothing_is_proposed_where_nothing_is_left(nothing_installed: str) -> None:
    _, lines = prove(ARGS="model", PATH=nothing_installed)
    assert lines[0].endswith("`sudo apt-get install spin gcc libc6-dev`).")


@pytest.mark.parametrize("share", ["0", "2", "-1"])
def test_a_share_that_is_none_is_one_sentence(share: str) -> None:
    code, lines = prove(ARGS="words", SHARE=share)
    assert code == 1
    assert lines == ["Dido: SHARE is the part of the full size that is run: more than 0, and 1 at most."]


@pytest.mark.parametrize(("name", "value"), [("SHARE", "half"), ("SEED", "x"), ("ARGS", "words --fast")])
def test_what_cannot_be_understood_is_one_sentence(name: str, value: str) -> None:
    code, lines = prove(**({"ARGS": "words"} | {name: value}))
    assert code == 1
    assert len(lines) == 1
    assert lines[0].startswith("Dido: make prove does not understand this: ")


def test_a_share_is_run_on_a_database_of_its_own_and_is_not_published(tmp_path: Path) -> None:
    code, lines = prove(ARGS="words --share=0.0001", RUN_DIR=str(tmp_path))
    assert code == 0, lines[-5:]
    assert any(line.startswith("words      proved: ") for line in lines)
    assert sorted(path.name for path in (tmp_path / "evidence").iterdir()) == ["pager-words.json", "pager.md"]
