"""The pager's process: ticks until it is told to stop. Run it twice for safety."""

import os
import signal
import socket
import sys
import time
from datetime import datetime, timedelta
from typing import Any

import structlog
from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser
from django.db import connections

from paging import (
    agenda,
    audit,
    changing,
    deadman,
    engine,
    marking,
    missed,
    own_number,
    reaching,
    routes,
    senders,
)
from paging.models import Beat
from paging.senders import Senders
from paging.waking import Bell, Clock
from referrals import drafts

log = structlog.get_logger(__name__)

WHOLE = timedelta(seconds=1)  # between two whole ticks at most; a lost notification costs no more
AHEAD = timedelta(seconds=0.03)  # of its time, the pages of a rung are made ready
A_TICK = timedelta(seconds=0.035)  # that is free, is enough for a whole one and for a rung
ALL_BUSY = 0.25  # seconds until a sender is looked for again
HELD_ELSEWHERE = 0.02  # seconds until what another pager holds is looked at again
AFTER_A_FAULT = 1.0  # seconds
SHARE = 0.0005  # seconds for which a tick may keep the interpreter while a sender waits for it


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
        self.last: dict[str, datetime] = {}
        self.clock, self.bell = Clock(), Bell()
        sys.setswitchinterval(SHARE)
        self.deadman = deadman.Deadman(settings.DEADMAN_URL)
        log.info("pager_started", provider=settings.TWILIO_API_URL or "twilio")
        senders.keep_ready()
        verb = True
        with Senders(marking.mark_all) as threads:
            while not self.stopping:
                sleep = self._step(threads, verb=verb)
                if once:
                    break
                verb = self._sleep(sleep)
        self.bell.close()
        Beat.objects.filter(pager=self.name).delete()

    def _stop(self, *_: Any) -> None:
        self.stopping = True
        if self.asleep:
            raise Stopped

    def _sleep(self, seconds: float) -> bool:
        """So long, or until something is said: was it by a verb?"""
        try:
            self.asleep = True
            return False if self.stopping else self.bell.wait(seconds)
        except Stopped:
            log.info("pager_stops")
            return False
        finally:
            self.asleep = False

    def _step(self, threads: Senders, *, verb: bool) -> float:
        """Do what is due, and say how many seconds there is nothing to do."""
        try:
            due = agenda.read(ahead=AHEAD)
            self.clock.set(due.now)
            # What the clock makes due goes first, or the whole tick would make it late; but that is put off once only.
            hurried = due.has_work or bool(due.free_until and due.free_until - due.now < A_TICK)
            if verb or self._is_time_for("whole", WHOLE * 2 if hurried else WHOLE, due.now):
                self._whole(due.now, threads)
                return 0.0
            ways = routes.configured()
            if due.has_work and engine.act(due, now=due.now, routes=ways, clock=self.clock, threads=threads):
                return 0.0
            if due.has_work:
                return HELD_ELSEWHERE if threads.room else ALL_BUSY
            whole_at = self.last["whole"] + WHOLE
            next_at = due.next_at if due.next_at and (hurried or due.next_at < whole_at) else whole_at
            return max((next_at - due.now).total_seconds(), 0.0)
        except Exception as error:  # noqa: BLE001 the pager outlives the database
            log.error("tick_failed", **senders.blame(error))
            connections.close_all()
            return AFTER_A_FAULT

    def _whole(self, now: datetime, threads: Senders) -> None:
        """A whole tick, what needs no place in each, and the heartbeat."""
        begun = time.monotonic()
        self.last["whole"] = now
        engine.tick(now=now, routes=routes.configured(), clock=self.clock, threads=threads)
        self._now_and_then(now, threads)
        ended = self.clock()
        Beat.objects.bulk_create(
            [Beat(pager=self.name, ticked_at=ended, took=time.monotonic() - begun)],
            update_conflicts=True,
            unique_fields=["pager"],
            update_fields=["ticked_at", "took"],
        )
        self.deadman.clean_tick(now=ended)

    def _now_and_then(self, now: datetime, threads: Senders) -> None:
        if self._is_time_for("audit", audit.EVERY, now):
            audit.check(now=now)
        if self._is_time_for("shift changes", changing.EVERY, now):
            threads.begin(changing.notice, now=now)
        if self._is_time_for("missed", missed.EVERY, now) and missed.anybody_asked(now=now):
            threads.begin(missed.fetch, routes=routes.configured(), clock=self.clock)
        if self._is_time_for("own number", own_number.EVERY, now):
            threads.begin(own_number.check, routes=routes.configured(), clock=self.clock)
        if self._is_time_for("drills", timedelta(minutes=1), now):
            reaching.open_drills(now=now)
            Beat.objects.filter(ticked_at__lt=now - timedelta(days=1)).delete()
            drafts.forget(now=now)

    def _is_time_for(self, what: str, every: timedelta, now: datetime) -> bool:
        """Was this last done so long ago? It is done now, then."""
        if what in self.last and now - self.last[what] < every:
            return False
        self.last[what] = now
        return True
