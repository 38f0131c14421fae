"""What every web process does for the referrals every few minutes: the FEED_CHORE. A fault in one ends no other."""

from collections.abc import Callable
from datetime import datetime

import structlog

from referrals import medians
from referrals.papers import incoming

log = structlog.get_logger(__name__)


def _reckon(at: datetime) -> None:
    medians.reckon(at=at)


def _sweep(at: datetime) -> None:
    incoming.sweep(at)


CHORES: tuple[Callable[[datetime], None], ...] = (_reckon, _sweep)


def do(at: datetime) -> None:
    """Each of them, whatever becomes of the one before."""
    for chore in CHORES:
        try:
            chore(at)
        except Exception as error:  # noqa: BLE001 the next one, and the next time, go on
            log.warning("chore_failed", chore=chore.__qualname__, error=type(error).__name__)
