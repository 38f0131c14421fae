"""From rows to what the rules look at, and what a change would make of it. Reads; called before every change.

`applied` is pure: the same carving that workforce.rota does to the rows.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.db.models import Q

from network.models import Network, Person, Site
from workforce import phases
from workforce.models import Shift
from workforce.rota_rows import CallOut, Leave, RuleFigures
from workforce.rules import judge
from workforce.rules.facts import Away, Breach, CalledOut, Held, Plan, Rule, Rules, Turn, without

BACK, AHEAD = timedelta(weeks=17), timedelta(weeks=6)  # what a duty weighs on, and what weighs on it
PERSONAL = {
    "night_frequency",
    "rest_after_night",
    "rest_after_call_out",
    "rest_between_duties",
    "weekly_hours",
    "two_places",
    "on_leave",
}
OF_THE_HUB = {"least_operators", "ideal_operators"}  # no single change makes or mends them


@dataclass(frozen=True)
class Holding:
    """From start until end this duty is held by this person; by nobody where the person is None."""

    hub: Site
    duty: str
    person: Person | None
    start: datetime
    end: datetime


def rules_of(network: Network | int) -> dict[str, Rule]:
    """The rules as they stand for a network."""
    newest = RuleFigures.objects.filter(network=network).order_by("-version").first()
    return judge.rules(newest.figures if newest else None)


def around(hubs: Collection[Site], *, start: datetime, end: datetime, people: Iterable[Person] = ()) -> Plan:
    """Everything that the rules need to judge these hubs from start until end; six queries."""
    window = DateTimeTZRange(start - BACK, end + AHEAD)
    ids = {hub.pk for hub in hubs}
    within = Shift.objects.filter(period__overlap=window)
    on = set(within.filter(hub__in=ids).values_list("person", flat=True)) | {p.pk for p in people}
    shifts = list(within.filter(Q(hub__in=ids) | Q(person__in=on)))
    held = phases.touching(window.lower, window.upper).filter(Q(hub__in=ids) | Q(person__in=on))
    named = {h.supervisor_id for h in held if h.supervisor_id} | {h.person_id for h in held} | on
    away = Leave.objects.filter(person__in=named, period__overlap=window)
    out = CallOut.objects.filter(person__in=on, period__overlap=window)
    places = {s.hub_id for s in shifts} | {h.hub_id for h in held}
    return Plan(
        turns=tuple(Turn(s.person_id, s.hub_id, s.duty, s.period.lower, s.period.upper) for s in shifts),
        called_out=tuple(CalledOut(c.person_id, c.period.lower, c.period.upper) for c in out),
        held=tuple(Held(h.person_id, h.hub_id, h.phase, h.since, h.ends_at, h.supervisor_id) for h in held),
        away=tuple(Away(a.person_id, a.period.lower, a.period.upper) for a in away),
        people=dict(Person.objects.filter(pk__in=named).values_list("pk", "name")),
        hubs=dict(Site.objects.filter(pk__in=places | ids).values_list("pk", "short_name")),
    )


def applied(plan: Plan, changes: Sequence[Holding]) -> Plan:
    """The plan as it would be after these changes, made together."""
    turns = list(plan.turns)
    for change in changes:
        turns = [part for turn in turns for part in _carved(turn, change)]
    turns += [Turn(c.person.pk, c.hub.pk, c.duty, c.start, c.end) for c in changes if c.person is not None]
    names = {c.person.pk: c.person.name for c in changes if c.person}
    return replace(
        plan,
        turns=tuple(turns),
        people={**plan.people, **names},
        hubs={**plan.hubs, **{c.hub.pk: c.hub.short_name for c in changes}},
    )


def _carved(turn: Turn, change: Holding) -> list[Turn]:
    if (turn.hub, turn.duty) != (change.hub.pk, change.duty):
        return [turn]
    left = without((turn.start, turn.end), [(change.start, change.end)])
    return [replace(turn, start=start, end=end) for start, end in left]


def concerning(found: Iterable[Breach], hubs: Collection[Site]) -> list[Breach]:
    """Those that are about these hubs or about a person's own rest; other hubs are known in part only."""
    ids = {hub.pk for hub in hubs}
    return [b for b in found if b.rule in PERSONAL or b.hub in ids]


def judged(hubs: Collection[Site], rules: Rules, *, start: datetime, end: datetime) -> list[Breach]:
    """What the rota of these hubs breaks from start until end."""
    found = judge.breaches(around(hubs, start=start, end=end), rules)
    return [b for b in concerning(found, hubs) if b.touches(start, end)]


def would_break(changes: Sequence[Holding]) -> list[Breach]:
    """What these changes would break, or make worse; looked at before anybody agrees to them."""
    if not changes:
        return []
    hubs = list({c.hub.pk: c.hub for c in changes}.values())
    start, end = min(c.start for c in changes), max(c.end for c in changes)
    plan = around(hubs, start=start, end=end, people=[c.person for c in changes if c.person])
    worse = judge.made_worse(plan, applied(plan, changes), rules_of(hubs[0].network_id))
    return [b for b in concerning(worse, hubs) if b.rule not in OF_THE_HUB]
