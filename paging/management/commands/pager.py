"""The pager's process: ticks until it is told to stop. Run it twice for safety."""

import os
import signal
import socket
import time
from datetime import datetime, timedelta
from typing import Any

import psycopg
import structlog
from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser
from django.db import connection, connections

from paging import audit, deadman, engine, missed, reaching, routes, senders
from paging.models import Beat
from paging.senders import Senders

log = structlog.get_logger(__name__)

ALL_BUSY = 0.25  # seconds until a sender is looked for again
LONGEST_SLEEP = 1.0  # seconds; a lost notification costs no more
CHANNEL = "dido_feed"


def database_clock() -> datetime:
    """What time it is: PostgreSQL's clock decides what is due."""
    with connection.cursor() as cursor:
        cursor.execute("select clock_timestamp()")
        row = cursor.fetchone()
    assert row
    return row[0]  # type: ignore[no-any-return]


class Bell:
    """Waits for PostgreSQL's NOTIFY, which only shortens the sleep."""

    def __init__(self) -> None:
        self.listener: psycopg.Connection[Any] | None = None

    def wait(self, seconds: float) -> None:
        try:
            if self.listener is None or self.listener.closed:
                self.listener = self._connect()
            for _ in self.listener.notifies(timeout=seconds, stop_after=1):
                return
        except psycopg.Error as error:
            log.warning("pager_cannot_listen", error=type(error).__name__)
            self.close()
            time.sleep(min(seconds, LONGEST_SLEEP))

    def _connect(self) -> "psycopg.Connection[Any]":
        known = connection.get_connection_params()
        wanted = {k: known[k] for k in ("dbname", "user", "password", "host", "port") if known.get(k)}
        listener = psycopg.connect(**wanted, autocommit=True, connect_timeout=5)
        listener.execute(f"listen {CHANNEL}")
        return listener

    def close(self) -> None:
        if self.listener is not None:
            self.listener.close()
            self.listener = None


class Stopped(Exception):
    """Told to stop while it slept."""


class Command(BaseCommand):
    help = "Pages people for referrals that wait, until it is stopped."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--once", action="store_true", help="one tick, then stop")

    def handle(self, *_args: Any, once: bool, **_options: Any) -> None:
        self.stopping = self.asleep = False
        for sign in (signal.SIGTERM, signal.SIGINT):
            signal.signal(sign, self._stop)
        self.name = f"{socket.gethostname()}:{os.getpid()}"
        self.audited: datetime | None = None
        self.fetched: datetime | None = None
        self.looked: datetime | None = None
        self.deadman = deadman.Deadman(settings.DEADMAN_URL)
        bell = Bell()
        log.info("pager_started", provider=settings.TWILIO_API_URL or "twilio")
        with Senders() as threads:
            while not self.stopping:
                sleep = self._tick(threads)
                if once:
                    break
                self._sleep(bell, sleep)
        bell.close()
        Beat.objects.filter(pager=self.name).delete()

    def _stop(self, *_: Any) -> None:
        self.stopping = True
        if self.asleep:
            raise Stopped

    def _sleep(self, bell: Bell, seconds: float) -> None:
        try:
            self.asleep = True
            if not self.stopping:
                bell.wait(seconds)
        except Stopped:
            log.info("pager_stops")
        finally:
            self.asleep = False

    def _now_and_then(self, now: datetime, threads: Senders) -> None:
        """What needs no place in each tick."""
        if self.audited is None or now - self.audited >= audit.EVERY:
            self.audited = now
            audit.check(now=now)
        if self.fetched is None or now - self.fetched >= missed.EVERY:
            self.fetched = now
            if missed.anybody_asked(now=now):
                threads.begin(missed.fetch, routes=routes.configured(), clock=database_clock)
        if self.looked is None or now - self.looked >= timedelta(minutes=1):
            self.looked = now
            reaching.open_drills(now=now)

    def _tick(self, threads: Senders) -> float:
        """One tick and its heartbeat; returns the seconds to sleep."""
        begun = time.monotonic()
        try:
            now = database_clock()
            engine.tick(now=now, routes=routes.configured(), clock=database_clock, threads=threads)
            self._now_and_then(now, threads)
            ended = database_clock()
            Beat.objects.update_or_create(
                pager=self.name, defaults={"ticked_at": ended, "took": time.monotonic() - begun}
            )
            Beat.objects.filter(ticked_at__lt=ended - timedelta(days=1)).delete()
            self.deadman.clean_tick(now=ended)
            if not threads.room:
                return ALL_BUSY
            due = engine.next_due()
            wait = (due - ended).total_seconds() if due else LONGEST_SLEEP
            return min(max(wait, 0.02), LONGEST_SLEEP)
        except Exception as error:  # noqa: BLE001 the pager outlives the database
            log.error("tick_failed", **senders.blame(error))
            connections.close_all()
            return LONGEST_SLEEP
