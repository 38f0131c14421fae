"""Who is on, against a ledger that knows neither rows, nor ranges, nor a time zone's tables.

Rotas are made by the product's own verbs around every clock change from 2024 to 2037, with leave, swaps, shifts taken
over and people taken off; the ledger keeps the same orders in a list and looks through it backwards for each instant.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from unittest import mock

from django.db import transaction

from network.models import Person, Site
from tests import world as worlds
from tests.prove.contract import Control, Proof, Result, Tally
from tests.prove.rota_ledger import CHANGES, DUTIES, HALF, Ledger, in_utc
from tests.prove.telling import teller
from tests.world import World
from workforce import leaves, patterns, rota, rota_edits, swaps
from workforce.models import Shift
from workforce.patterns import Again
from workforce.rota_rows import Leave, LeaveKind, Swap, SwapState
from workforce.rules import facts

OF_ONE_ROTA = 5_000  # instants that are looked at in one rota
ASKED_OF_THE_DATABASE = 50  # of so many instants one is also asked of the database
DAYS = 12
TEAM = ("ben", "cleo", "sam", "ivy", "dev")
WHY = "tried by a proof"
Who = Callable[[list[Shift], datetime], dict[str, int]]


@dataclass
class Night:
    """One rota under trial: the product's rows and the ledger."""

    world: World
    hub: Site
    first: date
    now: datetime
    rng: Random
    tally: Tally
    ledger: Ledger = field(default_factory=Ledger)

    def person(self) -> Person:
        return self.world.people[self.rng.choice(TEAM)]

    @property
    def lead(self) -> Person:
        return self.world.people["lea"]

    def tries(self, what: str, deed: Callable[[], object], *, expected: bool) -> bool:
        """Do it, and see that it was refused exactly where the ledger says so."""
        self.tally.faults[what] += 1
        try:
            with transaction.atomic():
                deed()
        except rota_edits.NotOnTheRota as refusal:
            self.tally.check(not expected, f"{what} was refused: {refusal}")
            return False
        self.tally.check(expected, f"{what} was done, and somebody is on call twice")
        return expected


def fills(night: Night, duty: str, hours: tuple[int, int]) -> None:
    """Weeks of one duty, in turn; whoever is away or busy is passed over."""
    queue = night.rng.sample(TEAM, len(TEAM))
    team = [night.world.people[name] for name in queue]
    again = Again(duty, frozenset(range(7)), time(hours[0]), time(hours[1]))
    stretches = patterns.stretches(again, night.first, night.first + timedelta(days=DAYS))
    rota_edits.fill(night.hub, again, team, stretches=stretches, by=night.lead, at=night.now, reason=WHY)
    order = [person.pk for person in team]
    for day in range(DAYS + 1):
        on = night.first + timedelta(days=day)
        start, end = in_utc(on, hours[0]), in_utc(on, hours[1] + (24 if hours[1] <= hours[0] else 0))
        if any(night.ledger.on(duty, start + n * HALF) for n in range(int((end - start) / HALF))):
            continue
        for person in order:
            if not night.ledger.busy(person, start, end) and not night.ledger.is_away(person, start, end):
                night.ledger.order(duty, person, start, end)
                order.remove(person)
                order.append(person)
                break


def sets(night: Night) -> None:
    """A lead puts somebody, or nobody, on a duty for some hours."""
    start = night.now + night.rng.randrange(DAYS * 48) * HALF
    end = start + night.rng.randint(1, 40) * HALF
    duty, person = night.rng.choice(DUTIES), night.rng.choice([None, night.person(), night.person()])
    free = person is None or not night.ledger.busy(person.pk, start, end, but=(duty,))
    did = night.tries(
        "somebody is put on" if person else "somebody is taken off",
        lambda: rota_edits.assign(
            night.hub, duty, person, start=start, end=end, by=night.lead, at=night.now, reason=WHY
        ),
        expected=free,
    )
    if did:
        night.ledger.order(duty, person.pk if person else None, start, end)


def takes(night: Night) -> None:
    """Somebody takes a shift that is on, and gives up what they hold there."""
    at = night.now + night.rng.randrange(DAYS * 48) * HALF
    who = night.person()
    on = [shift for shift in rota.on_call(night.hub, at=at) if shift.person_id != who.pk]
    if not on:
        return
    shift = night.rng.choice(on)
    if not night.tries(
        "a shift is taken", lambda: rota_edits.take_now(shift, by=who, at=at, reason=WHY), expected=True
    ):
        return
    for duty in DUTIES:
        for number in range(int((shift.period.upper - at) / HALF)):
            moment = at + number * HALF
            if night.ledger.on(duty, moment) == who.pk:
                night.ledger.order(duty, None, moment, moment + HALF)
    night.ledger.order(shift.duty, who.pk, at, shift.period.upper)


def swaps_over(night: Night) -> None:
    """One asks, another offers, perhaps for a duty of their own, the lead approves."""
    ahead = list(Shift.objects.filter(hub=night.hub, period__startswith__gt=night.now).order_by("pk"))
    if len(ahead) < 2:
        return
    shift, other = night.rng.sample(ahead, 2)
    if shift.person_id == other.person_id:
        return
    for_it = other if night.rng.random() < 0.6 else None
    gone = [(shift.duty, *_span(shift))] + ([(other.duty, *_span(other))] if for_it else [])
    trial = Ledger(list(night.ledger.orders))
    for duty, start, end in gone:
        trial.order(duty, None, start, end)
    free = not trial.busy(other.person_id, *_span(shift))
    if for_it:
        free = free and not trial.busy(shift.person_id, *_span(other))
    done = night.tries("a swap", lambda: _swap(night, shift, other.person, for_it), expected=free)
    if done:
        for duty, start, end in gone:
            night.ledger.order(duty, None, start, end)
        night.ledger.order(shift.duty, other.person_id, *_span(shift))
        if for_it:
            night.ledger.order(other.duty, shift.person_id, *_span(other))


def _span(shift: Shift) -> tuple[datetime, datetime]:
    return shift.period.lower, shift.period.upper


def _swap(night: Night, shift: Shift, other: Person, in_return: Shift | None) -> None:
    swap = swaps.ask(shift, by=shift.person, at=night.now)
    swaps.offer(swap, by=other, at=night.now, in_return=in_return, reason=WHY)
    swaps.approve(swap, by=night.lead, at=night.now, reason=WHY)


def goes_away(night: Night) -> None:
    """Leave of a few days, which the patterns must pass over."""
    who = night.person()
    start = in_utc(night.first + timedelta(days=night.rng.randrange(DAYS)), 0)
    end = start + timedelta(days=night.rng.randint(1, 5))
    if night.ledger.is_away(who.pk, start, end):
        return
    leaves.enter(who, LeaveKind.ANNUAL, start=start, end=end, by=who, at=night.now)
    night.ledger.away.append((who.pk, start, end))
    night.tally.faults["leave"] += 1


def tried(night: Night) -> None:
    """A rota as a few weeks of a hub's life make it."""
    for _ in range(night.rng.randint(0, 3)):
        goes_away(night)
    for duty in DUTIES:
        for hours in night.rng.choice(
            [((8, 20), (20, 8)), ((8, 8),), ((1, 13), (13, 1)), ((2, 14), (14, 2))]
        ):
            fills(night, duty, hours)
    for _ in range(14):
        night.rng.choice([sets, sets, takes, swaps_over])(night)


def moments(night: Night, shifts: list[Shift], count: int) -> Iterator[datetime]:
    """The edges of everything and of the clock's changes, to the microsecond, and then any instant."""
    tick = timedelta(microseconds=1)
    start, end = night.now - timedelta(days=1), night.now + timedelta(days=DAYS + 4)
    edges = [edge for s in shifts for edge in _span(s)] + [c for c in CHANGES if start <= c <= end]
    for edge in edges[: count // 6]:
        yield from (edge - tick, edge, edge + tick)
    span = int((end - start) / tick)
    for _ in range(count - 3 * len(edges[: count // 6])):
        yield start + night.rng.randrange(span) * tick


def as_shipped(shifts: list[Shift], at: datetime) -> dict[str, int]:
    """Who is on, by the product's pure function."""
    return {shift.duty: shift.person_id for shift in rota.standing(shifts, at=at)}


def _with_its_end(shifts: list[Shift], at: datetime) -> dict[str, int]:
    on = [s for s in shifts if s.period.lower <= at <= s.period.upper]
    return {s.duty: s.person_id for s in sorted(on, key=lambda s: s.period.lower, reverse=True)}


def _run(size: int, seed: int, who: Who = as_shipped) -> Result:
    rng, tally = Random(seed), Tally()
    number = 0
    with transaction.atomic():
        world = worlds.build()
        while tally.cases < size:
            with transaction.atomic():
                night = _night(world, number, rng, tally)
                tried(night)
                _looks(night, min(OF_ONE_ROTA, size - tally.cases), who, size)
                transaction.set_rollback(True)
            number += 1
        transaction.set_rollback(True)
    return tally.result(rotas=number, clock_changes=len({n % len(CHANGES) for n in range(number)}))


def _night(world: World, number: int, rng: Random, tally: Tally) -> Night:
    """An empty rota around the next clock change."""
    first = CHANGES[number % len(CHANGES)].date() - timedelta(days=rng.randint(2, 8))
    Shift.objects.all().delete()
    return Night(world, world.sites["RET20"], first, in_utc(first, 0) - timedelta(days=1), rng, tally)


def _looks(night: Night, count: int, who: Who, size: int) -> None:
    """Compare so many instants of this rota."""
    tally, hub = night.tally, night.hub
    shifts = list(Shift.objects.filter(hub=hub))
    begun = tally.cases
    for at in moments(night, shifts, count):
        teller.step(tally.cases, size)
        tally.cases += 1
        on = {duty.value: person for duty in DUTIES if (person := night.ledger.on(duty, at)) is not None}
        tally.check(who(shifts, at) == on, f"at {at.isoformat()} it says {who(shifts, at)}, and it is {on}")
        if (tally.cases - begun) % ASKED_OF_THE_DATABASE == 1:
            rows = {s.duty: s.person_id for s in rota.on_call(hub, at=at)}
            tally.check(rows == on, f"at {at.isoformat()} the database says {rows}, and it is {on}")


@contextmanager
def _without_summer_time() -> Iterator[None]:
    with mock.patch.object(patterns, "LONDON", UTC), mock.patch.object(facts, "LONDON", UTC):
        yield


def _asleep_in_march(size: int, seed: int) -> Result:
    with _without_summer_time():
        return _run(size, seed)


def _no_hand_over(size: int, seed: int) -> Result:
    def settled(swap: Swap, **_: object) -> None:
        Swap.objects.filter(pk=swap.pk).update(state=SwapState.APPROVED)

    with mock.patch.object(swaps, "approve", settled):
        return _run(size, seed)


def _forgotten_leave(size: int, seed: int) -> Result:
    with mock.patch.object(Leave.objects, "filter", return_value=Leave.objects.none()):
        return _run(size, seed)


PROOF = Proof(
    promise="Who is on call is what was ordered, at every instant, through every clock change from 2024 to 2037, "
    "with leave, swaps and shifts taken over; and nobody is put on call twice at once.",
    unit="instants",
    size=1_000_000,
    least=4_000,
    run=_run,
    controls=(
        Control(broken="the clocks never change", run=_asleep_in_march, size=4_000),
        Control(
            broken="the end of a shift belongs to it",
            run=lambda size, seed: _run(size, seed, _with_its_end),
            size=4_000,
        ),
        Control(
            broken="a swap that is approved and not made", run=_no_hand_over, size=20_000, in_tests=False
        ),
        Control(
            broken="patterns pass over nobody's leave", run=_forgotten_leave, size=20_000, in_tests=False
        ),
    ),
)
