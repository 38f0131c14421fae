"""A hub's hours and closures as they are typed, and as they are shown. What is right is decided by network.hours.

Called by frontend.views.hours.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.utils import timezone
from django.utils.dateparse import parse_date

from network import week
from network.hours import HoursRefused
from network.hours_rows import Closure, OpeningHours
from network.models import Network, Site
from network.week import DAYS, Weekly
from referrals import typed

PARTS = ("from", "to", "by")


@dataclass(frozen=True)
class Day:
    """One day of the week as it is typed: from, to, and when the patient must be there."""

    number: int
    name: str
    cells: tuple[str, str, str]


@dataclass(frozen=True)
class Typed:
    """What was typed and refused, so that nothing must be typed twice."""

    said: Mapping[str, str] = field(default_factory=dict)
    faults: Mapping[str, str] = field(default_factory=dict)
    form: str = ""


@dataclass(frozen=True)
class Held:
    """The hours that hold now for one network's referrals, or for everybody's."""

    network: str
    words: str
    since: date
    until: date | None
    who: str
    reason: str


@dataclass(frozen=True)
class Put:
    """What the form says of the hours."""

    weekly: Weekly
    network: Network | None
    since: date
    until: date | None
    reason: str


def days(said: Mapping[str, str]) -> list[Day]:
    """The week's seven rows, with what was typed in them; without anything, always open."""
    fresh = not any(name.startswith("d0") for name in said)
    usual = ("00:00", "24:00", "")
    return [
        Day(n, name, usual if fresh else tuple(said.get(f"d{n}-{part}", "") for part in PARTS))  # type: ignore[arg-type]
        for n, name in enumerate(DAYS)
    ]


def put(said: Mapping[str, str]) -> Put:
    """The hours as typed; HoursRefused names what cannot be read."""
    rows = [_day(said, 0 if said.get("same") == "1" else n) for n in range(7)]
    since, until = _date(said, "since", needed=True), _date(said, "until")
    code = said.get("network", "")
    network = next((one for one in Network.objects.all() if one.code == code), None)
    if code and network is None:
        raise HoursRefused({"network": "Choose a network from the list."})
    assert since
    return Put(rows, network, since, until, said.get("reason", ""))


def _day(said: Mapping[str, str], number: int) -> list[list[str]]:
    start, end, by = (said.get(f"d{number}-{part}", "").strip() for part in PARTS)
    return [[start, end, by]] if start or end or by else []


def _date(said: Mapping[str, str], name: str, *, needed: bool = False) -> date | None:
    text = said.get(name, "").strip()
    try:
        read = parse_date(text) if text else None
    except ValueError:
        read = None
    if (text or needed) and read is None:
        raise HoursRefused({name: "Give the day, like 2026-11-22."})
    return read


def instant(said: Mapping[str, str], name: str, *, now: datetime) -> datetime:
    """A time to come on the ward's clock; HoursRefused where it is none."""
    read = typed.moment(said.get(name, ""), now=now, ahead=True)
    if read is None:
        raise HoursRefused({name: "Give the day and the time."})
    return read


def held(hub: Site, *, day: date) -> list[Held]:
    """The hours that hold on a day: everybody's, and those of networks that have their own."""
    rows = list(OpeningHours.objects.filter(hub=hub).select_related("network", "by").order_by("pk"))
    standing: dict[int | None, OpeningHours] = {}
    for row in rows:
        if row.since <= day and (row.until is None or day < row.until):
            standing[row.network_id] = row
    return [_held(row) for _, row in sorted(standing.items(), key=lambda pair: pair[0] or 0)]


def history(hub: Site) -> list[Held]:
    """Everything that was ever said of the hours, the newest first."""
    rows = OpeningHours.objects.filter(hub=hub).select_related("network", "by").order_by("-pk")
    return [_held(row) for row in rows]


def _held(row: OpeningHours) -> Held:
    who = f"{row.by.name}, {timezone.localtime(row.written_at):%-d %b %Y}" if row.by else row.source
    network = row.network.name if row.network else "everybody else"
    return Held(network, week.in_words(row.weekly), row.since, row.until, who, row.reason)


def closures(hub: Site) -> list[Closure]:
    """The closures of this hub, the newest first."""
    rows = Closure.objects.filter(hub=hub).select_related("by", "reopening__by")
    return list(rows.order_by("-since")[:50])


def goes_on(closure: Any, *, now: datetime) -> bool:
    """Is it still to come, or not over?"""
    again = getattr(closure, "reopening", None)
    return bool(closure.until > now and (again is None or again.at > now))
