"""Somebody outside notices when the pager stops: a ping after a clean tick, and none after any other."""

import threading
from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from paging import agenda, deadman, engine, marking
from paging.deadman import Deadman
from paging.management.commands.pager import Command
from paging.models import Beat
from paging.senders import Senders
from paging.waking import Clock
from tests.paging import tables
from tests.paging.tables import Postbox
from tests.world import NIGHT, World

PATIENCE = 60  # seconds; only a machine in trouble needs them


class Watcher:
    """The outside service, which counts the pings and may be slow."""

    def __init__(self) -> None:
        self.pings: list[str] = []
        self.switches: list[Deadman] = []
        self.may_answer = threading.Event()
        self.may_answer.set()
        self.came = threading.Semaphore(0)
        watcher = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                watcher.pings.append(self.path)
                watcher.came.release()
                watcher.may_answer.wait(PATIENCE)
                self.send_response(200)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                """Nothing is written."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/ping/7"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def switch(self, url: str = "") -> Deadman:
        """What pings this watcher, or another address."""
        self.switches.append(Deadman(url or self.url))
        return self.switches[-1]

    def has(self, count: int) -> bool:
        """Exactly so many pings have come, once those that are under way have ended.

        The threads themselves are joined: one that ends is not among the running ones any more, and still alive.
        """
        for switch in self.switches:
            if switch._pinging is not None:
                switch._pinging.join(PATIENCE)
        return len(self.pings) == count


@pytest.fixture
def watcher(monkeypatch: pytest.MonkeyPatch) -> Iterator[Watcher]:
    monkeypatch.setattr(deadman, "TIMEOUT", PATIENCE)
    watcher = Watcher()
    yield watcher
    watcher.may_answer.set()
    watcher.server.shutdown()
    watcher.server.server_close()


def test_a_clean_tick_is_told_at_once_and_then_every_twenty_seconds_at_most(watcher: Watcher) -> None:
    switch = watcher.switch()
    for second in range(61):
        switch.clean_tick(now=NIGHT + timedelta(seconds=second))
        assert watcher.has(1 + second // 20)
    assert set(watcher.pings) == {"/ping/7"}


def test_a_watcher_that_hangs_is_not_waited_for_and_not_asked_twice(watcher: Watcher) -> None:
    watcher.may_answer.clear()
    switch = watcher.switch()
    switch.clean_tick(now=NIGHT)
    assert watcher.came.acquire(timeout=PATIENCE)
    switch.clean_tick(now=NIGHT + timedelta(seconds=20))
    switch.clean_tick(now=NIGHT + timedelta(seconds=40))
    assert len([thread for thread in threading.enumerate() if thread.name == "deadman"]) == 1
    watcher.may_answer.set()
    assert watcher.has(1)
    switch.clean_tick(now=NIGHT + timedelta(seconds=41))
    assert watcher.has(2)


def test_a_watcher_that_is_away_changes_nothing_but_a_line_of_the_log(
    watcher: Watcher, caplog: pytest.LogCaptureFixture
) -> None:
    url = watcher.url
    switch = watcher.switch(url.replace("/ping/7", "").rsplit(":", 1)[0] + ":9/")
    switch.clean_tick(now=NIGHT)
    assert watcher.has(0)
    assert "deadman_unreachable" in caplog.text
    switch.url = url
    switch.clean_tick(now=NIGHT + timedelta(seconds=20))
    assert watcher.has(1)


def test_without_an_address_nobody_is_told() -> None:
    switch = Deadman("")
    switch.clean_tick(now=NIGHT)
    assert not [thread for thread in threading.enumerate() if thread.name == "deadman"]


@pytest.fixture
def pager(open_world: World, watcher: Watcher, monkeypatch: pytest.MonkeyPatch) -> Command:
    """The pager's command, ready for its first tick on the test's own clock."""
    tables.over(open_world, Postbox(), monkeypatch=monkeypatch)
    read = agenda.read
    monkeypatch.setattr("paging.agenda.read", lambda **_: read(now=open_world.now))
    command = Command()
    command.name = "here:1"
    command.last = {}
    command.clock = Clock()
    command.deadman = watcher.switch()
    return command


def test_a_whole_tick_is_told_outside(pager: Command, watcher: Watcher) -> None:
    with Senders(marking.mark_all) as threads:
        pager._step(threads, verb=True)
    assert watcher.has(1)
    assert Beat.objects.exists()


@pytest.mark.parametrize("part", ["paging.engine.tick", "paging.audit.check", "paging.reaching.open_drills"])
def test_a_tick_that_failed_anywhere_is_not_told(
    pager: Command, watcher: Watcher, open_world: World, monkeypatch: pytest.MonkeyPatch, part: str
) -> None:
    def fails(**_: object) -> None:
        raise ValueError("the tables are gone")

    with Senders(marking.mark_all) as threads:
        with monkeypatch.context() as broken:
            broken.setattr(part, fails)
            for _ in range(3):
                pager.last.clear()
                pager._step(threads, verb=True)
                open_world.wind(seconds=30)
        assert watcher.has(0)
        assert not Beat.objects.exists()
        pager._step(threads, verb=True)
    assert watcher.has(1)
    assert engine.overdue(now=open_world.now) == timedelta(0)
    assert timedelta(seconds=20) == deadman.EVERY
