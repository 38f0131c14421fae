"""Children end with whoever started them, and come back when they end by themselves."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from config.machine import children, folders
from config.machine.supervisor import Supervisor
from tests.machine import processes

_PARENT = """
import sys
from pathlib import Path
from config.machine import children
child = children.Child("child", ["/bin/sleep", "600"], log=Path(sys.argv[1], "log"), folder=Path(sys.argv[1]))
child.start()
print(child.pid, flush=True)
child.wait()
"""


def a_child(folder: Path, script: str) -> children.Child:
    return children.Child("pager", ["/bin/sh", "-c", script], log=folder / "log", folder=folder)


def test_a_child_dies_with_a_parent_that_is_killed(tmp_path: Path) -> None:
    command = [sys.executable, "-c", _PARENT, str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=folders.PROJECT) as parent:
        assert parent.stdout is not None
        pid = int(parent.stdout.readline())
        shown = Path(f"/proc/{pid}/cmdline")
        assert processes.eventually(lambda: shown.read_bytes().startswith(b"/bin/sleep"))
        parent.kill()
    assert processes.eventually(lambda: not shown.exists() or not shown.read_bytes())


def test_a_child_that_will_not_listen_is_ended_with_all_it_started(tmp_path: Path) -> None:
    child = a_child(tmp_path, f"trap '' TERM; (trap '' TERM; sleep 600; : {tmp_path}) & echo on; sleep 600")
    child.start()
    assert processes.eventually(lambda: child.last_words() == "on")
    child.stop(patience=0.2)
    assert not child.alive()
    assert processes.eventually(lambda: not processes.belonging_to(tmp_path))


def test_a_frozen_child_can_be_stopped(tmp_path: Path) -> None:
    child = a_child(tmp_path, "echo on; exec sleep 600")
    child.start()
    assert processes.eventually(lambda: child.last_words() == "on")
    child.send(signal.SIGSTOP)
    child.stop()
    assert not child.alive()


def test_a_program_that_does_not_exist_is_said_so(tmp_path: Path) -> None:
    child = children.Child("child", ["/no/such/program"], log=tmp_path / "log")
    child.start()
    assert child.wait() == 126
    assert "/no/such/program cannot be started" in child.last_words()


def test_a_child_that_ends_is_started_again_after_a_pause(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    child = a_child(tmp_path, "echo born; exit 3")
    watch = Supervisor()
    watch.start(child)
    first = child.pid
    child.wait()
    now = watch.wards[0].born

    watch.look(now=now + 1)
    assert "the pager ended with exit code 3: starting it again in 0.5 s" in capsys.readouterr().out
    watch.look(now=now + 1.4)
    assert child.pid == first
    watch.look(now=now + 1.5)
    assert child.pid != first
    child.wait()
    watch.stop()


def test_a_child_that_keeps_ending_waits_longer_and_names_its_log(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    child = a_child(tmp_path, "kill -9 $$")
    watch = Supervisor()
    watch.start(child)
    now = watch.wards[0].born
    pauses = []
    for _ in range(7):
        child.wait()
        watch.look(now=now)
        pauses.append(round((watch.wards[0].again_at or now) - now, 1))
        now += pauses[-1]
        watch.look(now=now)
    assert pauses == [0.5, 1, 2, 4, 8, 10, 10]
    said = capsys.readouterr().out.splitlines()
    assert "killed by signal 9" in said[0]
    assert str(tmp_path / "log") not in said[0]
    assert said[-1].endswith(f"see {tmp_path / 'log'}")
    watch.stop()


def test_a_long_life_makes_up_for_earlier_deaths(tmp_path: Path) -> None:
    child = a_child(tmp_path, "exit 1")
    watch = Supervisor()
    watch.start(child)
    watch.wards[0].deaths = 5
    child.wait()
    watch.look(now=watch.wards[0].born + 31)
    assert watch.deaths("pager") == 1
    watch.stop()


def test_everybody_in_care_is_stopped(tmp_path: Path) -> None:
    watch = Supervisor()
    for number in range(3):
        watch.start(children.Child(f"child {number}", ["/bin/sleep", "600"], log=tmp_path / "log"))
    pids = [ward.child.pid for ward in watch.wards]
    watch.stop()
    for pid in pids:
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)
