"""Notices that the shift of whoever has a patient is over, and has the trail say so. Nobody is paged for it.

Called by the pager's process every few seconds. Whoever comes on is told by the boards; a fault here holds up no page.
"""

from datetime import datetime, timedelta

import structlog
from django.db import OperationalError

from paging import senders
from referrals import owning
from referrals.owning import Due
from referrals.refusals import Refusal

EVERY = timedelta(seconds=10)
log = structlog.get_logger(__name__)


def notice(*, now: datetime) -> None:
    """Write down each change of shift that the trails do not tell of; two pagers write it once."""
    try:
        for due in owning.due(now=now):
            _write(due, now=now)
    except OperationalError:  # the database itself; the next time will do
        raise
    except Exception as error:  # noqa: BLE001 the pager goes on
        log.error("shift_changes_failed", **senders.blame(error))


def _write(due: Due, *, now: datetime) -> None:
    try:
        owning.change_over(due.code, successor=due.successor, by=None, at=due.at, now=now, via="clock")
    except Refusal as refusal:  # it ended, or somebody said so, at this moment
        log.info("no_shift_change", referral=due.code, code=refusal.code)
