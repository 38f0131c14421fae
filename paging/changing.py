"""Notices that the shift of whoever has a patient is over, and has the trail say so. Nobody is paged for it.

Called by the pager's process every few seconds, on a thread of its own: neither a fault here nor a whole region that
changes its shift at the same minute holds up a page. Whoever comes on is told by the boards.
"""

from datetime import datetime, timedelta

import structlog
from django.db import OperationalError, connection, transaction
from psycopg.errors import LockNotAvailable

from paging import senders
from referrals import owning
from referrals.owning import Due
from referrals.refusals import Refusal

EVERY = timedelta(seconds=10)
MOST = 20  # at once: a whole region changes its shift at the same minute, and pages must not wait for it
PATIENCE_MS = 100  # for a referral that somebody is writing to; the next time will do
log = structlog.get_logger(__name__)


def notice(*, now: datetime) -> None:
    """Write down each change of shift that the trails do not tell of; two pagers write it once."""
    try:
        changed = owning.due(now=now)
    except OperationalError:  # the database itself; the next time will do
        raise
    except Exception as error:  # noqa: BLE001 the pager goes on
        log.error("shift_changes_failed", **senders.blame(error))
        return
    for due in changed[:MOST]:
        _write(due, now=now)


def _write(due: Due, *, now: datetime) -> None:
    """One trail; a fault in it, or somebody who holds it, holds up neither the others nor a page."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"set local lock_timeout = {PATIENCE_MS}")
            owning.change_over(due.code, successor=due.successor, by=None, at=due.at, now=now, via="clock")
    except Refusal as refusal:  # it ended, or somebody said so, at this moment
        log.info("no_shift_change", referral=due.code, code=refusal.code)
    except OperationalError as error:
        if not isinstance(error.__cause__, LockNotAvailable):
            raise
        log.info("shift_change_waits", referral=due.code)
    except Exception as error:  # noqa: BLE001 the pager goes on
        log.error("shift_change_failed", referral=due.code, **senders.blame(error))
