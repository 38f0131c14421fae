"""Keeps the processes of the house alive: what ends is started again, sooner at first, then more patiently.

Used by `run.py`, which calls `look()` a few times a second. It never gives up: a pager that could be started
again in ten seconds is worth the line it prints.
"""

import time
from dataclasses import dataclass, field

from config.machine import children
from config.machine.trouble import say

_FIRST_PAUSE = 0.5
_LONGEST_PAUSE = 10.0
# Whoever has lived this long is well again.
_HEALTHY_SECONDS = 30.0
_ENOUGH_TO_COMPLAIN = 3


@dataclass
class _Ward:
    child: children.Child
    born: float
    deaths: int = 0
    again_at: float | None = None


@dataclass
class Supervisor:
    """The children in its care, in the order in which they were given."""

    wards: list[_Ward] = field(default_factory=list)

    def adopt(self, child: children.Child) -> None:
        """Take care of a child that was started a moment ago."""
        self.wards.append(_Ward(child, time.monotonic()))

    def start(self, child: children.Child) -> None:
        """Start a child and take care of it."""
        child.start()
        self.adopt(child)

    def look(self, *, now: float) -> None:
        """Notice who has ended and start again whose pause is over; `now` is in seconds, monotonic."""
        for ward in self.wards:
            if ward.again_at is not None:
                if now >= ward.again_at:
                    ward.child.start()
                    ward.born, ward.again_at = now, None
            elif (code := ward.child.ended()) is not None:
                self._mourn(ward, code, now)

    def deaths(self, name: str) -> int:
        """How often in a row the child of this name has ended soon after it was started."""
        return next(ward.deaths for ward in self.wards if ward.child.name == name)

    def _mourn(self, ward: _Ward, code: int, now: float) -> None:
        # What the child itself had started must not outlive it.
        ward.child.kill()
        ward.deaths = 1 if now - ward.born > _HEALTHY_SECONDS else ward.deaths + 1
        pause = min(_FIRST_PAUSE * 2 ** (ward.deaths - 1), _LONGEST_PAUSE)
        ward.again_at = now + pause
        how = f"was killed by signal {-code}" if code < 0 else f"ended with exit code {code}"
        where = f"; see {ward.child.log}" if ward.deaths >= _ENOUGH_TO_COMPLAIN else ""
        say(f"  the {ward.child.name} {how}: starting it again in {pause:g} s{where}")

    def stop(self, *, patience: float = 5.0) -> None:
        """End all of them together, by force after `patience` seconds."""
        for ward in self.wards:
            ward.child.ask_to_stop()
        until = time.monotonic() + patience
        for ward in reversed(self.wards):
            ward.child.stop(patience=max(0.1, until - time.monotonic()))
        self.wards.clear()
