"""Why there is no rota, in the fewest words, and never a word too much."""

from dataclasses import replace

from tests.workforce.rota_problems import EASY, away, nights, operator, people, problem
from workforce.solver import reasons, solving
from workforce.solver.problem import Problem, Result, Rota, Rules
from workforce.solver.search import Effort

ONE_IN_SIX = Rules(one_in=6, over=6)


def solved(asked: Problem) -> Rota:
    return solving.solve(asked, Effort(seconds=600, workers=1))


def said(asked: Problem) -> tuple[str, ...]:
    rota = solved(asked)
    assert rota.result == Result.IMPOSSIBLE
    return rota.reasons


def test_four_operators_at_one_in_six_need_two_more() -> None:
    first, *nobody = said(problem(people(4), nights("walton", 6), ONE_IN_SIX))
    assert first == "At 1 in 6, two more independent operators at Walton are needed."
    assert len(nobody) == 2
    assert all(" at Walton has nobody." in sentence for sentence in nobody)


def test_leave_is_named_where_it_is_the_reason() -> None:
    crew = (operator("a", leave=(away(0, 12),)), *people(6)[1:])
    first, *_ = said(problem(crew, nights("walton", 12), ONE_IN_SIX, weeks=2))
    assert first == "At 1 in 6 with these leaves, one more independent operator at Walton is needed."


def test_a_lesser_rate_is_offered_where_it_is_enough() -> None:
    assert "At 1 in 5 it can be done." in said(problem(people(5), nights("walton", 12), ONE_IN_SIX, weeks=2))
    assert "At 1 in 5 it can be done." not in said(
        problem(people(4), nights("walton", 12), ONE_IN_SIX, weeks=2)
    )


def test_the_neighbour_who_could_share_the_night_is_named() -> None:
    crew = (operator("a", leave=(away(2, 2),)), operator("s", hubs=("salford",)))
    asked = problem(crew, nights("walton", 2) + nights("salford", 2))
    assert said(asked) == (
        "At 1 in 1 with these leaves, one more independent operator at Walton is needed.",
        "The night of Tuesday 3 November at Walton has nobody; Salford could share it.",
    )


def test_a_neighbour_whose_operator_is_in_training_is_not_named() -> None:
    crew = (
        operator("a", leave=(away(0, 1),)),
        operator("t", "indirect", ("salford",)),
        operator("s", hubs=("salford",)),
    )
    slots = nights("walton", 1) + nights("salford", 1) + nights("salford", 1, duty="supervisor")
    rota = solved(problem(crew, slots))
    assert rota.holders[slots[2].key] == "s"
    assert rota.reasons[-1] == "The night of Monday 2 November at Walton has nobody."


def test_somebody_in_training_alone_needs_an_independent_operator() -> None:
    crew = (operator("t", "direct"), operator("u", "indirect"))
    first, *_ = said(problem(crew, nights("walton", 1) + nights("walton", 1, duty="supervisor")))
    assert first == "At 1 in 1, one more independent operator at Walton is needed."


def test_many_empty_nights_are_three_and_a_number() -> None:
    *_, last = said(problem(people(1), nights("walton", 6), ONE_IN_SIX))
    assert last == "Two more duties have nobody."


def test_operators_of_several_hubs_are_counted_apart() -> None:
    crew = (*people(1), operator("s", hubs=("salford",)))
    first, *_ = said(
        problem(crew, nights("walton", 3) + nights("salford", 2), replace(EASY, one_in=3, over=3))
    )
    assert first == "At 1 in 3, one more independent operator at Salford and two more at Walton are needed."


def test_where_no_operator_helps_none_is_asked_for() -> None:
    slots = nights("walton", 1) + nights("salford", 1)
    night, other = slots
    promised = replace(night, holder="t")
    assert reasons.more_operators(problem((), (promised, other)), Effort(workers=1), set()) is None


def test_what_was_not_found_out_is_not_said() -> None:
    asked = problem(people(4), nights("walton", 84), ONE_IN_SIX, weeks=12)
    late = Effort(seconds=0.0, workers=1, begun=0.0)
    rota = reasons.impossible(asked, late)
    assert rota.result == Result.IMPOSSIBLE
    assert rota.reasons[0] in {
        reasons.NONE,
        "At 1 in 6, two more independent operators at Walton would be enough.",
    }
    assert len(rota.empty) == 0 or rota.holders


def test_too_little_time_is_not_called_impossible() -> None:
    asked = problem(people(7), nights("walton", 84), ONE_IN_SIX, weeks=12)
    rota = solving.solve(asked, Effort(seconds=0.0, workers=1))
    assert (rota.result, dict(rota.holders)) == (Result.UNKNOWN, {})
    assert rota.reasons[0].startswith(
        "No rota was found in 0 seconds; that does not mean that there is none."
    )
