"""The rules of a safe rota: for each, a rota that keeps it and one that breaks it, with the published figures."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from workforce.rules import facts, judge, rest
from workforce.rules.facts import LONDON, Away, CalledOut, Held, Plan, Severity, Turn

BEN, CLEO, SAM, DEV, IVY = range(1, 6)
NAMES = {BEN: "Ben Hale", CLEO: "Cleo Marsh", SAM: "Sam Quist", DEV: "Dev Rao", IVY: "Ivy Lowe"}
WALTON, SALFORD = 1, 2
HUBS = {WALTON: "Walton", SALFORD: "Salford"}
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
MONDAY = datetime(2026, 11, 2, tzinfo=LONDON)
TEAM = tuple(Held(person, WALTON, "independent", LONG_AGO) for person in (*NAMES, 6, 7, 8))


def at(day: float, hour: float = 0) -> datetime:
    """This hour of the wall clock, so many days after a Monday in November."""
    return (MONDAY + timedelta(days=day, hours=hour)).astimezone(UTC)


def turn(person: int, day: int, start: float, long: float, *, duty: str = "first", hub: int = WALTON) -> Turn:
    return Turn(person, hub, duty, at(day, start), at(day, start + long))


def night(person: int, day: int, **where: object) -> Turn:
    return turn(person, day, 20, 12, **where)  # type: ignore[arg-type]


def broken(turns: Iterable[Turn], *, held: tuple[Held, ...] = TEAM, **more: object) -> list[tuple[str, str]]:
    plan = Plan(turns=tuple(turns), held=held, people=NAMES, hubs=HUBS, **more)  # type: ignore[arg-type]
    return [(b.rule, b.words) for b in judge.breaches(plan, judge.rules())]


def rules_broken(turns: Iterable[Turn], **more: object) -> set[str]:
    return {rule for rule, _ in broken(turns, **more)}  # type: ignore[arg-type]


def test_a_rota_of_one_in_six_with_six_operators_keeps_every_rule_but_the_ideal() -> None:
    six = tuple(Held(person, WALTON, "independent", LONG_AGO) for person in range(1, 7))
    turns = [turn(1 + day % 6, day, 8, 24) for day in range(84)]
    assert broken(turns, held=six) == [
        ("ideal_operators", "Walton has 6 operators for its rota: ideally 8 are needed.")
    ]


def test_a_rota_of_one_in_five_breaks_one_in_six_and_has_too_few_operators() -> None:
    five = tuple(Held(person, WALTON, "independent", LONG_AGO) for person in range(1, 6))
    found = broken([turn(1 + day % 5, day, 8, 24) for day in range(84)], held=five)
    assert {rule for rule, _ in found} == {"night_frequency", "least_operators"}
    assert ("least_operators", "Walton has 5 operators for its rota: at least 6 are needed.") in found
    assert any("8 nights in the 42 days to" in words and "1 in 6 is 7." in words for _, words in found)


@pytest.mark.parametrize(("nights", "kept"), [(7, True), (8, False)])
def test_one_in_six_is_seven_nights_in_six_weeks_however_they_are_spread(nights: int, kept: bool) -> None:
    found = rules_broken(night(BEN, 5 * number) for number in range(nights))
    assert ("night_frequency" not in found) is kept


def test_the_supervisor_s_nights_do_not_count_against_one_in_six() -> None:
    assert "night_frequency" not in rules_broken(night(SAM, 3 * n, duty="supervisor") for n in range(14))


def test_half_a_day_of_rest_follows_a_night() -> None:
    assert rules_broken([night(BEN, 0), night(BEN, 1)]) == set()
    ((rule, words),) = broken([night(BEN, 0), turn(BEN, 1, 19.5, 4)])
    assert rule == "rest_after_night"
    assert words == "Ben Hale has 11.5 hours of rest after the night of Mon 2 Nov: 12 hours are due."


def test_a_full_day_follows_a_night_with_a_call_out() -> None:
    turns = [night(BEN, 0), night(BEN, 1)]
    out = CalledOut(BEN, at(0, 26), at(0, 29))
    ((rule, words),) = broken(turns, called_out=(out,))
    assert rule == "rest_after_call_out"
    assert "after the night of Mon 2 Nov, with a call-out: 24 hours are due." in words
    assert rules_broken([night(BEN, 0), turn(BEN, 2, 8, 12)], called_out=(out,)) == set()
    by_day = CalledOut(BEN, at(0, 14), at(0, 16))
    assert rules_broken([turn(BEN, 0, 8, 24), turn(BEN, 1, 20, 12)], called_out=(by_day,)) == set()


def test_a_duty_that_goes_on_through_the_day_after_the_night_leaves_no_rest() -> None:
    (one, *_) = [words for rule, words in broken([turn(BEN, 0, 8, 72)]) if rule == "rest_after_night"]
    assert one == "Ben Hale is on again without rest after the night of Mon 2 Nov: 12 hours are due."


@pytest.mark.parametrize(("rest_hours", "kept"), [(11, True), (10.5, False), (0, False)])
def test_eleven_hours_lie_between_two_duties(rest_hours: float, kept: bool) -> None:
    turns = [turn(BEN, 0, 8, 4), turn(BEN, 0, 12 + rest_hours, 4, duty="second")]
    assert ("rest_between_duties" not in rules_broken(turns)) is kept


def test_one_duty_in_two_pieces_is_one_duty() -> None:
    assert rules_broken([turn(BEN, 0, 8, 12), turn(BEN, 0, 20, 12)]) == set()


@pytest.mark.parametrize(("hours", "kept"), [(48, True), (50, False)])
def test_48_hours_a_week_are_an_average_over_17_weeks(hours: int, kept: bool) -> None:
    days = [turn(BEN, 7 * week + day, 9, hours / 5) for week in range(17) for day in range(5)]
    assert ("weekly_hours" not in rules_broken(days)) is kept


def test_one_long_week_among_quiet_ones_is_within_the_average() -> None:
    assert "weekly_hours" not in rules_broken(turn(BEN, day, 8, 12) for day in range(7))


DIRECT = (*TEAM[:3], Held(DEV, WALTON, "direct", LONG_AGO, supervisor=SAM), *TEAM[4:])
INDIRECT = (*TEAM[:4], Held(IVY, WALTON, "indirect", LONG_AGO, supervisor=SAM), *TEAM[5:])


def test_nobody_under_direct_supervision_is_on_without_a_supervisor() -> None:
    whole = night(SAM, 0, duty="supervisor")
    half = turn(SAM, 0, 20, 6, duty="supervisor")
    assert rules_broken([night(DEV, 0), whole], held=DIRECT) == set()
    ((rule, words),) = broken([night(DEV, 0), half], held=DIRECT)
    assert rule == "supervisor_present"
    assert words == (
        "Dev Rao works under direct supervision at Walton, and no independent supervisor is on "
        "Tue 3 Nov 02:00 to 08:00."
    )
    second = night(CLEO, 0, duty="second")
    assert rules_broken([night(DEV, 0), second], held=DIRECT) == {"supervisor_present"}


def test_nobody_under_indirect_supervision_is_on_without_somebody_who_can_be_reached() -> None:
    assert rules_broken([night(IVY, 0)], held=INDIRECT) == {"supervisor_reachable"}
    assert rules_broken([night(IVY, 0), night(CLEO, 0, duty="second")], held=INDIRECT) == set()
    elsewhere = night(SAM, 0, hub=SALFORD)
    at_salford = tuple(Held(p, SALFORD, "independent", LONG_AGO) for p in (SAM, 11, 12, 13, 14, 15, 16, 17))
    assert rules_broken([night(IVY, 0), elsewhere], held=(*INDIRECT, *at_salford)) == set()


def test_a_supervisor_is_independent() -> None:
    found = rules_broken([night(IVY, 0, duty="supervisor")], held=INDIRECT)
    assert found == {"supervisor_independent"}


def test_whoever_has_no_phase_at_a_hub_or_not_yet_may_not_be_on_there() -> None:
    assert rules_broken([night(99, 0)]) == {"may_operate"}
    later = (*TEAM, Held(99, WALTON, "independent", at(1, 2)))
    ((_, words),) = broken([night(99, 0)], held=later)
    assert words == "Person 99 may not operate at Walton, and is on Mon 2 Nov 20:00 to Tue 3 Nov 02:00."
    assert rules_broken([night(99, 0, duty="coordinator")]) == set()


def test_nobody_is_on_call_at_two_hubs() -> None:
    both = (*TEAM, *(Held(p, SALFORD, "independent", LONG_AGO) for p in range(1, 9)))
    found = broken([night(BEN, 0), turn(BEN, 1, 4, 2, hub=SALFORD)], held=both)
    assert (
        "two_places",
        "Ben Hale is on call at once at Walton and Salford Tue 3 Nov 04:00 to 06:00.",
    ) in found
    assert "two_places" not in rules_broken([night(BEN, 0), night(CLEO, 0, hub=SALFORD)], held=both)


def test_nobody_on_leave_is_on_call() -> None:
    away = (Away(BEN, at(1), at(8)),)
    ((rule, words),) = broken([night(BEN, 0)], away=away)
    assert rule == "on_leave"
    assert words == "Ben Hale is on leave, and on call at Walton Tue 3 Nov 00:00 to 08:00."
    assert rules_broken([night(CLEO, 0)], away=away) == set()


def test_every_rule_has_its_source_severity_and_a_check_of_its_own() -> None:
    known = judge.rules()
    assert all(rule.source and rule.title and rule.severity in Severity for rule in known.values())
    assert {"night_frequency", "least_operators", "weekly_hours"} < set(known)
    assert judge.rules({"night_frequency": 8})["night_frequency"].title == "At most 1 night in 8"


def test_a_network_s_own_figure_is_the_one_that_counts() -> None:
    plan = Plan(turns=tuple(night(BEN, 7 * n) for n in range(6)), held=TEAM, people=NAMES, hubs=HUBS)
    assert judge.breaches(plan, judge.rules()) == []
    assert [b.rule for b in judge.breaches(plan, judge.rules({"night_frequency": 8}))] == ["night_frequency"]


def test_only_what_a_change_makes_worse_is_said() -> None:
    before = Plan(turns=(night(DEV, 0),), held=DIRECT, people=NAMES, hubs=HUBS)
    after = Plan(turns=(night(DEV, 0), night(99, 3)), held=DIRECT, people=NAMES, hubs=HUBS)
    assert judge.made_worse(before, before, judge.rules()) == []
    assert [b.rule for b in judge.made_worse(before, after, judge.rules())] == ["may_operate"]


def test_nights_are_counted_rightly_through_both_changes_of_the_clocks() -> None:
    for first in (date(2026, 3, 26), date(2026, 10, 22)):
        turns = [
            Turn(
                BEN,
                WALTON,
                "first",
                rest.local(on, time(20)),
                rest.local(on + timedelta(days=1), time(8)),
            )
            for on in (first + timedelta(days=n) for n in range(6))
        ]
        assert rest.nights(turns) == [first + timedelta(days=n) for n in range(6)]


stretches = st.tuples(st.integers(0, 96), st.integers(1, 30)).map(lambda s: (s[0], s[0] + s[1]))


@given(whole=stretches, taken=st.lists(stretches, max_size=6))
def test_what_is_left_of_a_stretch_is_what_nothing_took(
    whole: tuple[int, int], taken: list[tuple[int, int]]
) -> None:
    left = facts.without((at(0, whole[0]), at(0, whole[1])), [(at(0, a), at(0, b)) for a, b in taken])
    by_hour = {h for h in range(*whole) if not any(a <= h < b for a, b in taken)}
    assert {h for h in range(*whole) if any(a <= at(0, h) < b for a, b in left)} == by_hour


duties = st.builds(
    turn,
    st.sampled_from(list(NAMES)),
    st.integers(0, 12),
    st.sampled_from([8.0, 20.0]),
    st.sampled_from([12.0, 24.0]),
    duty=st.sampled_from(["first", "second", "supervisor"]),
    hub=st.sampled_from([WALTON, SALFORD]),
)


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)  # a busy machine is no fault
@given(turns=st.lists(duties, max_size=10))
def test_overlaps_and_lack_of_supervision_are_found_wherever_an_hour_by_hour_look_finds_them(
    turns: list[Turn],
) -> None:
    found = broken(turns, held=DIRECT)
    instants = [at(0, hour) for hour in range(0, 16 * 24, 4)]

    def holds(one: Turn, moment: datetime) -> bool:
        return one.start <= moment < one.end

    twice = any(
        sum(holds(t, moment) for t in turns if t.person == person) > 1
        for moment in instants
        for person in NAMES
    )
    assert ("two_places" in dict(found)) is twice
    phase = {(h.person, h.hub): h.phase for h in DIRECT}
    alone = any(
        holds(t, m)
        and t.duty in {"first", "second"}
        and phase.get((t.person, t.hub)) == "direct"
        and not any(
            holds(o, m)
            and (o.duty, o.hub) == ("supervisor", t.hub)
            and o.person != t.person
            and phase.get((o.person, o.hub)) == "independent"
            for o in turns
        )
        for t in turns
        for m in instants
    )
    assert ("supervisor_present" in dict(found)) is alone
