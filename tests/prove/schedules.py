"""A million seeded schedules of the pure ladder: late and doubled ticks, empty rungs, failures, looks, takers, crashes.

No database and no clock: a schedule is a list of things that happen, drawn from a seed, and the rules are those of
paging.climbing. After each step the climb has a moment at which it goes on, and it has never fired early.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from random import Random

from paging import climbing, ladders
from paging.climbing import Climbed, End, Stand
from paging.ladders import TAKEN_HOLDS, Rung
from paging.models import Reason
from tests.prove.contract import Control, Proof, Result, Tally
from tests.prove.telling import teller

BEGIN = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
STEPS = 40
HOLD = timedelta(seconds=120)
LONGEST = TAKEN_HOLDS + HOLD + timedelta(seconds=600)  # no climb may rest for longer
REASONS = (Reason.OFFER, Reason.CONFIRM, Reason.UNPLACED)
SHIPPED = {reason: ladders.read(ladders.shipped(reason).rungs) for reason in REASONS}
Climb = Callable[..., Climbed]


@dataclass
class Schedule:
    """One climb and everything that happens to it."""

    rng: Random
    rungs: Sequence[Rung]
    climb: Climb
    now: datetime = BEGIN
    holders: set[int] = field(default_factory=set)
    wrong: str = ""
    stand: Stand = field(init=False)
    over: bool = False
    steps: int = 0

    def __post_init__(self) -> None:
        self.stand = climbing.start(self.rungs, at=self.now)

    def play(self) -> None:
        """Let it all happen, until it is over or wrong."""
        while self.steps < STEPS and not self.over and not self.wrong:
            self.steps += 1
            self._happen()
            self._rest()

    def _rest(self) -> None:
        if not self.over and not self.wrong and self.stand.next_at > max(self.now, BEGIN) + LONGEST:
            self.wrong = "an open climb rests for ever"

    def _happen(self) -> None:
        match self.rng.randrange(10):
            case 0:
                self.stand = climbing.hurry(self.stand, now=self.now)
            case 1:
                self._look(self.rng.randrange(3))
            case 2 if self.stand.alarm_since is not None:
                self.stand = climbing.take(self.stand, now=self.now)
            case 3:
                self._tick(self.now, crash=True)
            case 4:  # a pager whose clock is a little behind, or that comes twice
                self._tick(self.now - timedelta(seconds=self.rng.random() * 2))
            case 5:  # one breath before the next moment
                self.now = max(self.now, self.stand.next_at - timedelta(microseconds=1))
                self._tick(self.now)
            case _:
                self.now += timedelta(seconds=self.rng.choice((0, 0.3, 1, 7, 31, 95, 700)))
                self._tick(self.now)

    def _look(self, who: int) -> None:
        if who not in self.holders:
            self.holders.add(who)
            self.stand = climbing.hold(self.stand, until=self.now + HOLD)

    def _tick(self, now: datetime, *, crash: bool = False) -> None:
        fired: list[tuple[int, bool]] = []

        def reach(number: int) -> bool:
            fired.append((number, self.rng.random() > 0.3))
            return fired[-1][1]

        after = self.climb(self.stand, self.rungs, now=now, reach=reach)
        if crash:
            return  # never committed: the climb stands where it stood
        self.wrong = self._fault(after, fired, now)
        self.stand, self.over = after.stand, after.end is not None

    def _fault(self, after: Climbed, fired: list[tuple[int, bool]], now: datetime) -> str:
        before, last = self.stand, len(self.rungs) - 1
        looked_at = bool(before.held_until and now < before.held_until and before.alarm_since is None)
        due = now >= before.next_at and not looked_at
        expected = [min(before.next_rung + step, last) for step in range(len(fired))]
        waits_for_nobody = bool(
            fired
            and not fired[-1][1]
            and not after.end
            and fired[-1][0] < last
            and not self.rungs[fired[-1][0]].alarm
        )
        rang = before.alarm_since is not None or any(self.rungs[number].alarm for number, _ in fired)
        faults = {
            "fired early": bool(fired) and now < before.next_at,
            "fired while somebody was looking": bool(fired) and looked_at,
            "rungs out of order": [number for number, _ in fired] != expected,
            "due, and nothing happened": due and not fired and after.end is None,
            "waits for nobody": waits_for_nobody,
            "an alarm was forgotten": rang and not after.end and after.stand.alarm_since is None,
            "handed on by a ladder that does not": after.end is End.HAND_ON
            and not any(r.hand_on for r in self.rungs),
            "no moment to go on": after.end is None and bool(fired) and after.stand.next_at <= now,
        }
        return next((words for words, so in faults.items() if so), "")


def ladder(rng: Random) -> list[Rung]:
    """A shipped ladder, or one that a network might have made."""
    if rng.random() < 0.5:
        return SHIPPED[rng.choice(REASONS)]
    after, rungs = 0, []
    for _ in range(rng.randint(1, 6)):
        rungs.append(Rung(after=after, to=("first",), alarm=rng.random() < 0.1))
        after += rng.choice((1, 20, 60, 90, 300))
    last = rungs[-1]
    rungs[-1] = (
        replace(last, alarm=True) if rng.random() < 0.5 else replace(last, to=(), hand_on=True, alarm=False)
    )
    return rungs


def _play(climb: Climb, size: int, seed: int) -> Result:
    tally, steps = Tally(), 0
    for number in teller.count(size):
        rng = Random(f"{seed}:{number}")
        schedule = Schedule(rng, ladder(rng), climb)
        schedule.play()
        steps += schedule.steps
        tally.cases += 1
        if schedule.wrong:
            tally.violation(f"schedule {number}: {schedule.wrong}")
    return tally.result(steps=steps)


def _waits_for_nobody(
    stand: Stand, rungs: Sequence[Rung], *, now: datetime, reach: Callable[[int], bool]
) -> Climbed:
    """A ladder whose empty rung still takes its time."""
    return climbing.climb(stand, rungs, now=now, reach=lambda number: reach(number) or True)


def _deaf(stand: Stand, rungs: Sequence[Rung], *, now: datetime, reach: Callable[[int], bool]) -> Climbed:
    """A ladder that does not hear that somebody is looking."""
    early = replace(stand, held_until=None, next_at=min(stand.next_at, now))
    return climbing.climb(early, rungs, now=now, reach=reach)


def _forgetful(
    stand: Stand, rungs: Sequence[Rung], *, now: datetime, reach: Callable[[int], bool]
) -> Climbed:
    """A ladder that forgets its alarm when it rings again."""
    climbed = climbing.climb(stand, rungs, now=now, reach=reach)
    return replace(climbed, stand=replace(climbed.stand, alarm_since=None)) if climbed.fired else climbed


PROOF = Proof(
    promise="Whatever happens, an open climb has a moment at which it goes on; it fires in order and never early.",
    unit="schedules",
    size=1_000_000,
    least=2_000,
    run=lambda size, seed: _play(climbing.climb, size, seed),
    controls=(
        Control(
            broken="an empty rung takes its time",
            run=lambda n, seed: _play(_waits_for_nobody, n, seed),
            size=2000,
        ),
        Control(broken="a look is not heard", run=lambda n, seed: _play(_deaf, n, seed), size=2000),
        Control(broken="an alarm is forgotten", run=lambda n, seed: _play(_forgetful, n, seed), size=2000),
    ),
)
