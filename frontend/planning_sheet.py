"""The planning page: the published reasoning with anybody's numbers, and the network's own hours without cover.

Called by frontend.views.planning. Reads rows once for all hubs; writes nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone

from network import digits
from network.models import Network, Site
from referrals import queries
from workforce import figures, rota
from workforce.arithmetic import Frequency, Plan, Uncovered
from workforce.figures import Figure
from workforce.models import Duty, Shift

BACK = 28  # days
ONES = (6, 7, 8)


@dataclass(frozen=True)
class Field:
    """One number of the form: what it is, what it may be, and what it is published as."""

    name: str
    label: str
    value: str
    most: int
    figure: Figure | None
    fault: str = ""


ASKED = (
    ("centres", "Centres", 500, "centres"),
    ("fewest", "Operators a centre, at least", 50, "fewest"),
    ("most", "Operators a centre, ideally", 50, "ideal"),
    ("cases", "Thrombectomies a year", 100_000, "cases"),
    ("volume", "An operator needs, a year", 1000, "volume"),
    ("one_in", "Nights at 1 in", 50, ""),
)


@dataclass(frozen=True)
class Hub:
    """One hub's own last weeks."""

    name: str
    known: bool  # is there a rota at all
    hours: float
    share: float
    referrals: int
    fell: int
    closed: float
    more: int


@dataclass(frozen=True)
class Row:
    """How often one in so many is."""

    often: Frequency
    chosen: bool


def fields(typed: Mapping[str, str]) -> list[Field]:
    """The form as it was typed; a number that was not typed is the published one."""
    found = []
    for name, label, most, published in ASKED:
        figure = figures.FIGURES.get(published)
        value = typed.get(name, "").strip() or str(figure.value if figure else ONES[-1])
        number = digits.whole(value, longest=6)
        fault = "" if number is not None and 1 <= number <= most else f"A whole number from 1 to {most:,}."
        found.append(Field(name, label, value[:12], most, figure, fault))
    by_name = {field.name: field for field in found}
    few, many = by_name["fewest"], by_name["most"]
    if not few.fault and not many.fault and int(few.value) > int(many.value):
        fault = "This is fewer than at least."
        found = [Field(**{**f.__dict__, "fault": fault}) if f.name == "most" else f for f in found]
    return found


def plan(asked: list[Field]) -> tuple[Plan, int] | None:
    """The plan and its one in so many; None while a number is wrong."""
    if any(field.fault for field in asked):
        return None
    said = {field.name: int(field.value) for field in asked}
    one_in = said.pop("one_in")
    return Plan(**said), one_in


def rows(one_in: int) -> list[Row]:
    """One in six, seven and eight, and whatever else was asked for."""
    return [Row(Frequency(n), n == one_in) for n in sorted({*ONES, one_in})]


def hubs(networks: list[Network], *, one_in: int, now: datetime) -> list[Hub]:
    """The last four weeks of each hub of these networks: hours without a first on call, and who fell into them."""
    sites = list(Site.objects.filter(network__in=networks, is_hub=True).order_by("short_name"))
    start = now - timedelta(days=BACK)
    shifts = rota.between(sites, start=start, end=now)
    asked = queries.asked_between(sites, start=start, end=now)
    first = Shift.objects.filter(hub__in=sites).order_by("hub", "period").distinct("hub")
    begun = {
        shift.hub_id: shift.period.lower for shift in first
    }  # what was before Dido kept a rota is no gap
    found = []
    for hub in sites:
        own = [shift for shift in shifts if shift.hub_id == hub.pk]
        kept = max(start, begun.get(hub.pk, start))
        days = max((now - kept) / timedelta(days=1), 1 / 24)
        empty = Uncovered(rota.gaps(own, Duty.FIRST, start=kept, end=now), days)
        moments = asked.get(hub.pk, [])
        found.append(
            Hub(
                name=hub.short_name,
                known=bool(own),
                hours=empty.hours,
                share=empty.share,
                referrals=len(moments),
                fell=empty.holds(moments),
                closed=empty.closed_by_one_more(one_in),
                more=empty.more_needed(one_in),
            )
        )
    return found


def since(now: datetime) -> datetime:
    """The beginning of the weeks that the page looks back on."""
    return timezone.localtime(now - timedelta(days=BACK))
