"""The commands as a newcomer types them: what cannot go on says why in one sentence."""

import os
import re
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from config.machine import folders, ports

_TOOLS = ("sh", "dirname", "cat", "cmp", "tail")


def command(
    *words: str, environment: dict[str, str] | None = None, folder: Path = folders.PROJECT
) -> tuple[int, list[str]]:
    """The exit code and the lines of a command that must not take long."""
    done = subprocess.run(
        words,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
        cwd=folder,
        env={**os.environ, **(environment or {})},
    )
    return done.returncode, (done.stdout + done.stderr).strip().splitlines()


@pytest.fixture
def bare(tmp_path: Path) -> Path:
    """A fresh checkout beside which there is no Python at all."""
    shutil.copytree(folders.PROJECT / "config" / "machine", tmp_path / "config" / "machine")
    for name in ("Makefile", "requirements-bootstrap.txt", "requirements-dev.txt"):
        shutil.copy(folders.PROJECT / name, tmp_path)
    (tmp_path / "bin").mkdir()
    for name in _TOOLS:
        (tmp_path / "bin" / name).symlink_to(shutil.which(name) or name)
    return tmp_path


def bootstrap(bare: Path, *arguments: str, **environment: str) -> tuple[int, list[str]]:
    nowhere = {"PATH": str(bare / "bin"), "HOME": str(bare), "PYENV_ROOT": str(bare), "PYTHON": ""}
    return command(
        str(bare / "bin" / "sh"),
        "config/machine/bootstrap.sh",
        *arguments,
        folder=bare,
        environment=nowhere | environment,
    )


def test_a_missing_python_is_one_sentence(bare: Path) -> None:
    code, lines = bootstrap(bare)
    assert code == 1
    assert len(lines) == 1
    assert lines[0].startswith("Dido: Python 3.13 is needed and was not found: install it")


def test_a_python_of_another_version_is_refused(bare: Path) -> None:
    code, lines = bootstrap(bare, PYTHON="/bin/true" if not Path("/bin/false").exists() else "/bin/false")
    assert code == 1
    assert len(lines) == 1
    assert "is not Python 3.13" in lines[0]


def test_a_python_of_pyenv_is_found(bare: Path) -> None:
    found = bare / "versions" / "3.13.99" / "bin" / "python3.13"
    found.parent.mkdir(parents=True)
    found.symlink_to(sys.executable)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        code, lines = bootstrap(bare, str(taken.getsockname()[1]), "127.0.0.1")
    assert code == 1
    assert "is taken" in lines[0]
    assert not (bare / ".venv").exists()


def test_a_taken_port_is_one_sentence_before_anything_slow() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        code, lines = command("make", "--no-print-directory", "run", f"PORT={port}")
    assert code != 0
    assert lines[0] == (
        f"Dido: port {port} is taken: stop whatever is listening on 127.0.0.1:{port}, "
        f"or choose another with `make run PORT={port % 65535 + 1}`."
    )


@pytest.mark.parametrize(
    ("name", "url"),
    [
        ("DATABASE_URL", "postgresql://dido:hushhush@127.0.0.1:9/dido"),
        ("REDIS_URL", "redis://:hushhush@127.0.0.1:9/0"),
    ],
)
def test_a_server_that_does_not_answer_is_one_sentence_without_its_password(
    name: str, url: str, tmp_path: Path
) -> None:
    code, lines = command(
        sys.executable,
        "-m",
        "config.machine.run",
        environment={"PORT": str(ports.free_port()), "RUN_DIR": str(tmp_path), name: url},
    )
    assert code == 1
    complaints = [line for line in lines if line.startswith("Dido: ")]
    assert len(complaints) == 1
    assert lines[-1] == complaints[0]
    assert f"in {name} cannot be used" in complaints[0]
    assert "hushhush" not in "\n".join(lines)


def test_make_alone_lists_every_command() -> None:
    makefile = (folders.PROJECT / "Makefile").read_text()
    promised = re.search(r"^\.PHONY: (.*)$", makefile, re.MULTILINE)
    assert promised is not None
    _, lines = command("make", "--no-print-directory")
    assert [line.split()[1] for line in lines] == promised[1].split()
