"""A published rota when somebody falls ill: the fewest changes there can be, then the fairest of those."""

from collections.abc import Mapping
from dataclasses import replace

from tests.workforce import pattern, rota_judge
from tests.workforce.rota_problems import EASY, at_random, away, nights, on, people, problem
from workforce.solver import repair, solving
from workforce.solver.problem import Problem, Result, Rota, Rules, Span
from workforce.solver.search import Effort

START = pattern.instant(on(0), pattern.Pattern().night_until)


def mended(asked: Problem, published: Mapping[str, str], **ill: object) -> Rota:
    return repair.repair(asked, published, Effort(seconds=600, workers=1), **{"at": START, **ill})  # type: ignore[arg-type]


def taking_turns(asked: Problem, who: str) -> dict[str, str]:
    return {slot.key: who[number % len(who)] for number, slot in enumerate(asked.slots)}


def test_one_night_of_illness_is_one_night_s_change() -> None:
    asked = problem(people(4), nights("walton", 6))
    published = taking_turns(asked, "abc")
    rota = mended(asked, published, ill="b", away=away(1, 1))
    assert rota.changed == (asked.slots[1].key,)
    assert rota.holders[asked.slots[1].key] == "d"
    assert rota_judge.breaches(asked, rota.holders) == []


def test_among_the_fewest_changes_the_fairest_is_taken() -> None:
    asked = problem(people(4), nights("walton", 6))
    published = taking_turns(asked, "abacab")  # d has none: both of b's nights go there
    rota = mended(asked, published, ill="b", away=away(0, 6))
    assert rota.changed == (asked.slots[1].key, asked.slots[5].key)
    assert {rota.holders[key] for key in rota.changed} == {"d"}


def test_what_has_begun_stays_but_for_the_one_who_is_ill() -> None:
    asked = problem(people(4), nights("walton", 4), Rules(one_in=4, over=4))
    published = taking_turns(asked, "abcd")
    night = pattern.instant(on(1), pattern.Pattern().night_from)
    rota = mended(asked, published, ill="b", away=replace(away(1, 3), start=night), at=night)
    assert rota.result == Result.IMPOSSIBLE  # at one in four the others have each a night of their own
    assert rota.holders[asked.slots[0].key] == "a"
    easy = replace(asked, rules=EASY)
    rota = mended(easy, published, ill="b", away=replace(away(1, 3), start=night), at=night)
    assert rota.changed == (asked.slots[1].key,)


def test_what_nobody_can_take_is_said_and_nothing_else_is_changed() -> None:
    asked = problem(people(3), nights("walton", 6), Rules(one_in=3, over=3))
    published = taking_turns(asked, "abc")
    rota = mended(asked, published, ill="c", away=away(0, 6))
    assert rota.result == Result.IMPOSSIBLE
    assert rota.changed == rota.empty == (asked.slots[2].key, asked.slots[5].key)
    assert "The night of Wednesday 4 November at Walton has nobody." in rota.reasons


def test_no_mended_rota_changes_more_than_it_must() -> None:
    compared = 0
    for seed in range(100):
        asked = at_random(seed)
        first = solving.solve(asked, Effort(seconds=600, workers=1))
        if first.result != Result.BEST:
            continue
        lost = asked.slots[-1]
        ill, span = first.holders.get(lost.key, "a"), Span(lost.start, lost.end)
        rota = mended(asked, first.holders, ill=ill, away=span)
        left = repair.absent(asked, first.holders, ill=ill, away=span, at=START)
        full = [holders for holders in rota_judge.every(left) if not rota_judge.breaches(left, holders)]
        assert (rota.result == Result.BEST) == bool(full), seed
        if full:
            fewest = min(changes(holders, first.holders) for holders in full)
            assert len(rota.changed) == changes(rota.holders, first.holders) == fewest, seed
            near = [holders for holders in full if changes(holders, first.holders) == fewest]
            assert rota.cost == min(rota_judge.cost(left, holders) for holders in near), seed
            compared += fewest > 0
    assert compared > 10


def changes(holders: Mapping[str, str], published: Mapping[str, str]) -> int:
    return sum(holders.get(key) != published.get(key) for key in {*holders, *published})
