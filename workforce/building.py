"""A rota that is to be built, as the solver takes it: the hub's pattern for so many weeks, and all that is known ahead.

Reads; called by workforce.drafts. It decides nothing about who holds a duty.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.db.models import F

from network.models import Site
from workforce import asking, patterns, rota, rota_plan
from workforce.models import Duty, Phase, Shift
from workforce.patterns import Again
from workforce.rota_edits import NotOnTheRota
from workforce.rules.facts import LONDON, Stretch, without
from workforce.solver.problem import Operator, Problem, Slot

LEAST, MOST = 4, 26  # weeks
AHEAD = timedelta(days=400)


class CannotAsk(NotOnTheRota):
    """There is nothing that a rota could be built from; the message says what is missing."""


@dataclass(frozen=True)
class Asked:
    """What the solver is asked, the stretch it is about, and in words who was left out."""

    problem: Problem
    period: Stretch
    left_out: tuple[str, ...]


def asked(hub: Site, *, first: date, weeks: int, keeps: bool, at: datetime) -> Asked:
    """A rota for this hub's pattern from the first day; `keeps`: whoever is on already stays on."""
    _check(first, weeks, at)
    wanted = [again for again in patterns.of(hub) if again.duty in rota.ON_CALL]
    if not wanted:
        raise CannotAsk(f"{hub} has no pattern yet. Say below which duties come again, and when.")
    start, end = asking.window(first, weeks)
    figures = rota_plan.rules_of(hub.network_id)
    rules = asking.rules(figures)
    around = timedelta(days=rules.over)
    shifts = rota.between([hub], start=start - around, end=end + around)
    fresh = _open(hub, wanted, first, weeks, [s for s in shifts if keeps or s.period.lower < start])
    held_then = (s.duty for s in shifts if s.duty in rota.ON_CALL and asking.touches(s, start, end))
    duties = {again.duty for again in wanted} | set(held_then)
    crew = asking.crew(hub, duties, start=start, end=max([end, *(one.end for one in fresh)]))
    if not crew.operators:
        raise CannotAsk(f"Nobody could be on at {hub}. {' '.join(crew.left_out)}".strip())
    held = _held(hub, shifts, fresh, start, end)
    held += asking.elsewhere(hub, crew.operators, start - around, end + around)
    neighbours, theirs = _neighbours(hub, start, end, crew.operators)
    known = {slot.key: slot for slot in (*theirs, *held)}
    slots = (*fresh, *known.values())
    found = Problem(first, weeks, asking.hubs(hub, slots), (*crew.operators, *neighbours), slots, rules)
    return Asked(found, (start, max([end, *(one.end for one in fresh)])), crew.left_out)


def _check(first: date, weeks: int, at: datetime) -> None:
    today = at.astimezone(LONDON).date()
    if not LEAST <= weeks <= MOST:
        raise CannotAsk(f"A rota is built for {LEAST} to {MOST} weeks.")
    if not today < first <= today + AHEAD:
        raise CannotAsk(
            "The first day lies ahead: tomorrow at the earliest, thirteen months ahead at the latest."
        )


def _open(hub: Site, wanted: Sequence[Again], first: date, weeks: int, stay: Sequence[Shift]) -> list[Slot]:
    """The duties of the pattern that nobody holds who stays; two patterns of one duty never overlap."""
    last = first + timedelta(weeks=weeks, days=-1)
    taken: dict[str, list[Stretch]] = {}
    for shift in stay:
        taken.setdefault(shift.duty, []).append(asking.span(shift))
    found = []
    for again in wanted:
        for stretch in patterns.stretches(again, first, last):
            left = without(stretch, taken.get(again.duty, ()))
            found += [asking.slot(hub, again.duty, part) for part in left]
            taken.setdefault(again.duty, []).append(stretch)
    return sorted(found, key=lambda one: (one.start, one.key))


def _held(
    hub: Site, shifts: Sequence[Shift], fresh: Sequence[Slot], start: datetime, end: datetime
) -> list[Slot]:
    """What is held here already, but for what is asked anew; inside the weeks it counts in everybody's share."""
    anew: dict[str, list[Stretch]] = {}
    for one in fresh:
        anew.setdefault(one.duty, []).append((one.start, one.end))
    return [
        asking.slot(hub, s.duty, piece, holder=s.person_id, counts=start <= piece[0] < end)
        for s in shifts
        if s.duty in rota.ON_CALL
        for left in without(asking.span(s), anew.get(s.duty, ()))
        for piece in asking.cut(left)
    ]


def _neighbours(
    hub: Site, start: datetime, end: datetime, crew: Sequence[Operator]
) -> tuple[list[Operator], list[Slot]]:
    """Who is first on call at the network's other hubs, so that a night they could share can be named."""
    ours = {one.key for one in crew}
    on = Shift.objects.filter(
        hub__network=hub.network_id, duty=Duty.FIRST, period__overlap=DateTimeTZRange(start, end)
    )
    able = on.filter(
        person__authorisations__hub=F("hub"),
        person__authorisations__until=None,
        person__authorisations__phase=Phase.INDEPENDENT,
    )
    found: dict[str, Operator] = {}
    slots = []
    for s in able.exclude(hub=hub).select_related("hub", "person"):
        key = str(s.person_id)
        if key in ours:
            continue
        before = found.get(key) or Operator(key, s.person.name, {})
        found[key] = replace(before, phases={**before.phases, str(s.hub_id): Phase.INDEPENDENT.value})
        slots.append(asking.slot(s.hub, s.duty, asking.span(s), holder=s.person_id, counts=False))
    return list(found.values()), slots
