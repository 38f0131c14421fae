"""Where could the groin be soonest? Found by walking through every minute, and by reading the files by hand.

Shares no code with the product: the tests of the ranking hold it against this.
"""

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

LONDON = ZoneInfo("Europe/London")
MINUTE = timedelta(minutes=1)


@dataclass(frozen=True)
class Door:
    """One hub, in whole minutes from now."""

    code: str
    road: int
    journey: int
    ready: int
    procedure: int
    open: Sequence[tuple[int, int, int | None]]  # from, to (exclusive), there by
    ahead: Sequence[tuple[int, int | None]] = ()  # at the door, in the suite since


def groin(door: Door, *, remaining: int, turnaround: int, horizon: int = 24 * 60) -> int | None:
    """The minute of the groin, or None: each minute is tried for the acceptance, then each for the suite."""
    for accept in range(horizon):
        stretch = [one for one in door.open if one[0] <= accept < one[1]]
        if not stretch:
            continue
        arrive = max(accept, remaining) + door.journey
        if stretch[0][2] is not None and arrive > stretch[0][2]:
            continue
        return _suite(door, arrive, turnaround)
    return None


def _suite(door: Door, arrive: int, turnaround: int) -> int:
    waiting = sorted(d for d, since in door.ahead if since is None and d <= arrive)
    busy = max([s + door.procedure for d, s in door.ahead if s is not None and d <= arrive], default=None)
    free_from = None if busy is None else max(busy, 0) + turnaround
    minute = 0
    while True:
        free = free_from is None or minute >= free_from
        if free and waiting and waiting[0] + door.ready <= minute:
            waiting.pop(0)
            free_from = max(minute + door.procedure, 0) + turnaround
        elif free and not waiting and minute >= arrive + door.ready:
            return minute
        minute += 1


def by_hand(folder: Path, spoke: str, at: datetime, *, remaining: int, ready: int) -> list[tuple[str, int]]:
    """(hub, minute of the groin) of the published files alone, the soonest first: no rota, nobody ahead."""
    sites = {row["code"]: row for row in _rows(folder / "sites.csv")}
    roads = [row for row in _rows(folder / "links.csv") if row["origin"] == spoke]
    published = _rows(folder / "hours.csv")
    found = []
    for road in roads:
        for minute in range(24 * 60):
            if _open(published, road["hub"], sites[spoke]["network"], at + minute * MINUTE):
                begins = max(minute, remaining) + int(road["minutes"]) + ready
                found.append((begins, int(road["minutes"]), road["hub"]))
                break
    return [(hub, begins) for begins, _, hub in sorted(found)]


def _rows(file: Path) -> list[dict[str, str]]:
    with file.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def _open(published: list[dict[str, str]], hub: str, network: str, at: datetime) -> bool:
    wall = at.astimezone(LONDON)
    held = [
        row
        for row in published
        if row["hub"] == hub
        and row["since"] <= wall.date().isoformat()
        and (not row["until"] or wall.date().isoformat() < row["until"])
    ]
    rows = [row for row in held if row["network"] == network] or [row for row in held if not row["network"]]
    if not rows:
        return True
    start, end = rows[-1]["weekly"].partition("/")[0].split("-")
    return start <= f"{wall:%H:%M}" < end
