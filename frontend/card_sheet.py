"""The card for the day the computers are down: for each hub who is on, with their numbers, and what to do.

Called by frontend.views.card. It is printed, so it says everything that a screen would otherwise answer. Writes
nothing.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from django.utils import timezone

from frontend import reach_sheet, rota_sheet, telephone
from network import permissions
from network.models import Link, Network, Person, Role, Site
from network.permissions import Rights
from paging import ladders
from paging.ladders import Rung
from paging.models import Reason
from workforce import phases, rota
from workforce.models import Duty, Shift

DAYS = 7
NEXT_HUBS = 3


@dataclass(frozen=True)
class Holder:
    """Somebody to ring."""

    name: str
    phone: str
    trouble: str = ""  # why they may not be reached there


@dataclass(frozen=True)
class Stretch:
    """A time in which the same people are on."""

    start: datetime
    end: datetime
    first: Holder | None
    second: Holder | None
    supervisor: Holder | None

    @property
    def duties(self) -> list[tuple[str, Holder | None]]:
        return [
            (Duty.FIRST.label, self.first),
            (Duty.SECOND.label, self.second),
            (Duty.SUPERVISOR.label, self.supervisor),
        ]


@dataclass(frozen=True)
class Elsewhere:
    """Another hub to ring."""

    name: str
    phone: str
    minutes: int


@dataclass(frozen=True)
class HubCard:
    """One hub on one sheet of paper."""

    name: str
    short_name: str
    phone: str
    tonight: list[Stretch]
    week: list[Stretch]
    order: list[tuple[str, str]]  # when, whom: the ladder as somebody at a telephone would climb it
    operators: list[Holder]
    elsewhere: list[Elsewhere]

    @property
    def week_is_empty(self) -> bool:
        return not any(holder for stretch in self.week for _, holder in stretch.duties)


@dataclass(frozen=True)
class Card:
    """Every sheet of a network."""

    network: str
    hubs: list[HubCard]
    deciders: list[tuple[str, Holder]]  # coordinators and leads
    printed: datetime
    valid_until: datetime


def networks_of(rights: Rights) -> set[int]:
    """The networks in which this person has a role, there or at one of its sites."""
    sites = Site.objects.filter(pk__in=rights.sites)
    return set(rights.networks) | set(sites.values_list("network_id", flat=True))


def card(hubs: Sequence[Site], *, now: datetime) -> Card:
    """The card of these hubs, all of one network, from now until the morning in a week."""
    network = hubs[0].network
    stretch = rota_sheet.fortnight(now)
    until = rota_sheet.clock(rota_sheet.midnight(now, days=DAYS), rota_sheet.MORNING)
    shifts = rota.between(hubs, start=now, end=until)
    operators, elsewhere = _operators(hubs, now), _elsewhere(hubs)
    return Card(
        network=network.name,
        hubs=[
            HubCard(
                name=hub.name,
                short_name=hub.short_name,
                phone=telephone.shown(hub.phone),
                tonight=_stretches([s for s in shifts if s.hub_id == hub.pk], now, stretch.night[1]),
                week=_stretches([s for s in shifts if s.hub_id == hub.pk], stretch.night[1], until),
                order=_order(ladders.read(ladders.current(hub, Reason.OFFER).rungs)),
                operators=operators.get(hub.pk, []),
                elsewhere=elsewhere.get(hub.pk, []),
            )
            for hub in hubs
        ],
        deciders=_deciders(network, now),
        printed=timezone.localtime(now),
        valid_until=until,
    )


def _stretches(shifts: Sequence[Shift], start: datetime, end: datetime) -> list[Stretch]:
    """The time from start to end, cut wherever somebody comes or goes."""
    edges = {start, end}
    for shift in shifts:
        edges |= {edge for edge in (shift.period.lower, shift.period.upper) if start < edge < end}
    cuts = sorted(edges)
    found: list[Stretch] = []
    for begins, ends in pairwise(cuts):
        on = {s.duty: _named(s.person) for s in shifts if s.period.lower <= begins < s.period.upper}
        people = (on.get(Duty.FIRST.value), on.get(Duty.SECOND.value), on.get(Duty.SUPERVISOR.value))
        found.append(Stretch(timezone.localtime(begins), timezone.localtime(ends), *people))
    return found


def _named(person: Person) -> Holder:
    return Holder(person.name, telephone.shown(person.phone), reach_sheet.trouble(person))


def _order(rungs: Iterable[Rung]) -> list[tuple[str, str]]:
    """When to ring whom who was not rung before."""
    rung: set[str] = set()
    found = []
    for step in rungs:
        fresh = tuple(name for name in step.to if name not in rung)
        if fresh:
            found.append((_after(step.after), ladders.in_words(Rung(step.after, fresh))))
        rung |= set(fresh)
    return found


def _after(seconds: int) -> str:
    if seconds == 0:
        return "At once"
    minutes, rest = divmod(seconds, 60)
    words = [f"{minutes} min"] if minutes else []
    return "After " + " ".join(words + ([f"{rest} s"] if rest else []))


def _operators(hubs: Sequence[Site], now: datetime) -> dict[int, list[Holder]]:
    held = phases.holding(now).filter(hub__in=hubs).order_by("person__name")
    found: dict[int, list[Holder]] = {}
    for one in held:
        found.setdefault(one.hub_id, []).append(_named(one.person))
    return found


def _elsewhere(hubs: Sequence[Site]) -> dict[int, list[Elsewhere]]:
    """The nearest other hubs of each hub, by the road."""
    found: dict[int, list[Elsewhere]] = {}
    for link in Link.objects.filter(origin__in=hubs).select_related("hub").order_by("minutes", "hub__code"):
        near = found.setdefault(link.origin_id, [])
        if len(near) < NEXT_HUBS:
            near.append(Elsewhere(link.hub.name, telephone.shown(link.hub.phone), link.minutes))
    return found


def _deciders(network: Network, now: datetime) -> list[tuple[str, Holder]]:
    held = permissions.holding(now).filter(network=network, role__in=[Role.COORDINATOR, Role.LEAD])
    return [
        (m.get_role_display(), _named(m.person))
        for m in held.select_related("person").order_by("role", "person__name")
    ]
