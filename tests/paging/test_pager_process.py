"""The pager as a process of its own: it begins, pages, tells that it lives, and stops when it is told to."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.db import connection
from django.utils import timezone

from paging.models import Beat, Fate, Page
from paging.simulator.config import SimulatorConfig
from paging.simulator.running import Simulator, running
from tests import world as worlds
from tests.paging.conftest import ACCOUNT, OURS, TOKEN
from tests.world import World

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 180.0  # seconds; only a machine in trouble needs them


@pytest.fixture
def provider() -> Iterator[Simulator]:
    """A provider whose reports nobody hears."""
    config = SimulatorConfig(
        account_sid=ACCOUNT,
        auth_token=TOKEN,
        numbers=(OURS,),
        inbound_url="http://127.0.0.1:9/twilio/sms/inbound",
    ).without_delays()
    with running(config) as simulator:
        yield simulator


@pytest.fixture
def tonight(transactional_db: None) -> World:
    """The small network, now: another process has no clock that a test could wind."""
    return worlds.build(now=timezone.now())


def _connections() -> list[int]:
    """Everybody's connections to this test's database."""
    with connection.cursor() as cursor:
        cursor.execute("select pid from pg_stat_activity where datname = current_database()")
        return [pid for (pid,) in cursor.fetchall()]


def _environment(provider: Simulator) -> dict[str, str]:
    known = connection.get_connection_params()
    address = (
        f"postgresql://{known['user']}:{known['password']}@{known['host']}:{known['port']}/{known['dbname']}"
    )
    return os.environ | {
        "DATABASE_URL": address,
        "PUBLIC_URL": "http://127.0.0.1:9",
        "TWILIO_ACCOUNT_SID": ACCOUNT,
        "TWILIO_AUTH_TOKEN": TOKEN,
        "TWILIO_FROM": OURS,
        "TWILIO_API_URL": provider.url,
        "LOG_LEVEL": "WARNING",
    }


@contextlib.contextmanager
def _pager(provider: Simulator, *options: str) -> Iterator[subprocess.Popen[bytes]]:
    command = [sys.executable, "manage.py", "pager", *options]
    with subprocess.Popen(command, cwd=ROOT, env=_environment(provider), stderr=subprocess.PIPE) as process:
        try:
            yield process
        finally:
            process.kill()


def _until(true: Callable[[], bool]) -> None:
    ends = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < ends, "it did not happen"
        time.sleep(0.05)


def test_once_is_one_whole_tick_with_its_texts(tonight: World, provider: Simulator) -> None:
    tonight.refers()
    with _pager(provider, "--once") as process:
        _, errors = process.communicate(timeout=PATIENCE)
        assert (process.returncode, errors) == (0, b"")
    provider.settle()
    assert len(provider.received(tonight.people["ben"].phone)) == 1
    assert Page.objects.get().fate == Fate.SENT


def test_it_lives_pages_outlives_its_connections_and_stops_when_it_is_told_to(
    tonight: World, provider: Simulator
) -> None:
    ours = _connections()
    with _pager(provider) as process:
        _until(Beat.objects.exists)
        first = Beat.objects.get()
        assert first.pager.endswith(f":{process.pid}")
        tonight.refers()
        _until(lambda: Page.objects.filter(fate=Fate.SENT).count() == 1)
        _until(lambda: Beat.objects.get().ticked_at > first.ticked_at)
        theirs = sorted(set(_connections()) - set(ours))
        assert len(theirs) >= 2  # it works on one and listens on another
        with connection.cursor() as cursor:
            cursor.execute("select pg_terminate_backend(pid) from unnest(%s) as pid", [theirs])
        tonight.refers()
        _until(lambda: Page.objects.filter(fate=Fate.SENT).count() == 2)
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=PATIENCE)
        assert process.returncode == 0
    provider.settle()
    assert len(provider.received(tonight.people["ben"].phone)) == 2
    assert not Beat.objects.exists()


def test_two_pagers_send_each_page_once_and_one_that_is_killed_is_not_missed(
    tonight: World, provider: Simulator
) -> None:
    with _pager(provider) as one, _pager(provider):
        _until(lambda: Beat.objects.count() == 2)
        for _ in range(4):
            tonight.refers()
        _until(lambda: Page.objects.filter(fate=Fate.SENT).count() == 4)
        one.kill()
        tonight.refers()
        _until(lambda: Page.objects.filter(fate=Fate.SENT).count() == 5)
    provider.settle()
    assert len(provider.received(tonight.people["ben"].phone)) == 5
