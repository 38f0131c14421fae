"""The ladder's moves, whatever happens: pure, over many thousand climbs that nobody thought of."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from paging import climbing, ladders
from paging.climbing import Climbed, End, Stand
from paging.ladders import ALARM_EVERY, TAKEN_HOLDS, Rung
from paging.models import Reason
from tests.world import NIGHT

ENDS = st.sampled_from(["alarm", "hand_on", "end", "none"])
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("wait"), st.integers(0, 400)),
        st.tuples(st.just("fail"), st.just(0)),
        st.tuples(st.just("look"), st.integers(0, 600)),
        st.tuples(st.just("take"), st.just(0)),
    ),
    max_size=40,
)


@st.composite
def a_ladder(draw: st.DrawFn) -> list[Rung]:
    """Two to seven rungs, one after the other, and one of the ways in which a ladder can end."""
    gaps = draw(st.lists(st.integers(1, 300), min_size=1, max_size=6))
    times = [draw(st.integers(0, 60))]
    for gap in gaps:
        times.append(times[-1] + gap)
    how = draw(ENDS)
    to = ("lead",) if how in {"alarm", "none"} else ()
    last = Rung(times[-1], to, alarm=how == "alarm", hand_on=how == "hand_on", end=how == "end")
    return [*(Rung(after, ("first",)) for after in times[:-1]), last]


@dataclass
class Walk:
    """One climb, looked at after every step; `moves` are the rules, or a broken copy of them."""

    rungs: list[Rung]
    somebody: Callable[[int], bool]
    moves: Any = climbing
    now: datetime = NIGHT
    stand: Stand = field(init=False)
    end: End | None = None
    fired: list[tuple[int, datetime]] = field(default_factory=list)
    hurried: bool = False

    def __post_init__(self) -> None:
        self.stand = self.moves.start(self.rungs, at=self.now)

    def goes(self, steps: list[tuple[str, int]]) -> None:
        """Do the steps, with a look of the pager after each."""
        self.looks()
        for step, seconds in steps:
            if self.end is not None:
                return
            getattr(self, f"_{step}")(seconds)
            self.looks()

    def looks(self) -> None:
        """The pager looks at it now."""
        before = self.stand
        climbed: Climbed = self.moves.climb(before, self.rungs, now=self.now, reach=self.somebody)
        self._check_fired(before, climbed)
        self.fired += [(number, self.now) for number in climbed.fired]
        self.stand, self.end = climbed.stand, climbed.end
        if climbed.fired:
            self.hurried = False
        if self.end is None:
            assert self.stand.next_at > self.now or self.stand.alarm_since, "nothing will ever happen again"

    def _check_fired(self, before: Stand, climbed: Climbed) -> None:
        held = before.held_until and self.now < before.held_until and before.alarm_since is None
        if self.now < before.next_at or held:
            assert climbed.fired == (), "early"
            assert climbed.end is None, "ended early"
        known = self.fired[-1] if self.fired else None
        for number in climbed.fired:
            expected = 0 if known is None else min(known[0] + 1, len(self.rungs) - 1)
            assert number == expected, "out of order"
            if known and known[0] != number and self.somebody(known[0]) and not self.hurried:
                gap = self.rungs[number].after - self.rungs[known[0]].after
                assert self.now - known[1] >= timedelta(seconds=gap), "sooner than the ladder says"
            known = number, self.now
        for number in climbed.fired[:-1]:
            assert not self.somebody(number), "climbed over somebody who can be reached"

    def _wait(self, seconds: int) -> None:
        self.now += timedelta(seconds=seconds)

    def _fail(self, _: int) -> None:
        before, self.stand = self.stand, self.moves.hurry(self.stand, now=self.now)
        assert self.stand.next_at <= before.next_at, "a failure slowed the ladder"
        if before.alarm_since or (before.held_until and self.now < before.held_until):
            assert self.stand == before, "a failure hurried what somebody looks at, or an alarm"
        else:
            assert self.stand.next_at <= self.now, "a failure did not hurry the ladder"
        self.hurried = self.hurried or self.stand != before

    def _look(self, seconds: int) -> None:
        until = self.now + timedelta(seconds=seconds)
        before, self.stand = self.stand, self.moves.hold(self.stand, until=until)
        assert self.stand.next_at >= before.next_at, "a look hurried the ladder"
        if before.alarm_since:
            assert self.stand == before, "an alarm was held"
            return
        assert self.stand.held_until
        assert self.stand.held_until >= (before.held_until or until), "a look cut another's short"
        assert self.stand.next_at >= self.stand.held_until >= until, "a look was not heard"

    def _take(self, _: int) -> None:
        if self.stand.alarm_since is None:
            return
        self.stand = self.moves.take(self.stand, now=self.now)
        assert self.stand.next_at == self.now + TAKEN_HOLDS, (
            "whoever took it is rung too soon, or for ever left"
        )


def _somebody(pattern: int) -> Callable[[int], bool]:
    """Whether anybody can be reached on a rung, by the bits of a number."""
    return lambda number: bool(pattern >> number & 1)


@settings(max_examples=400, deadline=None)
@given(rungs=a_ladder(), steps=STEPS, pattern=st.integers(0, 255))
@example(rungs=ladders.read(ladders.shipped(Reason.OFFER).rungs), steps=[("fail", 0)] * 6, pattern=255)
@example(rungs=ladders.read(ladders.shipped(Reason.UNPLACED).rungs), steps=[("take", 0)], pattern=0)
def test_whatever_happens_a_climb_goes_on_in_order_and_never_early(
    rungs: list[Rung], steps: list[tuple[str, int]], pattern: int
) -> None:
    Walk(rungs, _somebody(pattern)).goes(steps)


@settings(max_examples=200, deadline=None)
@given(rungs=a_ladder())
def test_when_nobody_can_be_reached_the_ladder_is_climbed_to_its_end_in_the_first_moment(
    rungs: list[Rung],
) -> None:
    walk = Walk(rungs, lambda _: False)
    walk.now = walk.stand.next_at
    walk.looks()
    assert walk.end is not None or walk.stand.next_rung == len(rungs)
    assert {moment for _, moment in walk.fired} == {walk.now}


@settings(max_examples=200, deadline=None)
@given(rungs=a_ladder(), late=st.integers(0, 90))
def test_when_nobody_answers_every_rung_fires_at_its_own_time_or_as_late_as_the_pager(
    rungs: list[Rung], late: int
) -> None:
    walk = Walk(rungs, lambda _: True)
    began = walk.now
    for rung in rungs:
        walk.now = max(walk.now, began + timedelta(seconds=rung.after + late))
        walk.looks()
    due = [rung.after + late for rung in rungs if not (rung.hand_on or rung.end)]
    assert [(moment - began).total_seconds() for _, moment in walk.fired] == due


def test_an_alarm_rings_each_minute_and_again_ten_minutes_after_somebody_took_it() -> None:
    walk = Walk([Rung(0, ("lead",), alarm=True)], lambda _: True)
    walk.looks()
    for _ in range(3):
        walk.now += ALARM_EVERY
        walk.looks()
    assert len(walk.fired) == 4
    walk.stand = climbing.take(walk.stand, now=walk.now)
    walk.now += TAKEN_HOLDS - timedelta(seconds=1)
    walk.looks()
    assert len(walk.fired) == 4
    walk.now += timedelta(seconds=1)
    walk.looks()
    assert len(walk.fired) == 5


def test_times_that_run_backwards_follow_at_once_and_not_before() -> None:
    walk = Walk(
        [Rung(60, ("first",)), Rung(10, ("second",)), Rung(10, ("lead",), alarm=True)], lambda _: True
    )
    walk.now += timedelta(seconds=60)
    for _ in range(3):
        before = walk.stand
        climbed = climbing.climb(before, walk.rungs, now=walk.now, reach=lambda _: True)
        walk.stand = climbed.stand
        assert climbed.stand.next_at >= walk.now
        walk.fired += [(number, walk.now) for number in climbed.fired]
    assert [number for number, _ in walk.fired] == [0, 1, 2]


LADDER = [Rung(0, ("first",)), Rung(90, ("second",)), Rung(180, ("lead",), alarm=True)]


def _early(stand: Stand, rungs: list[Rung], *, now: datetime, reach: Callable[[int], bool]) -> Climbed:
    return climbing.climb(replace(stand, next_at=min(stand.next_at, now)), rungs, now=now, reach=reach)


def _forgetful(stand: Stand, rungs: list[Rung], *, now: datetime, reach: Callable[[int], bool]) -> Climbed:
    climbed = climbing.climb(stand, rungs, now=now, reach=reach)
    return replace(climbed, stand=replace(climbed.stand, next_at=now)) if climbed.fired else climbed


def _skipping(stand: Stand, rungs: list[Rung], *, now: datetime, reach: Callable[[int], bool]) -> Climbed:
    return climbing.climb(
        replace(stand, next_rung=stand.next_rung + bool(stand.next_rung)), rungs, now=now, reach=reach
    )


BROKEN: dict[str, dict[str, Any]] = {
    "fires before its time": {"climb": _early},
    "has no next moment": {"climb": _forgetful},
    "leaves a rung out": {"climb": _skipping},
    "hurries during a look": {
        "hurry": lambda stand, *, now: replace(stand, next_at=min(stand.next_at, now)),
    },
    "lets a failure slow it": {"hurry": lambda stand, *, now: replace(stand, next_at=now + timedelta(1))},
    "shortens a look": {"hold": lambda stand, *, until: replace(stand, held_until=until, next_at=until)},
    "holds an alarm": {
        "hold": lambda stand, *, until: replace(stand, held_until=until, next_at=max(stand.next_at, until)),
    },
    "forgets who took it": {"take": lambda stand, *, now: stand},
}
A_NIGHT = [
    ("look", 300), ("fail", 0), ("look", 10), ("wait", 100), ("wait", 300), ("fail", 0), ("wait", 90),
    ("look", 60), ("take", 0), ("wait", 60), ("wait", 600),
]  # fmt: skip


@pytest.mark.parametrize("fault", BROKEN)
def test_a_broken_copy_of_the_rules_is_noticed(fault: str) -> None:
    real = {name: getattr(climbing, name) for name in ("start", "climb", "hurry", "hold", "take")}
    Walk(LADDER, lambda _: True, SimpleNamespace(**real)).goes(A_NIGHT)
    with pytest.raises(AssertionError):
        Walk(LADDER, lambda _: True, SimpleNamespace(**{**real, **BROKEN[fault]})).goes(A_NIGHT)
