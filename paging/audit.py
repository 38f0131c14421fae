"""Checks the first promise from outside the engine, and mends what is broken: no referral silently unanswered.

At every instant a waiting referral has a timer in the future, a page being sent, or an open alarm. This looks in SQL
of its own, so that a fault of the engine's queries is not also a fault of their check. Called every few seconds.
"""

from datetime import datetime, timedelta

import structlog
from django.db import connection

from paging import waits
from paging.models import Escalation

log = structlog.get_logger(__name__)

EVERY = timedelta(seconds=5)
LATE = timedelta(seconds=10)  # a timer overdue by so much is not alive

ORPHANS = """
select r.code from referrals_referral r
where r.state in ('referred', 'provisional', 'unplaced')
  and coalesce(
      (select max(v.written_at) from referrals_event v where v.referral_id = r.id), '-infinity') < %(settled)s
  and r.id not in (
      select e.referral_id from paging_escalation e where e.referral_id is not null and e.closed_at is null
        and (e.next_at >= %(late)s or e.id in (
            select p.escalation_id from paging_page p where p.fate = 'sending' and p.lease_until >= %(now)s)))
"""  # "not in", because a list is read once however empty PostgreSQL believes the tables
STOPPED = """
select e.id from paging_escalation e where e.closed_at is null and (e.next_at is null or e.next_at < %(late)s)
"""


def check(*, now: datetime) -> list[str]:
    """The codes of referrals whose promise is broken at this instant; each is mended and said aloud."""
    values = {"now": now, "late": now - LATE, "settled": now - LATE}
    with connection.cursor() as cursor:
        cursor.execute(ORPHANS, values)
        orphans = [code for (code,) in cursor.fetchall()]
        cursor.execute(STOPPED, values)
        stopped = [pk for (pk,) in cursor.fetchall()]
    if stopped:
        Escalation.objects.filter(pk__in=stopped, closed_at=None, next_at=None).update(next_at=now)
    if orphans:
        log.error("promise_broken", referrals=orphans)
        waits.open_for_waiting(now=now)
    return orphans
