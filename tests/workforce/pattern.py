"""Makes slots for the solver's tests and benches: nights, and days of weekends and bank holidays, in local time.

Clock changes are met here: a night is as long as it really is. The product asks with workforce.building.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from workforce.solver.problem import FIRST, Kind, Slot, Span

LONDON = ZoneInfo("Europe/London")
_WEEK = timedelta(days=7)
_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Pattern:
    """When somebody is on call: each night from `night_from` to `night_until`, and by day where nobody is at work.

    `worked` is the percent of a duty that counts as work: 100 in the hospital, less on call from home.
    """

    duty: str = FIRST
    night_from: time = time(20)
    night_until: time = time(8)
    weekdays_by_day: bool = False
    must: bool = True
    worked: int = 100


def instant(day: date, clock: time, zone: ZoneInfo = LONDON) -> datetime:
    """A local time of day as an instant; an hour that is skipped in spring is the one after it."""
    return datetime.combine(day, clock, tzinfo=zone).astimezone(UTC)


def days_off(first: date, last: date, zone: ZoneInfo = LONDON) -> Span:
    """Whole local days, the last included, as a stretch of time."""
    return Span(instant(first, time(0), zone), instant(last + _DAY, time(0), zone))


def slots(
    hub: str,
    pattern: Pattern,
    *,
    first: date,
    weeks: int,
    bank_holidays: Collection[date] = (),
    zone: ZoneInfo = LONDON,
) -> tuple[Slot, ...]:
    """All slots of one duty at one hub, in order of time; the last night may end after the last day."""
    days = (first + number * _DAY for number in range(weeks * _WEEK.days))
    made = (slot for day in days for slot in _on(day, hub, pattern, frozenset(bank_holidays), zone))
    return tuple(sorted(made, key=lambda slot: slot.start))


def _on(
    day: date, hub: str, pattern: Pattern, bank_holidays: frozenset[date], zone: ZoneInfo
) -> Iterator[Slot]:
    weekend, holiday = day.weekday() >= 5, day in bank_holidays
    if weekend or holiday or pattern.weekdays_by_day:
        kinds = {Kind.WEEKEND} if weekend else set()
        yield _slot(day, hub, pattern, kinds | ({Kind.BANK_HOLIDAY} if holiday else set()), zone)
    kinds = {Kind.NIGHT} | ({Kind.BANK_HOLIDAY} if holiday else set())
    yield _slot(day, hub, pattern, kinds | ({Kind.WEEKEND} if day.weekday() in {4, 5, 6} else set()), zone)


def _slot(day: date, hub: str, pattern: Pattern, kinds: set[Kind], zone: ZoneInfo) -> Slot:
    night = Kind.NIGHT in kinds
    start = instant(day, pattern.night_from if night else pattern.night_until, zone)
    until = pattern.night_until if night else pattern.night_from
    after_midnight = night and pattern.night_until <= pattern.night_from
    end = instant(day + _DAY if after_midnight else day, until, zone)
    minutes = int((end - start).total_seconds()) // 60 * pattern.worked // 100
    return Slot(
        key=f"{hub}/{pattern.duty}/{day.isoformat()}/{'night' if night else 'day'}",
        hub=hub,
        duty=pattern.duty,
        start=start,
        end=end,
        day=day,
        kinds=frozenset(kinds),
        minutes=minutes,
        must=pattern.must,
    )
