"""The two ways in which events are told to a crowd: one after the other, or at a rate that waits for nobody."""

import time

from tests.bench import telling
from tests.bench.crowd import Crowd, Heard

PAUSE = 0.05  # seconds between the last board having an event and the next event
SETTLING = 10.0  # seconds for what is under way when the telling has ended


def one_by_one(crowd: Crowd, count: int) -> Heard:
    """So many events, each a pause after everybody had the one before."""
    marks = _watch(crowd, count)
    told: list[int] = []
    for mark in marks:
        if crowd.served.ours:
            position, moment = telling.commit()
            assert position == mark, "somebody else writes to the stream"
            told.append(moment)
        else:
            crowd.say(mark)
        crowd.everybody_heard(mark)
        time.sleep(PAUSE)
    return crowd.heard(told or None)


def at_a_rate(crowd: Crowd, *, rate: float, seconds: float) -> tuple[Heard, int]:
    """So many events a second, due at their moments whatever becomes of them; and how many boards were cut off."""
    count = max(3, int(rate * seconds))
    _watch(crowd, count)
    told = None
    if crowd.served.ours:
        told = telling.pace(telling.commit, count=count, every=1 / rate)
    else:
        crowd.pace(every=1 / rate)
    _, _, cut = crowd.settle(SETTLING)
    return crowd.heard(told), cut


def _watch(crowd: Crowd, count: int) -> range:
    first = telling.head() + 1 if crowd.served.ours else crowd.spoken
    crowd.spoken += count
    crowd.watch(first, count)
    return range(first, first + count)
