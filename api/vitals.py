"""How this process, the pager and the database are: what the health addresses and the metrics tell.

Reads on a thread of its own, one visit at a time, so that a database which hangs can neither hold up an answer nor
use up the connections. No figure is about one patient.
"""

import asyncio
import threading
import time
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import DatabaseError, connection
from django.db.models import Count

from paging import engine, queries, reaching
from paging.models import Channel, Escalation, Fate, Page, Provider
from realtime import tail
from referrals.models import Referral
from referrals.states import State

PATIENCE = 2.0  # seconds that a health answer waits for the database, and for the tail's first read
TAIL_READS = timedelta(
    seconds=5
)  # a tail looks once a second; one that has not for so long is not at the head
HOUR = timedelta(hours=1)

_reader = ThreadPoolExecutor(1, thread_name_prefix="vitals")
_entering = threading.Lock()
_visit: "Future[Vitals] | None" = None


@dataclass(frozen=True)
class Vitals:
    """What the tables say of themselves."""

    database_ms: float
    pager_tick_age: float | None  # seconds; None while no pager ever ended a tick
    oldest_overdue: float  # seconds
    open_escalations: int
    open_alarms: int
    referrals: dict[str, int]  # by state
    pages: dict[tuple[str, str], int]  # by channel and fate, of those that were due within the last hour
    troubled: dict[tuple[str, str], bool]  # by provider and channel
    unconfirmed: int  # people on call who have not answered the test of their phone

    @property
    def pager_is_alive(self) -> bool:
        return self.pager_tick_age is not None and self.pager_tick_age <= queries.TICKS.total_seconds()


def read() -> Vitals:
    """Everything in one visit; ages are by the database's clock, which decides what is due."""
    began = time.monotonic()
    with connection.cursor() as cursor:
        cursor.execute("select clock_timestamp()")
        now: datetime = cursor.fetchone()[0]
    ticked = queries.last_tick()
    took = time.monotonic() - began
    states = dict(Referral.objects.order_by().values_list("state").annotate(Count("pk")))
    recent = Page.objects.filter(due_at__gt=now - HOUR, due_at__lte=now).order_by()
    sent = {
        (channel, fate): n for channel, fate, n in recent.values_list("channel", "fate").annotate(Count("pk"))
    }
    open_climbs = Escalation.objects.filter(closed_at=None)
    return Vitals(
        database_ms=round(took * 1000, 1),
        pager_tick_age=max(0.0, (now - ticked).total_seconds()) if ticked else None,
        oldest_overdue=engine.overdue(now=now).total_seconds(),
        open_escalations=open_climbs.count(),
        open_alarms=open_climbs.filter(alarm_since__isnull=False).count(),
        referrals={state.value: states.get(state.value, 0) for state in State if state != State.NEW},
        pages={(c.value, fate.value): sent.get((c.value, fate.value), 0) for c in Channel for fate in Fate},
        troubled={(p.name, p.channel): p.troubled_since is not None for p in Provider.objects.all()},
        unconfirmed=reaching.unconfirmed(now=now).count(),
    )


async def take() -> Vitals | None:
    """The vitals, or None where the database did not give them within our patience."""
    try:
        async with asyncio.timeout(PATIENCE):
            return await asyncio.shield(asyncio.wrap_future(_begun()))
    except (TimeoutError, DatabaseError):
        return None


def _begun() -> "Future[Vitals]":
    """The visit that is under way, or a new one: whoever asks meanwhile waits for the same answer."""
    global _visit  # noqa: PLW0603 one visit a process
    with _entering:
        if _visit is None or _visit.done():
            _visit = _reader.submit(_with_connection)
        return _visit


def _with_connection() -> Vitals:
    try:
        return read()
    finally:
        connection.close()  # back to the pool; a broken one is replaced there


async def tail_age() -> float | None:
    """Seconds since this process's tail last read the streams; starts it, and waits a little for its first read."""
    hub = tail.here()
    hub.start()
    given_up = time.monotonic() + PATIENCE
    while not hub.read_at and time.monotonic() < given_up:  # noqa: ASYNC110 a tail announces no first read
        await asyncio.sleep(0.02)
    return time.monotonic() - hub.read_at if hub.read_at else None


def sockets() -> int:
    """How many sockets this process serves."""
    return sum(len(watching) for watching in tail.here().watchers.values())
