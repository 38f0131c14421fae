"""The ledger against which the rota is proved: orders in a list, and the clock changes by the rule itself.

Nothing of workforce's reckoning is used here, and no time zone's tables.
"""

from bisect import bisect_right
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta

from workforce.models import Duty

YEARS = range(2024, 2038)
HALF = timedelta(minutes=30)
DUTIES = (Duty.FIRST, Duty.SECOND, Duty.SUPERVISOR)


def last_sunday(year: int, month: int) -> date:
    """The last Sunday of March or October."""
    last = date(year, month, 31)
    return last - timedelta(days=(last.weekday() + 1) % 7)


CHANGES = [
    (datetime.combine(last_sunday(year, month), time(1), tzinfo=UTC)) for year in YEARS for month in (3, 10)
]


def in_utc(on: date, hour: float) -> datetime:
    """An hour of London's wall clock by the rule itself: summer time from 01:00 UTC on one Sunday to the other."""
    wall = datetime.combine(on, time(), tzinfo=UTC) + timedelta(hours=hour)
    in_summer = bisect_right(CHANGES, wall - timedelta(hours=1)) % 2
    return wall - timedelta(hours=1) if in_summer else wall


@dataclass
class Ledger:
    """Orders, in the order in which they were given; the last that speaks of an instant holds."""

    orders: list[tuple[str, int | None, datetime, datetime]] = field(default_factory=list)
    away: list[tuple[int, datetime, datetime]] = field(default_factory=list)

    def order(self, duty: str, person: int | None, start: datetime, end: datetime) -> None:
        self.orders.append((duty, person, start, end))

    def on(self, duty: str, at: datetime) -> int | None:
        for other, person, start, end in reversed(self.orders):
            if other == duty and start <= at < end:
                return person
        return None

    def busy(self, person: int, start: datetime, end: datetime, *, but: tuple[str, ...] = ()) -> bool:
        """Does this person hold a duty at any half hour of this time?"""
        moments = (start + n * HALF for n in range(int((end - start) / HALF)))
        return any(self.on(duty, at) == person for at in moments for duty in DUTIES if duty not in but)

    def is_away(self, person: int, start: datetime, end: datetime) -> bool:
        return any(who == person and s < end and start < e for who, s, e in self.away)
