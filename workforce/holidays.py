"""The bank holidays of England, Wales and Northern Ireland, worked out from their rules.

Pure. The rules are those of the Banking and Financial Dealings Act 1971 and of common law, as published on
gov.uk/bank-holidays; days that a proclamation adds or moves in a single year are in ADDED and MOVED.
"""

from datetime import date, timedelta
from functools import cache

FIRST_YEAR, LAST_YEAR = 2020, 2037
MOVED = {date(2020, 5, 4): date(2020, 5, 8), date(2022, 5, 30): date(2022, 6, 2)}
ADDED = {
    2022: {date(2022, 6, 3): "Platinum Jubilee", date(2022, 9, 19): "State Funeral of Queen Elizabeth II"},
    2023: {date(2023, 5, 8): "Coronation of King Charles III"},
}
NORTHERN_IRELAND = "Northern Ireland"
DAY = timedelta(days=1)


def easter(year: int) -> date:
    """Easter Sunday of the Gregorian calendar (Meeus, Jones and Butcher's reckoning)."""
    century, rest = divmod(year, 100)
    moon = (19 * (year % 19) + century - century // 4 - (century - (century + 8) // 25 + 1) // 3 + 15) % 30
    weekday = (32 + 2 * (century % 4) + 2 * (rest // 4) - moon - rest % 4) % 7
    late = (year % 19 + 11 * moon + 22 * weekday) // 451
    month, day = divmod(moon + weekday - 7 * late + 114, 31)
    return date(year, month, day + 1)


@cache
def of_year(year: int, country: str) -> dict[date, str]:
    """The bank holidays of a year in one of the three countries; ValueError outside the years that are known."""
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise ValueError(f"Bank holidays are known from {FIRST_YEAR} to {LAST_YEAR}.")
    sunday = easter(year)
    found = {
        sunday - 2 * DAY: "Good Friday",
        sunday + DAY: "Easter Monday",
        _monday(date(year, 5, 1)): "Early May bank holiday",
        _monday(date(year, 5, 25)): "Spring bank holiday",
        _monday(date(year, 8, 25)): "Summer bank holiday",
    }
    fixed = {date(year, 1, 1): "New Year’s Day", date(year, 12, 25): "Christmas Day"}
    fixed[date(year, 12, 26)] = "Boxing Day"
    if country == NORTHERN_IRELAND:
        fixed |= {date(year, 3, 17): "St Patrick’s Day", date(year, 7, 12): "Battle of the Boyne"}
    found = {MOVED.get(on, on): name for on, name in found.items()}
    for on, name in fixed.items():
        found[_weekday_free_of(on, {*found, *(f for f in fixed if f != on and f.weekday() < 5)})] = name
    return dict(sorted((found | ADDED.get(year, {})).items()))


def name(on: date, country: str) -> str:
    """The bank holiday that this day is; empty where it is none, or nobody can know yet."""
    return of_year(on.year, country).get(on, "") if FIRST_YEAR <= on.year <= LAST_YEAR else ""


def _monday(first: date) -> date:
    """The first Monday from this day on."""
    return first + (-first.weekday() % 7) * DAY


def _weekday_free_of(on: date, taken: set[date]) -> date:
    """The day itself on a weekday; else the next weekday that is no holiday yet."""
    if on.weekday() < 5:
        return on
    while on.weekday() >= 5 or on in taken:
        on += DAY
    return on
