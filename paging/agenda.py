"""What is due by the clock, and when something will be: one statement, so that a pager that wakes asks once.

Called by the pager between two whole ticks. A hint: what it does not see is found by the whole tick, within a second.
"""

from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from paging.revalidating import STALE

ASK = """
with
clock as materialized (select coalesce(%(now)s, clock_timestamp()) as now),
climbs as (select next_at from paging_escalation where closed_at is null),
unsent as (
    select due_at, greatest(due_at, lease_until) as moment
    from paging_page join paging_escalation on paging_escalation.id = escalation_id
    where fate in ('due', 'sending') and closed_at is null
)
select
    now,
    exists (select from climbs where next_at <= now),
    exists (select from unsent where due_at <= now and moment <= now),
    exists (select from unsent where due_at < now - %(stale)s::interval and moment <= now),
    least(
        (select min(next_at) from climbs where next_at > now),
        (select min(moment) from unsent where moment > now)
    )
from clock
"""


@dataclass(frozen=True)
class Agenda:
    """What PostgreSQL's clock says is due."""

    now: datetime
    rungs: bool  # a rung is to fire
    pages: bool  # a page is to leave
    late: bool  # one of them is so late that it is looked at again first
    next_at: datetime | None  # when something else comes due

    @property
    def due_at(self) -> datetime | None:
        """When there is something to do: now, or later, or nothing is known of."""
        return self.now if self.has_work else self.next_at

    @property
    def has_work(self) -> bool:
        """Is anything due?"""
        return self.rungs or self.pages


def read(*, now: datetime | None = None) -> Agenda:
    """What is due now; by PostgreSQL's own clock where no moment is given."""
    with connection.cursor() as cursor:
        cursor.execute(ASK, {"now": now, "stale": f"{STALE.total_seconds()} seconds"})
        row = cursor.fetchone()
    assert row
    return Agenda(*row)
