"""Days in which nobody answers: at every instant an alarm is open, or a moment is set at which somebody is paged.

The engine itself, tick by tick, with the clock wound by hand to whatever is due next; texts, calls and pushes are
taken by a provider and never answered. Patients come through the day, some to one hub and some to two.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from unittest import mock

from paging import climbing, engine, routes
from paging.models import Channel, Escalation
from paging.routes import Routes
from paging.transports.contract import Kind, Order, Outcome, Report
from paging.transports.siren import Siren
from referrals.models import Referral
from referrals.states import WAITING, State
from tests.paging import tables
from tests.prove import emptied
from tests.prove.contract import Control, Proof, Result, Tally
from tests.prove.telling import teller
from tests.world import World

DAY = timedelta(days=1)
HOURS = 24
LADDERS_END = timedelta(
    minutes=20
)  # two hubs one after the other, and the coordinator; from then on an alarm
LONGEST_SILENCE = timedelta(seconds=61)  # an alarm rings each minute
PATIENTS_A_DAY = 2


@dataclass
class Takes:
    """A provider that takes everything, and to whom nobody ever answers."""

    channel: str
    provider: str = "twilio"
    taken: int = 0

    def send(self, order: Order) -> Outcome:
        """Take it."""
        self.taken += 1
        return Outcome(Kind.ACCEPTED, f"{self.channel}{self.taken}{order.page_id}", "delivered")

    def status(self, provider_id: str) -> Report | None:
        """It has arrived."""
        return Report("completed" if self.channel == Channel.VOICE else "delivered")


class Day:
    """One day of the small network, in which everybody sleeps."""

    def __init__(self, world: World, rng: Random, tally: Tally, *, hours: int) -> None:
        self.world, self.rng, self.tally, self.begin = world, rng, tally, world.now
        self.end = self.begin + timedelta(hours=hours)
        self.sms, self.voice = Takes("sms"), Takes("voice")
        self.routes: Routes = routes.only(self.sms, self.voice, Siren())
        self.since: dict[str, datetime] = {}

    def play(self) -> int:
        """The whole day; says how many instants were looked at."""
        world, end, instants = self.world, self.end, 0
        first_hour = timedelta(hours=1)
        arrivals = sorted(self.begin + first_hour * self.rng.random() for _ in range(PATIENTS_A_DAY))
        while world.now < end:
            while arrivals and arrivals[0] <= world.now:
                arrivals.pop(0)
                hubs = ("RET20", "RM301")[: self.rng.choice((1, 1, 2))]
                referral = world.refers(*hubs)
                self.since[referral.code] = world.now
            engine.tick(now=world.now, routes=self.routes, clock=lambda: world.now)
            instants += 1
            self._look(world.now)
            due = tables.due_at(world.now) or end
            world.now = min(max(due, world.now + timedelta(seconds=0.05)), *(arrivals[:1] or [end]), end)
        return instants

    def _look(self, now: datetime) -> None:
        waiting = Referral.objects.filter(state__in=sorted(WAITING)).values_list("code", flat=True)
        self.tally.check(set(waiting) == set(self.since), "somebody stopped waiting without an answer")
        rows = Escalation.objects.filter(closed_at=None, referral__isnull=False)
        open_now = {e.referral.code: e for e in rows.select_related("referral") if e.referral}
        for code, since in self.since.items():
            escalation = open_now.get(code)
            if (
                escalation is None
                or escalation.next_at is None
                or escalation.next_at <= now - timedelta(seconds=1)
            ):
                self.tally.violation(f"{code} waits, and nothing will happen")
            elif now - since > LADDERS_END and escalation.alarm_since is None:
                self.tally.violation(f"{code} has waited {now - since} and there is no alarm")
            elif escalation.alarm_since and escalation.next_at - now > LONGEST_SILENCE:
                self.tally.violation(f"the alarm of {code} is silent")


def _run(size: int, seed: int) -> Result:
    rng, tally, pages = Random(seed), Tally(), 0
    for begun in range(0, size, HOURS):
        teller.step(begun, size)
        hours = min(HOURS, size - begun)
        day = Day(emptied.world(), rng, tally, hours=hours)
        tally.faults["instant without an answer"] += day.play()
        pages += day.sms.taken + day.voice.taken
        tally.cases += hours
        ended = Referral.objects.exclude(state__in=sorted({*WAITING, State.UNPLACED})).count()
        tally.check(not ended, "a referral ended though nobody did anything")
    return tally.result(pages=pages, patients=-(-size // HOURS) * PATIENTS_A_DAY)


def _once(next_time: Callable[..., datetime]) -> Callable[..., datetime]:
    """An alarm that rings once, and then waits for a human who does not come."""

    def rings_once(rungs: list[object], fired: int, *, at: datetime) -> datetime:
        return next_time(rungs, fired, at=at) + (DAY if fired + 1 >= len(rungs) else timedelta(0))

    return rings_once


def _rings_once(size: int, seed: int) -> Result:
    with mock.patch.object(climbing, "next_time", _once(climbing.next_time)):
        return _run(size, seed)


PROOF = Proof(
    promise="Where nobody answers all day, an alarm is open at every instant and rings each minute.",
    unit="hours",
    size=24,
    least=1,
    run=_run,
    controls=(Control(broken="an alarm rings once", run=_rings_once, size=1),),
)
