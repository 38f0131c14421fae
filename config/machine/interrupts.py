"""Turns Ctrl-C, SIGTERM and a closed terminal into one orderly stop.

Entry points `arm()` it first. Whoever stops servers calls `disarm()` first, so that an impatient second
Ctrl-C cannot leave a process behind.
"""

import signal
from types import FrameType

_STOPS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Interrupted(BaseException):
    """Somebody asked us to stop. It passes every `except Exception` on its way out."""


def arm() -> None:
    """From now on the first request to stop raises `Interrupted` in the main thread."""
    for number in _STOPS:
        signal.signal(number, _interrupt)


def disarm() -> None:
    """From now on requests to stop are ignored: we are stopping already."""
    for number in _STOPS:
        if signal.getsignal(number) is _interrupt:
            signal.signal(number, signal.SIG_IGN)


def _interrupt(number: int, _frame: FrameType | None) -> None:
    disarm()
    raise Interrupted(signal.Signals(number).name)
