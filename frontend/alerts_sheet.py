"""How often people were alerted, as a table: one's own line, and a network's people for those who answer for them.

Called by frontend.views.alerts. What is counted is in paging.alerted; nothing here knows a patient.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import F, Q

from frontend import clocks
from network import permissions
from network.models import Network, Person, Role
from network.permissions import Rights
from paging import alerted
from paging.alerted import Alerted

PAGED = (Role.OPERATOR, Role.COORDINATOR, Role.LEAD)
DAYS = (7, 28)
NEVER = timedelta(days=999)


@dataclass(frozen=True)
class Line:
    """One person and their alerts."""

    name: str
    place: str
    count: Alerted

    @property
    def median(self) -> str:
        return clocks.ago(self.count.median) if self.count.median is not None else "–"


@dataclass(frozen=True)
class Team:
    """A network's people."""

    name: str
    lines: tuple[Line, ...]


@dataclass(frozen=True)
class Column:
    """One column, by which the table can be ordered."""

    key: str
    name: str
    order: Callable[[Line], object]


COLUMNS = (
    Column("name", "Who", lambda line: line.name),
    Column("all", "Alerts", lambda line: -line.count.all),
    Column("day", "By day", lambda line: -line.count.day),
    Column("night", "By night", lambda line: -line.count.night),
    Column("nights", "Nights woken", lambda line: -line.count.nights),
    Column("off", "Off duty", lambda line: -line.count.off_duty),
    Column("answered", "Answered", lambda line: -line.count.answered),
    Column("median", "Median to answer", lambda line: line.count.median or NEVER),
)
BY_KEY = {column.key: column for column in COLUMNS}


def led(rights: Rights) -> list[Network]:
    """The networks whose people this person may read about: those that they lead or whose medical director they are."""
    lead = {pk for pk in rights.networks if rights.leads(pk)}
    return list(Network.objects.filter(pk__in=lead | rights.governs).order_by("name"))


def mine(person: Person, *, days: int, now: datetime) -> Line:
    """One's own line."""
    return Line("You", "", alerted.of([person.pk], since=now - timedelta(days=days), now=now)[person.pk])


def teams(networks: Collection[Network], *, days: int, key: str, now: datetime) -> list[Team]:
    """Everybody in these networks who can be paged, ordered by a column."""
    here = Q(site__network__in=networks) | Q(network__in=networks)
    held = permissions.holding(now).filter(here, role__in=PAGED)
    rows = held.select_related("person", "site", "network")
    people: dict[int, dict[int, tuple[str, str]]] = {network.pk: {} for network in networks}
    for row in rows.order_by(F("network_id").asc(nulls_first=True), "pk"):
        of = row.site.network_id if row.site else row.network_id or 0
        place = str(row.site) if row.site else row.get_role_display()
        people[of].setdefault(row.person_id, (row.person.name, place))
    counts = alerted.of(
        {pk for some in people.values() for pk in some}, since=now - timedelta(days=days), now=now
    )
    found = []
    for network in networks:
        lines = [Line(name, place, counts[pk]) for pk, (name, place) in people[network.pk].items()]
        lines.sort(key=lambda line: line.name)
        lines.sort(key=BY_KEY[key].order)  # type: ignore[arg-type]  # each column orders by one kind of thing
        found.append(Team(network.name, tuple(lines)))
    return found
