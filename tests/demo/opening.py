"""A night whose board is full: opened once in a process for each sort of night, and its rows put back after that.

Called by the tests of the director, in place of a first tick, which lets thirty patients in by their verbs.
"""

import copy
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from demo import arrivals, crews, director
from demo.director import Director
from demo.players import Deed
from tests import emptying, kept
from tests.kept import Kept


@dataclass(frozen=True)
class Opened:
    """The director after the first tick, what was done on phones by then, and all rows."""

    night: Director
    deeds: list[Deed]
    rows: Kept


_kept: dict[object, Opened] = {}


def opened(now: datetime, *, perform: Callable[[Deed], None] | None = None) -> Director:
    """A director after its first tick, in the country that the fixture `house` has made."""
    sort = (now, perform is None, director.LIVE_ELSEWHERE, tuple(arrivals.ELSEWHERE), crews.SHARE)
    if sort not in _kept or not emptying.may_pass_triggers():
        _kept[sort] = _open(now, has_phones=perform is not None)
    else:
        _kept[sort].rows.put_back_alone()
    found = _kept[sort]
    night = copy.deepcopy(found.night)
    night.perform = perform
    if perform:
        for deed in found.deeds:
            perform(deed)
    return night


def _open(now: datetime, *, has_phones: bool) -> Opened:
    deeds: list[Deed] = []
    night = Director(seed=20, speed=6, perform=deeds.append if has_phones else None)
    night.tick(now=now)
    night.perform = None
    return Opened(night, deeds, kept.keep_everything())
