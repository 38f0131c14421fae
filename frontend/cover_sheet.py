"""Every hub of a network for the next fourteen days, hour by hour, and its gaps for six weeks, in words.

Called by frontend.views.cover, the rota page and the board. Reads; writes nothing.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone

from frontend import rota_sheet
from frontend.rota_sheet import Bar, Fortnight
from network.models import Site
from workforce import cover
from workforce.cover import Cover
from workforce.rules.facts import Stretch

AHEAD = timedelta(weeks=6)
HOUR = timedelta(hours=1)
NAMES = {
    Cover.GAP: "Gap: nobody can take a patient",
    Cover.SUPERVISED: "Supervised only",
    Cover.SINGLE: "A single operator, or nobody first on call",
    Cover.SAFE: "Safe",
}


@dataclass(frozen=True)
class Covered:
    """One hub."""

    code: str
    name: str
    planned_until: str  # where its rota ends within the six weeks; empty: it goes on
    bars: list[Bar]
    counts: list[tuple[str, int]]  # hours of fourteen days, by kind
    gaps: list[str]
    months: list[str]  # of each gap, for the way to the month
    hours_gap: int


def covered(hubs: list[Site], *, of: Fortnight) -> list[Covered]:
    """The cover of these hubs, in the order given; two queries."""
    start = of.now.replace(minute=0, second=0, microsecond=0)
    found = cover.of_hubs(hubs, start=start, end=start + AHEAD)
    return [_covered(hub, found[hub.pk], start, of) for hub in hubs if hub.pk in found]


def _covered(hub: Site, found: list[tuple[Stretch, Cover]], start: datetime, of: Fortnight) -> Covered:
    end = start + AHEAD
    hourly = cover.hours(found, start=start, end=of.end)
    shown, empty = _planned(found, end)
    until = timezone.localtime(empty) if empty else None
    return Covered(
        code=hub.code,
        name=hub.short_name,
        planned_until=f"{until:%a} {until.day} {until:%B %H:%M}" if until else "",
        bars=_bars(found, of),
        counts=[(NAMES[kind], hourly.count(kind)) for kind in Cover],
        gaps=[rota_sheet.in_words(*gap) for gap in shown],
        months=[f"{timezone.localtime(gap[0]):%Y-%m}" for gap in shown],
        hours_gap=hourly.count(Cover.GAP),
    )


def _planned(found: list[tuple[Stretch, Cover]], end: datetime) -> tuple[list[Stretch], datetime | None]:
    """The gaps in what is written, and from when on nothing is written; None where the rota goes on."""
    (begun, until), last = found[-1]
    if last == Cover.GAP and until == end and end - begun > timedelta(days=2):
        return cover.gaps(found[:-1]), begun
    return cover.gaps(found), None


def nearest(hubs: list[Site], *, now: datetime) -> str:
    """The gap of these hubs that comes first, in few words for a board; empty where none is ahead. Two queries."""
    end = now + AHEAD
    found = cover.of_hubs(hubs, start=now, end=end)
    gaps = [
        (start, until, hub.short_name)
        for hub in hubs
        if hub.pk in found
        for start, until in _planned(found[hub.pk], end)[0]
    ]
    if not gaps:
        return ""
    start, until, name = min(gaps)
    others = f", and {len(gaps) - 1} more" if len(gaps) > 1 else ""
    if start <= now:
        return f"{name}: nobody now, until {timezone.localtime(until):%a %H:%M}{others}"
    first = timezone.localtime(start)
    return f"{name}: nobody from {first:%H:%M} {first:%a} {first.day} {first:%b}{others}"


def _bars(found: list[tuple[Stretch, Cover]], of: Fortnight) -> list[Bar]:
    return [
        Bar(
            round((max(start, of.start) - of.start) / HOUR, 2),
            round((min(end, of.end) - max(start, of.start)) / HOUR, 2),
            kind.value,
            f"{NAMES[kind]}, {rota_sheet.in_words(start, end)}",
        )
        for (start, end), kind in found
        if start < of.end
    ]


def alarm(found: list[Covered]) -> str:
    """One sentence for a coordinator; empty where no gap is ahead."""
    bad = [one for one in found if one.gaps]
    if not bad:
        return ""
    count = sum(len(one.gaps) for one in bad)
    first = f"{bad[0].name}, {bad[0].gaps[0]}"
    return f"{count} gap{'s' if count > 1 else ''} in the next six weeks: {first}{', and others' if count > 1 else ''}."
