"""What only advises may fail, and then it advises nothing: no verb and no ladder ever waits for it.

Called where a patient is ranked or judged on the way of a verb. A fault of the database itself is not hidden.
"""

from collections.abc import Callable

import structlog
from django.db import Error

log = structlog.get_logger(__name__)


def or_nothing[T](look: Callable[[], T], nothing: T) -> T:
    """What this look finds; where it has a fault, nothing, and a line in the log without any fact."""
    try:
        return look()
    except Error:
        raise
    except Exception as error:  # noqa: BLE001 the patient goes on without advice
        log.error("advice_failed", look=getattr(look, "__qualname__", ""), error=type(error).__name__)
        return nothing
