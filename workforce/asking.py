"""From rows to what the solver looks at: the network's own figures, who may hold what, and one duty as a slot.

Reads; called by workforce.building and workforce.mending. The judge of a rota does not know it, and it borrows nothing
of the judge's but the figures: what a night or a weekend is, each says for itself.
"""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta

from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.db.models import Q

from network.models import Site
from workforce import holidays, patterns, phases, rota
from workforce.draft_rows import Wish
from workforce.models import Authorisation, Duty, Phase, Shift
from workforce.rota_rows import Leave
from workforce.rules.facts import LONDON, Rule, Stretch, shared, without
from workforce.solver import problem
from workforce.solver.problem import Kind, Operator, Slot, Span

DAY = timedelta(days=1)
NOON = time(12)
DARK, LIGHT = time(23), time(6)
A_NIGHT = timedelta(hours=3)  # of the dark hours
TWO_NIGHTS = timedelta(hours=30)  # a duty as long as this is more than one night
WISH_BEGINS = time(10)  # whoever is on until the morning has had the duty of the day before
WEAKEST = (Phase.DIRECT, Phase.INDIRECT, Phase.INDEPENDENT)


@dataclass(frozen=True)
class Crew:
    """Who could hold a hub's duties, and in words who could not and why."""

    operators: tuple[Operator, ...]
    left_out: tuple[str, ...]


def rules(found: Mapping[str, Rule]) -> problem.Rules:
    """A network's own figures as the solver takes them; what is no whole number, on the safe side."""
    nights, week = found["night_frequency"], found["weekly_hours"]
    between = found["rest_between_duties"].value
    return problem.Rules(
        one_in=math.ceil(nights.value),
        over=nights.over_days,
        rest_hours=math.ceil(between),
        rest_after_night_hours=math.ceil(max(found["rest_after_night"].value, between)),
        week_hours=math.floor(week.value),
        average_weeks=week.over_days // 7,
        rationed=nights.duties,
        present=(Duty.SUPERVISOR.value,),
    )


def window(first: date, weeks: int) -> Stretch:
    """From the midnight before the first day to the midnight after the last."""
    return patterns.instant(first, time()), patterns.instant(first + timedelta(weeks=weeks), time())


def crew(hub: Site, duties: Iterable[str], *, start: datetime, end: datetime) -> Crew:
    """Everybody who may operate at this hub in this time, with leave and wishes; not those whom no page reaches.

    Whoever is in training is considered only where some duty beside theirs could answer for them.
    """
    together = set(duties)
    held: dict[int, list[Authorisation]] = {}
    rows = phases.touching(start, end).filter(hub=hub, person__is_active=True).select_related("person")
    for row in rows.order_by("person__name", "since"):
        held.setdefault(row.person_id, []).append(row)
    away = _away(held, start, end)
    wishes = _wishes(held, start, end)
    operators, left_out = [], []
    for pk, some in held.items():
        person = some[0].person
        phase = min((Phase(one.phase) for one in some), key=WEAKEST.index)
        if why := _alone(person.name, phase, together):
            left_out.append(why)
            continue
        try:
            rota.check_reachable(person)
        except rota.Unreachable as unreachable:
            left_out.append(str(unreachable))
            continue
        gaps = _gaps(some, start, end)
        leave = tuple(Span(*gap) for gap in (*gaps, *away.get(pk, ())))
        phases_here = {str(hub.pk): phase.value}
        operators.append(Operator(str(pk), person.name, phases_here, leave=leave, wishes=wishes.get(pk, ())))
    return Crew(tuple(operators), tuple(left_out))


def _alone(name: str, phase: Phase, together: set[str]) -> str:
    """Why somebody in training cannot be on here; empty where they can."""
    if phase == Phase.DIRECT and Duty.SUPERVISOR not in together:
        return f"{name} works under direct supervision, and these duties have no supervisor."
    if phase == Phase.INDIRECT and len(together) < 2:
        return f"{name} works under indirect supervision, and nobody else is on who could be reached."
    return ""


def _gaps(held: Sequence[Authorisation], start: datetime, end: datetime) -> list[Stretch]:
    """When somebody may not operate here, before, between and after."""
    return without((start - DAY, end + DAY), [(one.since, one.ends_at or end + DAY) for one in held])


def _away(people: Iterable[int], start: datetime, end: datetime) -> dict[int, list[Stretch]]:
    found: dict[int, list[Stretch]] = {}
    for row in Leave.objects.filter(
        person__in=list(people), period__overlap=DateTimeTZRange(start, end + DAY)
    ):
        found.setdefault(row.person_id, []).append((row.period.lower, row.period.upper))
    return found


def _wishes(people: Iterable[int], start: datetime, end: datetime) -> dict[int, tuple[problem.Wish, ...]]:
    """A wish is about the duties that begin on a day: from its morning to midnight."""
    found: dict[int, tuple[problem.Wish, ...]] = {}
    days = (start.astimezone(LONDON).date(), end.astimezone(LONDON).date())
    for row in Wish.objects.filter(person__in=list(people), day__range=days):
        begins = patterns.instant(row.day, WISH_BEGINS)
        wish = problem.Wish(begins, patterns.instant(row.day + DAY, time()), row.wanted)
        found[row.person_id] = (*found.get(row.person_id, ()), wish)
    return found


def slot(hub: Site, duty: str, stretch: Stretch, *, holder: int | None = None, counts: bool = True) -> Slot:
    """One duty as the solver takes it; one that is held already is promised to whoever holds it."""
    start, end = stretch
    day = start.astimezone(LONDON).date()
    on_night = next((on for on in (day - DAY, day) if _dark(stretch, on) >= A_NIGHT), None)
    day = on_night or day
    kinds = {Kind.NIGHT} if on_night else set()
    if day.weekday() in ({4, 5, 6} if on_night else {5, 6}):
        kinds.add(Kind.WEEKEND)
    if holidays.name(day, hub.country):
        kinds.add(Kind.BANK_HOLIDAY)
    found = Slot(
        key=f"{hub.pk}/{duty}/{start.astimezone(UTC):%Y-%m-%dT%H:%MZ}",
        hub=str(hub.pk),
        duty=duty,
        start=start,
        end=end,
        day=day,
        kinds=frozenset(kinds),
        minutes=int((end - start).total_seconds()) // 60,
        shared=counts,
    )
    return found if holder is None else promised(found, str(holder))


def promised(one: Slot, who: str) -> Slot:
    """The same duty, held by this person and nobody else."""
    return replace(one, key=f"{one.key}/{who}", holder=who)


def _dark(stretch: Stretch, on: date) -> timedelta:
    both = shared(stretch, (patterns.instant(on, DARK), patterns.instant(on + DAY, LIGHT)))
    return both[1] - both[0] if both else timedelta()


def cut(stretch: Stretch, at: time = NOON) -> Iterator[Stretch]:
    """A duty of several nights as its days; a shorter one as it is."""
    start, end = stretch
    while end - start > TWO_NIGHTS:
        day = start.astimezone(LONDON).date()
        after = patterns.instant(day, at)
        if after <= start:
            after = patterns.instant(day + DAY, at)
        if after >= end:
            break
        yield start, after
        start = after
    yield start, end


def touches(shift: Shift, start: datetime, end: datetime) -> bool:
    """Whether some of this shift lies between these instants."""
    return bool(shift.period.lower < end and start < shift.period.upper)


def span(shift: Shift) -> Stretch:
    """From when until when."""
    return shift.period.lower, shift.period.upper


def elsewhere(hub: Site, crew: Sequence[Operator], start: datetime, end: datetime) -> list[Slot]:
    """The duties of these people at other hubs, and as coordinators anywhere: they rest after those too."""
    people = [int(one.key) for one in crew]
    within = Shift.objects.filter(person__in=people, period__overlap=DateTimeTZRange(start, end))
    other = within.filter(~Q(hub=hub) | Q(duty=Duty.COORDINATOR)).select_related("hub")
    return [
        slot(s.hub, s.duty, piece, holder=s.person_id, counts=False) for s in other for piece in cut(span(s))
    ]


def hubs(hub: Site, slots: Sequence[Slot]) -> tuple[problem.Hub, ...]:
    """This hub, and those whose duties are known."""
    others = Site.objects.filter(pk__in={int(one.hub) for one in slots} - {hub.pk}).order_by("short_name")
    return tuple(problem.Hub(str(site.pk), site.short_name) for site in (hub, *others))
