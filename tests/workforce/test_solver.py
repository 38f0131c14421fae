"""The solver: every rule kept, nobody fairer, and small rotas whose answer one can check by head."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from tests.workforce import pattern, rota_judge
from tests.workforce.rota_problems import EASY, at_random, away, held, nights, on, operator, people, problem
from workforce.solver import sketch, solving
from workforce.solver.problem import Kind, Problem, Progress, Result, Rota, Rules, Slot, Wish
from workforce.solver.search import Effort


def solved(asked: Problem, **effort: object) -> Rota:
    return solving.solve(asked, replace(Effort(seconds=600, workers=1), **effort))  # type: ignore[arg-type]


def test_six_operators_at_one_in_six_take_turns() -> None:
    rota = solved(problem(people(6), nights("walton", 14), Rules(one_in=6, over=6), weeks=2))
    assert rota.result == Result.BEST
    turns = [rota.holders[slot.key] for slot in nights("walton", 14)]
    assert turns[:6] == turns[6:12] and turns[:2] == turns[12:]
    assert sorted(turns[:6]) == list("abcdef")


def test_an_average_over_six_weeks_lets_nights_lie_closer() -> None:
    rules = Rules(one_in=6, over=42, rest_after_night_hours=12)
    asked = problem((operator("a"), operator("b", leave=(away(2, 20),))), nights("walton", 4), rules)
    assert solved(asked).result == Result.BEST
    assert solved(replace(asked, rules=Rules(one_in=6, over=6))).result == Result.IMPOSSIBLE


def test_half_a_share_is_half_the_nights() -> None:
    asked = problem((operator("a"), operator("b", share=50)), nights("walton", 9), weeks=2)
    rota = solved(replace(asked, rules=Rules(one_in=1, over=1, rest_after_night_hours=0, week_hours=168)))
    assert [len(held(rota.holders, who)) for who in "ab"] == [6, 3]
    assert [(f.held, int(f.due)) for f in rota.fairness if f.kind == Kind.NIGHT] == [(6, 6), (3, 3)]


def test_nobody_is_on_call_on_leave_and_the_others_bear_it() -> None:
    asked = problem((operator("a", leave=(away(1, 3),)), *people(3)[1:]), nights("walton", 6))
    rota = solved(asked)
    assert set(held(rota.holders, "a")) <= {4, 5}  # the night before ends on the first day of leave
    assert rota_judge.breaches(asked, rota.holders) == []


def test_a_wish_is_met_where_it_costs_nobody_a_fair_share() -> None:
    mild = Wish(away(0, 1).start, away(0, 1).end)
    dear = Wish(away(3, 3).start, away(3, 3).end, wanted=True, weight=3)
    rota = solved(problem((operator("a", wishes=(mild, dear)), operator("b")), nights("walton", 4)))
    assert rota.cost == 0
    assert held(rota.holders, "a") == [2, 3]


def test_a_fair_share_is_dearer_than_a_wish() -> None:
    never = Wish(away(0, 9).start, away(0, 9).end, weight=3)
    rota = solved(problem((operator("a", wishes=(never,)), operator("b")), nights("walton", 4)))
    assert len(held(rota.holders, "a")) == 2
    assert (rota.cost, rota.bound) == (6, 6)


def test_nobody_is_on_call_at_two_hubs_at_once() -> None:
    both = operator("a", hubs=("walton", "salford"))
    asked = problem((both, operator("b")), nights("walton", 2) + nights("salford", 2))
    rota = solved(asked)
    assert {slot.key: rota.holders[slot.key] for slot in asked.slots} == {
        slot.key: "b" if slot.hub == "walton" else "a" for slot in asked.slots
    }


def test_a_weekend_day_and_its_night_are_two_people_s() -> None:
    slots = pattern.slots("walton", pattern.Pattern(), first=on(5), weeks=1)[
        :3
    ]  # Saturday, its night, Sunday
    rota = solved(problem(people(2), slots, replace(EASY, rest_after_night_hours=12), weeks=2))
    assert [slot.night for slot in slots] == [False, True, False]
    assert rota.holders[slots[1].key] not in {rota.holders[slots[0].key], rota.holders[slots[2].key]}


@pytest.mark.parametrize("phase", ["direct", "indirect"])
def test_somebody_in_training_is_on_only_with_an_independent_operator(phase: str) -> None:
    alone = problem((operator("t", phase), operator("a", leave=(away(1, 1),))), nights("walton", 2))
    assert solved(alone).result == Result.IMPOSSIBLE
    beside = nights("walton", 2, duty="supervisor", must=False)
    assert solved(replace(alone, slots=alone.slots + beside)).result == Result.IMPOSSIBLE
    two = (*alone.operators, operator("b"))
    asked = replace(alone, slots=alone.slots + beside, operators=two)
    rota = solved(asked)
    assert rota.result == Result.BEST
    assert rota_judge.breaches(asked, rota.holders) == []
    for slot, supervisor in zip(alone.slots, beside, strict=True):
        assert rota.holders[slot.key] != "t" or rota.holders[supervisor.key] in "ab"


def test_under_indirect_supervision_one_who_is_reachable_will_do() -> None:
    slots = nights("walton", 1) + nights("salford", 1)
    near = operator("a", hubs=("salford",))
    assert solved(problem((operator("t", "indirect"), near), slots)).result == Result.BEST
    assert solved(problem((operator("t", "direct"), near), slots)).result == Result.IMPOSSIBLE
    unreached = (operator("t", "indirect", ("salford",)), operator("a"))  # Salford does not reach Walton
    assert solved(problem(unreached, slots)).result == Result.IMPOSSIBLE


def test_the_week_has_its_hours() -> None:
    rules = replace(EASY, rest_after_night_hours=0, week_hours=48, daytime_hours=10)
    asked = problem(people(2), nights("walton", 7), rules)  # 12 h each: three for one person, 38 h
    assert solved(asked).result == Result.IMPOSSIBLE
    rota = solved(replace(asked, operators=people(3)))
    assert [len(held(rota.holders, who)) for who in "abc"] in ([3, 2, 2], [2, 3, 2], [2, 2, 3])


def test_what_was_promised_stays_and_counts() -> None:
    before = replace(nights("walton", 1)[0], holder="a")
    slots = (before, *nights("walton", 3)[1:])
    asked = problem(people(3), slots, Rules(one_in=3, over=3))
    rota = solved(asked)
    assert rota.holders[before.key] == "a"
    assert held(rota.holders, "a") == [0]


def test_a_duty_that_may_stay_empty_is_filled_where_somebody_can() -> None:
    spare = nights("walton", 2, duty="second", must=False)
    asked = problem((operator("a"), operator("b", leave=(away(1, 2),))), nights("walton", 2) + spare, weeks=1)
    with_c = replace(asked, operators=(*asked.operators, operator("c")))
    assert [slot.key in solved(with_c).holders for slot in spare] == [True, True]
    rota = solved(asked)
    assert rota.result == Result.IMPOSSIBLE or [slot.key in rota.holders for slot in spare] == [False, False]


def test_one_seed_and_one_count_of_workers_give_one_rota() -> None:
    asked = problem(people(7), nights("walton", 28), Rules(one_in=6, over=6), weeks=4)
    for workers in (1, 2):
        one, other = (solved(asked, workers=workers, seed=5) for _ in range(2))
        assert one.holders == other.holders


def test_each_better_rota_is_told_of() -> None:
    told: list[Progress] = []
    rota = solved(problem(people(7), nights("walton", 28), Rules(), weeks=4), told=told.append)
    assert told and told[-1].cost == rota.cost
    assert [step.cost for step in told] == sorted((step.cost for step in told), reverse=True)


def test_a_clock_change_is_met_by_real_hours() -> None:
    autumn = pattern.slots("walton", pattern.Pattern(), first=date(2026, 10, 19), weeks=1)
    spring = pattern.slots("walton", pattern.Pattern(), first=date(2027, 3, 22), weeks=1)
    assert [hours(slot) for slot in autumn] == [12, 12, 12, 12, 12, 12, 13, 12, 12]
    assert [hours(slot) for slot in spring] == [12, 12, 12, 12, 12, 12, 11, 12, 12]
    assert {slot.day for slot in autumn if Kind.WEEKEND in slot.kinds} == {
        date(2026, 10, n) for n in (23, 24, 25)
    }


def test_a_bank_holiday_has_a_day_and_a_night() -> None:
    christmas = date(2026, 12, 25)
    week = pattern.slots(
        "walton", pattern.Pattern(worked=50), first=date(2026, 12, 21), weeks=1, bank_holidays=[christmas]
    )
    shared = [slot for slot in week if Kind.BANK_HOLIDAY in slot.kinds]
    assert [(slot.day, slot.night, slot.minutes) for slot in shared] == [
        (christmas, False, 360),
        (christmas, True, 360),
    ]


def hours(slot: Slot) -> float:
    return (slot.end - slot.start) / timedelta(hours=1)


def test_no_small_rota_is_missed_and_none_is_dearer_than_it_must_be() -> None:
    results = {Result.BEST: 0, Result.IMPOSSIBLE: 0}
    for seed in range(80):
        asked = at_random(seed)
        rota = solved(asked)
        results[rota.result] += 1
        lawful = [holders for holders in rota_judge.every(asked) if only_gaps(asked, holders)]
        full = [holders for holders in lawful if not rota_judge.breaches(asked, holders)]
        assert (rota.result == Result.BEST) == bool(full), seed
        assert only_gaps(asked, dict(rota.holders)), seed
        if full:
            assert rota.cost == rota_judge.cost(asked, rota.holders), seed
            assert rota.cost == min(rota_judge.cost(asked, holders) for holders in full), seed
        else:
            assert len(rota.empty) == min(len(rota_judge.breaches(asked, holders)) for holders in lawful), (
                seed
            )
    assert min(results.values()) > 20  # the dice throw both kinds


LEFT = ("empty", "alone", "too many hours")  # to the search


def test_the_search_begins_from_turns_with_rest_and_leave_kept() -> None:
    filled = 0
    for seed in range(150):
        asked = at_random(seed)
        begun = sketch.sketch(asked)
        breaches = rota_judge.breaches(asked, begun)
        assert all(breach.startswith(LEFT) for breach in breaches), seed
        filled += not breaches
    assert filled > 30


def test_taking_turns_passes_duties_on_until_everybody_has_room() -> None:
    crew = (operator("a"), operator("b", leave=(away(3, 6),)), operator("c", leave=(away(0, 2),)))
    asked = problem(crew, nights("walton", 6), Rules(one_in=3, over=6))
    assert rota_judge.breaches(asked, sketch.sketch(asked)) == []


def only_gaps(asked: Problem, holders: dict[str, str]) -> bool:
    return all(breach.startswith("empty") for breach in rota_judge.breaches(asked, holders))


def test_what_is_plainly_impossible_is_said_by_several_workers_too() -> None:
    asked = problem(people(3), nights("walton", 28), Rules(one_in=6, over=42), weeks=4)
    rota = solving.solve(asked, Effort(seconds=600, workers=2))
    assert rota.result == Result.IMPOSSIBLE
    assert rota.reasons[0] == "At 1 in 6, one more independent operator at Walton is needed."
