"""The solver in a process of its own: it tells of its progress, answers, is stopped, and is missed in plain words."""

import dataclasses
import importlib.util
import json
import os
import random
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.machine import processes
from tests.workforce import pattern
from tests.workforce.rota_problems import at_random, away, nights, on, people, problem
from workforce.solver import process, solving, wire
from workforce.solver.problem import Hub, Operator, Problem, Result, Rules, Wish
from workforce.solver.search import Effort

PROJECT = Path(__file__).resolve().parents[2]
SIX = problem(people(6), nights("walton", 14), Rules(), weeks=2)


def hard() -> Problem:
    """Operators at many hubs with many wishes: a first rota is soon found, the best is not proved in minutes."""
    dice = random.Random(1)
    hubs = tuple(Hub(f"h{number}", f"Hub {number}") for number in range(3))
    crew = tuple(
        Operator(
            f"o{number}",
            "",
            {hub.key: "independent" for hub in dice.sample(hubs, 2)},
            share=dice.choice((60, 80, 100)),
            wishes=tuple(
                Wish(away(day, day).start, away(day, day).end, dice.random() < 0.4, dice.randint(1, 3))
                for day in dice.sample(range(42), 20)
            ),
        )
        for number in range(18)
    )
    slots = tuple(
        slot
        for hub in hubs
        for slot in pattern.slots(hub.key, pattern.Pattern(worked=50), first=on(0), weeks=6)
    )
    return Problem(on(0), 6, hubs, crew, slots, Rules(one_in=4, over=8))


def test_a_rota_comes_from_the_process_as_it_would_from_here() -> None:
    with process.Running(wire.Request(SIX, seconds=600, workers=1, good_enough=0.0)) as running:
        steps = list(running)
        rota = running.rota()
    here = solving.solve(SIX, Effort(seconds=600, workers=1))
    assert dataclasses.replace(rota, seconds=0) == dataclasses.replace(here, seconds=0)
    assert steps and steps[-1].cost == rota.cost


def test_a_published_rota_is_mended_there_too() -> None:
    published = solving.solve(SIX, Effort(seconds=600, workers=1)).holders
    turn = published[SIX.slots[3].key]
    illness = wire.Illness(published, turn, away(3, 3), pattern.instant(on(1), pattern.Pattern().night_until))
    crew = dataclasses.replace(SIX, operators=people(7))
    with process.Running(wire.Request(crew, seconds=600, workers=1, illness=illness)) as running:
        rota = running.rota()
    assert rota.changed == (SIX.slots[3].key,)
    assert rota.holders[SIX.slots[3].key] == "g"


def test_what_goes_over_the_pipe_comes_back_as_it_was() -> None:
    for seed in range(40):
        asked = at_random(seed)
        illness = wire.Illness({"x": "a"}, "a", away(0, 2), away(0, 2).start) if seed % 2 else None
        request = wire.Request(asked, illness=illness)
        assert wire.request_from(json.loads(json.dumps(wire.request_to(request)))) == request
        rota = solving.solve(asked, Effort(seconds=600, workers=1))
        assert wire.rota_from(json.loads(json.dumps(wire.rota_to(rota)))) == rota


def test_a_search_that_is_stopped_is_gone_and_says_so() -> None:
    with process.Running(wire.Request(hard(), seconds=600, workers=1, good_enough=0.0)) as running:
        next(iter(running))
        running.stop()
        with pytest.raises(process.Failed, match="The search for a rota was stopped"):
            running.rota()
    with pytest.raises(ProcessLookupError):
        os.kill(running.pid, 0)


def test_a_search_ends_where_it_is_near_enough() -> None:
    with process.Running(wire.Request(hard(), seconds=600, workers=1, good_enough=0.9)) as running:
        rota = running.rota()
    assert rota.result == Result.GOOD
    assert 0 < rota.gap < 0.9


def test_a_search_that_hangs_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process, "GRACE", 1.0)
    request = wire.Request(hard(), seconds=0.0, workers=1, good_enough=0.0)
    monkeypatch.setattr(wire, "request_to", lambda plain: {**ORIGINAL(plain), "seconds": 600.0})
    with (
        process.Running(request) as running,
        pytest.raises(process.Failed, match="did not end in its time, and was stopped"),
    ):
        running.rota()


ORIGINAL = wire.request_to


def test_a_search_that_crashes_says_how() -> None:
    with process.Running(wire.Request(hard(), seconds=600, workers=1, good_enough=0.0)) as running:
        next(iter(running))
        os.kill(running.pid, signal.SIGSEGV)
        with pytest.raises(process.Failed, match=r"ended without an answer \(code -11\)"):
            running.rota()


def test_what_cannot_be_read_is_refused_in_a_sentence() -> None:
    for text in ("{}", "nonsense", json.dumps({**wire.request_to(wire.Request(SIX)), "weeks": 3})):
        answer = child(text)
        assert answer.returncode == 1
        assert json.loads(answer.stdout)["trouble"].startswith(
            "The rota that was asked for could not be read"
        )


def test_without_the_solver_it_is_said_in_plain_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(process.NotInstalled, match="The rota solver is not installed here"):
        process.Running(wire.Request(SIX))
    bare = (
        "import sys; sys.modules['ortools'] = None; sys.meta_path.insert(0, None); "
        "sys.meta_path.pop(0); from workforce.solver import __main__ as work, process; "
        "process.installed = lambda: False; sys.exit(work.main())"
    )
    answer = child(json.dumps(wire.request_to(wire.Request(SIX))), "-c", bare)
    assert (answer.returncode, json.loads(answer.stdout)) == (1, {"trouble": process.MISSING})


def test_the_search_ends_with_whoever_asked(tmp_path: Path) -> None:
    asked = tmp_path / "asked.json"
    asked.write_text(
        json.dumps(wire.request_to(wire.Request(hard(), seconds=600, workers=1, good_enough=0.0)))
    )
    asking = (
        "import subprocess, sys; child = subprocess.Popen([sys.executable, '-m', 'workforce.solver'], "
        f"stdin=open({str(asked)!r}), stdout=subprocess.PIPE); child.stdout.readline(); print(child.pid)"
    )
    pid = int(subprocess.check_output([sys.executable, "-c", asking], cwd=PROJECT))
    assert processes.eventually(lambda: not Path(f"/proc/{pid}").exists())


def child(text: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, *(arguments or ("-m", "workforce.solver"))]
    return subprocess.run(command, input=text, capture_output=True, text=True, cwd=PROJECT, check=False)
