"""Rotas of the size of a hub and of a region, with leave, wishes and people in training, for the benchmark.

At random from a seed, so that each round is another one; the sizes are the caller's.
"""

import random
from datetime import date, timedelta

from tests.workforce import pattern
from workforce.solver.problem import Hub, Operator, Problem, Rules, Span, Wish

FIRST = date(2026, 11, 2)
BANK_HOLIDAYS = tuple(
    date.fromisoformat(day) for day in ("2026-12-25", "2026-12-28", "2027-01-01", "2027-03-26", "2027-03-29")
)
ON_CALL = pattern.Pattern(worked=40)


def hub(seed: int, *, operators: int, weeks: int) -> Problem:
    """One hub at 1 in 6: each with a week of leave in eight, part of the time away from it, and many wishes."""
    dice = random.Random(seed)
    away = _leave(dice, operators, weeks, together=1)
    crew = tuple(
        Operator(
            f"o{number}",
            f"Operator {number}",
            {"h0": "independent"},
            share=dice.choice((80, 100, 100)),
            leave=away[number],
            wishes=_wishes(dice, weeks, often=0.2),
        )
        for number in range(operators)
    )
    slots = pattern.slots("h0", ON_CALL, first=FIRST, weeks=weeks, bank_holidays=BANK_HOLIDAYS)
    rules = Rules(one_in=6, over=6, daytime_hours=36)
    return Problem(FIRST, weeks, (Hub("h0", "Hub 0"),), crew, slots, rules)


def region(seed: int, *, hubs: int, weeks: int, each: int = 5) -> Problem:
    """Many hubs with so many operators each: one is in training, two help at the next hub, which is within reach.

    Five a hub cannot be 1 in 6, and with leave not 1 in 5: it is 1 in 4, on average over four weeks.
    """
    dice = random.Random(seed)
    places = tuple(Hub(f"h{n}", f"Hub {n}", reach=(f"h{(n + 1) % hubs}",)) for n in range(hubs))
    crew: list[Operator] = []
    for number, place in enumerate(places):
        away = _leave(dice, each, weeks, together=1)
        for one in range(each):
            phases = {place.key: "indirect" if one == 0 else "independent"}
            if one in {1, 2}:
                phases[f"h{(number + 1) % hubs}"] = "independent"
            crew.append(
                Operator(
                    f"{place.key}o{one}",
                    f"Operator {one} of hub {number}",
                    phases,
                    leave=away[one],
                    wishes=_wishes(dice, weeks, often=0.1),
                )
            )
    slots = tuple(
        slot
        for place in places
        for slot in pattern.slots(place.key, ON_CALL, first=FIRST, weeks=weeks, bank_holidays=BANK_HOLIDAYS)
    )
    return Problem(FIRST, weeks, places, tuple(crew), slots, Rules(one_in=4, over=28, daytime_hours=30))


def _leave(dice: random.Random, people: int, weeks: int, *, together: int) -> list[tuple[Span, ...]]:
    """Whole weeks, an eighth of the time, never more people together than said."""
    away = [0] * weeks
    found = []
    for _ in range(people):
        free = [week for week in range(weeks) if away[week] < together]
        chosen = dice.sample(free, min(len(free), weeks // 8))
        for week in chosen:
            away[week] += 1
        starts = [FIRST + timedelta(weeks=week) for week in sorted(chosen)]
        found.append(tuple(pattern.days_off(day, day + timedelta(days=6)) for day in starts))
    return found


def _wishes(dice: random.Random, weeks: int, *, often: float) -> tuple[Wish, ...]:
    days = [FIRST + timedelta(days=n) for n in range(weeks * 7) if dice.random() < often]
    spans = [pattern.days_off(day, day) for day in days]
    return tuple(Wish(s.start, s.end, dice.random() < 0.15, dice.randint(1, 3)) for s in spans)
