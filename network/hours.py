"""The only writer of a hub's hours and closures, and who may change them. Rows are added, never altered.

Called by the hours' screen, and by load_network for the published hours. Whoever ranks hubs reads the rows itself.
"""

import json
from collections.abc import Collection, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet

from network import reasons, week
from network.hours_rows import Closure, OpeningHours, Reopening
from network.models import Network, Person, Role, Site
from network.permissions import Rights
from network.sheets import Fault, Row, Sheet
from network.week import Hours, Weekly

COLUMNS = ("hub", "network", "since", "until", "weekly", "source")
LONGEST_CLOSURE = timedelta(days=366)
STEP = timedelta(minutes=1)
CLOCKS_DIFFER = timedelta(minutes=2)  # a ward's from ours: what is typed may lie so much before or after now
type Stretch = tuple[datetime, datetime]


class HoursRefused(Exception):
    """Nothing was changed; `fields` has a sentence for each thing that is wrong."""

    def __init__(self, fields: dict[str, str]) -> None:
        super().__init__(" ".join(fields.values()))
        self.fields = fields


def may_change(rights: Rights, hub: Site) -> bool:
    """The coordinators and leads of the hub's network say when it takes patients."""
    return rights.oversees(hub.network_id)


def may_close(rights: Rights, hub: Site) -> bool:
    """Those who say when it takes patients, and its own operators: whoever stands in the suite closes it at once."""
    return may_change(rights, hub) or rights.has(Role.OPERATOR, site_id=hub.pk)


def may_read(rights: Rights, hub: Site) -> bool:
    """Those who decide, and the hub's own teams."""
    return may_change(rights, hub) or rights.has(Role.HUB, Role.OPERATOR, site_id=hub.pk)


def _reason(text: str) -> str:
    said = text.strip()
    if fault := reasons.fault(said):
        raise HoursRefused({"reason": fault})
    return said


def put(
    hub: Site,
    weekly: Weekly,
    *,
    network: Network | None,
    since: date,
    until: date | None,
    reason: str,
    by: Person,
    at: datetime,
) -> OpeningHours:
    """From this day on these are the hub's hours, for one network's referrals or for everybody's."""
    if faults := week.faults(weekly):
        raise HoursRefused({"weekly": " ".join(dict.fromkeys(faults))})
    if until is not None and until <= since:
        raise HoursRefused({"until": "The last day is before the first one."})
    return OpeningHours.objects.create(
        hub=hub,
        network=network,
        since=since,
        until=until,
        weekly=weekly,
        reason=_reason(reason),
        by=by,
        written_at=at,
    )


def close(hub: Site, *, since: datetime, until: datetime, reason: str, by: Person, at: datetime) -> Closure:
    """The hub takes nobody between these instants; never in the past, for offers were made by what stood then."""
    if since < at - CLOCKS_DIFFER:
        raise HoursRefused({"since": "A closure cannot begin in the past."})
    if until <= since:
        raise HoursRefused({"until": "The end is before the beginning."})
    if until - since > LONGEST_CLOSURE:
        raise HoursRefused({"until": "A closure is at most a year long. Check the date."})
    return Closure.objects.create(
        hub=hub, since=since, until=until, reason=_reason(reason), by=by, written_at=at
    )


@transaction.atomic
def reopen(closure: Closure, *, reason: str, by: Person, at: datetime) -> Reopening:
    """The hub takes patients again, before the closure's time."""
    locked = Closure.objects.select_for_update().get(pk=closure.pk)
    if locked.until <= at or Reopening.objects.filter(closure=locked).exists():
        raise HoursRefused({"reason": "This closure has ended already. Nothing was changed."})
    return Reopening.objects.create(closure=locked, at=at, reason=_reason(reason), by=by)


def closures_ahead(hubs: Sequence[int], *, at: datetime) -> QuerySet[Closure]:
    """The closures of these hubs that go on or are to come."""
    ahead = Closure.objects.filter(hub__in=hubs, until__gt=at)
    return (
        ahead.filter(Q(reopening=None) | Q(reopening__at__gt=at)).select_related("by").order_by("since", "pk")
    )


def shut_since(pairs: Collection[tuple[int, int]], *, at: datetime) -> dict[tuple[int, int], datetime]:
    """Since when these hubs take nobody from these networks (hub, network), for those that are shut now; two queries.

    By a closure, or by the end of their hours; whatever a rota says is not asked here.
    """
    hubs = {hub for hub, _ in pairs}
    before = at - timedelta(days=1)
    found: dict[tuple[int, int], datetime] = {}
    rows: dict[int, list[Hours]] = {}
    for row in OpeningHours.objects.filter(hub__in=hubs):
        said = Hours(row.pk, row.network_id, row.since, row.until, row.weekly)
        rows.setdefault(row.hub_id, []).append(said)
    closed = _closed(hubs, start=before, end=at)
    for hub, network in pairs:
        weekly = week.stretches(rows.get(hub, []), network=network, start=before, end=at + STEP)
        open_then = week.without(weekly, closed.get(hub, []))
        if not any(one.start <= at < one.end for one in open_then):
            found[hub, network] = max((one.end for one in open_then if one.end <= at), default=before)
    return found


def _closed(hubs: Collection[int], *, start: datetime, end: datetime) -> dict[int, list[Stretch]]:
    """The closures that touched this time, by hub; each from when somebody could know of it until it really ended."""
    found: dict[int, list[Stretch]] = {}
    touching = Closure.objects.filter(hub__in=hubs, until__gt=start, since__lte=end)
    for one in touching.select_related("reopening"):
        again = one.reopening.at if hasattr(one, "reopening") else one.until
        found.setdefault(one.hub_id, []).append((max(one.since, one.written_at), min(one.until, again)))
    return found


def faulty(sheet: Sheet) -> list[Fault]:
    """What is wrong with a file of published hours."""
    found = list(sheet.faults)
    hubs = set(Site.objects.filter(is_hub=True).values_list("code", flat=True))
    networks = set(Network.objects.values_list("code", flat=True)) | {""}
    for row in sheet.rows:
        cells = row.cells
        if cells["hub"] not in hubs:
            found.append(Fault(sheet.file, row.line, f"{cells['hub']} is not a hub"))
        if cells["network"] not in networks:
            found.append(Fault(sheet.file, row.line, f"network {cells['network']} is not known"))
        found += [Fault(sheet.file, row.line, why) for why in _unreadable(row)]
    return found


def _unreadable(row: Row) -> list[str]:
    try:
        since, until, weekly = _parsed(row)
        if until is not None and until <= since:
            return ["until is not after since"]
        return week.faults(weekly)
    except (ValueError, TypeError):
        return ["a date must be like 2026-02-02, and weekly like 08:00-20:00/22:00 or seven of them"]


def _parsed(row: Row) -> tuple[date, date | None, Weekly]:
    """since, until, weekly: one day's hours for every day, or seven with blanks between; “-” is a closed day."""
    cells = row.cells
    days = cells["weekly"].split()
    if len(days) not in {1, 7}:
        raise ValueError(days)
    read = [[] if day == "-" else [_stretch(one) for one in day.split(",")] for day in days]
    until = date.fromisoformat(cells["until"]) if cells["until"] else None
    return date.fromisoformat(cells["since"]), until, read * 7 if len(read) == 1 else read


def _stretch(text: str) -> list[str]:
    taken, _, by = text.partition("/")
    start, end = taken.split("-")
    return [start, end, by]


def load(sheet: Sheet, *, at: datetime) -> int:
    """Add the published hours that are not there yet, in the file's order; says how many there were."""
    hubs = {site.code: site for site in Site.objects.filter(is_hub=True)}
    networks = {network.code: network for network in Network.objects.all()}
    loaded = OpeningHours.objects.filter(by=None)
    there = {_identity(row.hub_id, row.network_id, row.since, row.until, row.weekly) for row in loaded}
    made = 0
    for row in sheet.rows:
        since, until, weekly = _parsed(row)
        hub, network = hubs[row.cells["hub"]], networks.get(row.cells["network"])
        mine = _identity(hub.pk, network.pk if network else None, since, until, weekly)
        if mine not in there:
            OpeningHours.objects.create(
                hub=hub, network=network, since=since, until=until, weekly=weekly,
                source=row.cells["source"], by=None, written_at=at,
            )  # fmt: skip
            there.add(mine)
            made += 1
    return made


def _identity(hub: int, network: int | None, since: date, until: date | None, weekly: Any) -> tuple[Any, ...]:
    return hub, network, since, until, json.dumps(weekly)
