"""Small rotas to solve: hubs, operators and nights in November 2026, by hand and at random."""

import random
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta

from tests.workforce import pattern
from workforce.solver.problem import Hub, Operator, Problem, Rules, Slot, Span, Wish

MONDAY = date(2026, 11, 2)
WALTON = Hub("walton", "Walton", reach=("salford",))
SALFORD = Hub("salford", "Salford")
EASY = Rules(one_in=1, over=1, rest_after_night_hours=11)


def on(number: int) -> date:
    """The day so many days after the first Monday."""
    return MONDAY + timedelta(days=number)


def away(first: int, last: int) -> Span:
    """Whole days, the last included."""
    return pattern.days_off(on(first), on(last))


def nights(hub: str, days: int, *, duty: str = "first", must: bool = True) -> tuple[Slot, ...]:
    """One night after the other from the first Monday."""
    made = pattern.slots(hub, pattern.Pattern(duty=duty, must=must), first=MONDAY, weeks=-(-days // 7))
    return tuple(slot for slot in made if slot.night and slot.day < on(days))


def operator(
    key: str, phase: str = "independent", hubs: tuple[str, ...] = ("walton",), **more: object
) -> Operator:
    """Somebody who may work at these hubs."""
    return replace(Operator(key, key.title(), dict.fromkeys(hubs, phase)), **more)  # type: ignore[arg-type]


def people(count: int) -> tuple[Operator, ...]:
    """So many independent operators at Walton: a, b, c ..."""
    return tuple(operator(letter) for letter in "abcdefghijkl"[:count])


def problem(
    operators: tuple[Operator, ...], slots: tuple[Slot, ...], rules: Rules = EASY, *, weeks: int = 1
) -> Problem:
    """A rota for Walton and Salford."""
    return Problem(MONDAY, weeks, (WALTON, SALFORD), operators, slots, rules)


def held(holders: Mapping[str, str], who: str) -> list[int]:
    """The days, counted from the first Monday, of all that somebody holds."""
    return sorted(
        (date.fromisoformat(key.split("/")[2]) - MONDAY).days for key in holders if holders[key] == who
    )


def at_random(seed: int) -> Problem:
    """A tiny rota with all that makes one difficult; often there is none that keeps every rule."""
    dice = random.Random(seed)
    hubs = dice.choice((["walton"], ["walton"], ["walton", "salford"]))
    slots = [slot for hub in hubs for slot in nights(hub, dice.randint(1, 3))]
    if dice.random() < 0.6:
        slots += nights("walton", 2, duty=dice.choice(("supervisor", "second")), must=dice.random() < 0.5)
    if dice.random() < 0.4:
        slots += [replace(slots[0], key=f"x{slots[0].key}", hub=dice.choice(hubs), kinds=frozenset(), duty="second",
                          start=slots[0].start + timedelta(hours=6), minutes=360)]  # fmt: skip
    operators = tuple(_somebody(dice, letter, hubs) for letter in "abc"[: dice.randint(2, 3)])
    if dice.random() < 0.3:
        slots[0] = replace(slots[0], holder=dice.choice("abz"))
    one_in = dice.randint(1, 3)
    rules = Rules(
        one_in=one_in,
        over=one_in * dice.randint(1, 2),
        rest_hours=dice.choice((0, 11)),
        rest_after_night_hours=dice.choice((11, 12, 24)),
        week_hours=dice.choice((14, 30, 48)),
        average_weeks=dice.randint(1, 2),
        daytime_hours=dice.choice((0, 0, 3)),
        rationed=dice.choice(((), ("first",))),
        present=dice.choice(((), ("supervisor",))),
    )
    slots = [replace(slot, shared=dice.random() < 0.8) if slot.holder else slot for slot in slots]
    return problem(operators, tuple(slots[:6]), rules, weeks=dice.randint(1, 2))


def _somebody(dice: random.Random, key: str, hubs: list[str]) -> Operator:
    phases = {hub: dice.choice(("independent", "independent", "indirect", "direct")) for hub in hubs}
    if len(phases) > 1 and dice.random() < 0.5:
        del phases[dice.choice(hubs)]
    days = [dice.randint(0, 3) for _ in range(3)]
    leave = (away(days[0], days[0]),) if dice.random() < 0.3 else ()
    wishes = tuple(
        Wish(away(day, day).start, away(day, day).end, dice.random() < 0.4, dice.randint(1, 3))
        for day in days[1 : 1 + dice.randint(0, 2)]
    )
    return Operator(key, key.title(), phases, dice.choice((50, 100)), leave, wishes)
