"""What is due by the clock, and when something will be: one statement, so that a pager that wakes asks once.

Called by the pager between two whole ticks. A hint: what it does not see is found by the whole tick, within a second.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from paging.prepared import Prepared
from paging.revalidating import STALE

ASK = """
with
clock as materialized (
    select now, now + $2 as horizon from coalesce($1, clock_timestamp()) as now
),
climbs as (select next_at from paging_escalation where closed_at is null),
unsent as (
    select due_at, greatest(due_at, lease_until) as moment
    from paging_page join paging_escalation on paging_escalation.id = escalation_id
    where fate in ('due', 'sending') and closed_at is null
)
select
    now,
    (select min(next_at) from climbs where next_at <= horizon),
    exists (select from unsent where due_at <= now and moment <= now),
    exists (select from unsent where due_at < now - $3 and moment <= now),
    least(
        (select min(next_at) - $2 from climbs where next_at > horizon),
        (select min(moment) from unsent where moment > now)
    ),
    least((select min(next_at) from climbs where next_at > now), (select min(moment) from unsent where moment > now))
from clock
"""
QUESTION = Prepared("timestamptz, interval, interval", ASK)


@dataclass(frozen=True)
class Agenda:
    """What PostgreSQL's clock says is due."""

    now: datetime
    rung_at: datetime | None  # a rung is to fire, and is meant for this instant
    pages: bool  # a page is to leave
    late: bool  # one of them is so late that it is looked at again first
    next_at: datetime | None  # when there is something else to do
    free_until: datetime | None  # when something else comes due: what is done before is not late

    @property
    def has_work(self) -> bool:
        """Is anything due?"""
        return self.rung_at is not None or self.pages

    @property
    def firing(self) -> datetime:
        """The instant for which rungs are to be fired: this one, or a little later."""
        return max(self.now, self.rung_at) if self.rung_at else self.now


def read(*, now: datetime | None = None, ahead: timedelta = timedelta(0)) -> Agenda:
    """What is due now, by PostgreSQL's own clock where no moment is given; a rung also so long ahead of its time."""
    return Agenda(*QUESTION.row(now, ahead, STALE))
