"""Whoever loses a right hears no more: the last frame comes within five seconds, with Redis and without.

Real sessions, tokens, roles and parties end by the product's own ways while verbs go on; half of them while Redis is
frozen. What they lose, others keep: beside each kind there are screens that nobody takes anything from.
"""

import asyncio
import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from random import Random

from django.conf import settings
from django.contrib.sessions.backends.db import SessionStore
from django.db import transaction
from django.utils import timezone

from config.machine import folders
from config.machine.valkey import Valkey
from network import people
from network.models import Membership, Person, Token
from realtime import feed
from realtime.client import NO_RIGHT
from realtime.feed import Said
from referrals import transitions
from tests.prove import emptied
from tests.prove.contract import Control, Proof, Result, Tally
from tests.prove.feed import boards, ward, webs
from tests.prove.feed.boards import Seat, Way
from tests.prove.feed.ward import Ward
from tests.prove.feed.webs import Webs
from tests.prove.telling import teller
from tests.realtime.sockets import does, session_of
from tests.world import World

LIMIT = 5.0  # seconds
EVERY = 0.06  # seconds between two revocations
WITNESSES = 20
STREAMS = (ward.NETWORK, ward.SPOKE, ward.WALTON)
PATIENCE = 60.0
KINDS = (
    "session ended", "password changed", "role removed", "person disabled", "token ended", "party removed",
)  # fmt: skip


@dataclass
class Holder(Seat):
    """A screen whose right will end, and when it did."""

    person: Person = field(kw_only=True)
    key: str = ""  # of the session
    case: str = ""  # the referral that its hospital will lose
    loss: str = ""
    lost_at: float | None = None
    closed_at: float = 0.0  # when the first bye came
    last_frame: float = 0.0
    last_card: float = 0.0  # of the referral that its hospital lost

    def heard(self, text: str) -> None:
        """Something came that is no bye."""
        told, now = boards.told(text), time.time()
        if any(frame.kind != "bye" for frame in told):
            self.last_frame = now
        else:
            self.closed_at = self.closed_at or now
        if self.case and any(frame.referral == self.case and frame.card for frame in told):
            self.last_card = now


def _hears(one: Seat, text: str) -> None:
    if isinstance(one, Holder):
        one.heard(text)


@dataclass
class Trial:
    """Everybody, and what they lose."""

    world: World
    at_work: Ward
    tally: Tally
    served: Webs
    holders: list[Holder] = field(default_factory=list)
    witnesses: list[Seat] = field(default_factory=list)
    tokens: dict[str, str] = field(default_factory=dict)  # of one of the witnesses, by stream

    def lose(self, one: Holder) -> None:
        """The right ends, committed, by the product's own way."""
        now, person = timezone.now(), one.person
        match one.loss:
            case "session ended":
                SessionStore(one.key).delete()
            case "password changed":
                person.refresh_from_db()
                person.set_password(None)  # the same way as any other, without the hashing
                person.save()
            case "role removed":
                people.end(Membership.objects.get(person=person, until=None), at=now)
            case "person disabled":
                people.disable(person)
            case "token ended":
                people.end_token(Token.objects.get(person=person), at=now)
            case "party removed":
                self.world.now = now
                transitions.accept(one.case, **self.world.press("mo"))
        one.lost_at = time.time()
        self.tally.faults[one.loss] += 1

    @transaction.atomic
    def told_by_mistake(self) -> None:
        """An entry about each referral that Walton lost, on Walton's stream."""
        said = [Said([ward.WALTON], one.case, 99, "accepted") for one in self.holders if one.case]
        feed.append_many(said, verb="page", at=timezone.now())

    def closings(self) -> list[float]:
        """Seconds from each loss of a right to the bye, in order."""
        return sorted(
            (one.closed_at or float("inf")) - (one.lost_at or 0) for one in self.holders if not one.case
        )

    def judge(self) -> list[float]:
        """Seconds from each loss to the last that was heard, in order."""
        late: list[float] = []
        for one in self.holders:
            assert one.lost_at
            self.tally.cases += 1
            last = one.last_card if one.case else one.last_frame
            late.append(max(0.0, last - one.lost_at))
            self.tally.check(late[-1] <= LIMIT, f"heard {late[-1]:.1f} s after: {one.loss}")
            if one.case:
                self.tally.check(
                    one.case not in one.cards, "a referral stayed on the screen of a hospital that lost it"
                )
                self.tally.check(
                    not one.ended, "a screen was closed, though its holder lost nothing but a referral"
                )
            else:
                closed = (one.closed_at or float("inf")) - one.lost_at
                self.tally.check(0 <= closed <= LIMIT, f"closed {closed:.1f} s after: {one.loss}")
                self.tally.check(one.ended and one.bye in NO_RIGHT, f"still open after: {one.loss}")
                self.tally.check(not one.cards, f"something stayed on the screen after: {one.loss}")
        for seat in self.witnesses:
            self.tally.check(seat.bye is None and seat.sockets == 1, "a screen that lost nothing was closed")
            self.tally.check(seat.shown == boards.truth(seat.stream), "a screen that lost nothing is wrong")
        return sorted(late)


def _seated(trial: Trial, way: Way, size: int) -> None:
    for number in range(size):
        kind = KINDS[number % len(KINDS)]
        stream = ward.WALTON if kind == "party removed" else STREAMS[number // len(KINDS) % len(STREAMS)]
        ((person, token),) = ward.watchers(stream, 1)
        key = "" if kind in {"token ended", "party removed"} else session_of(person)
        cookie = f"{settings.SESSION_COOKIE_NAME}={key}" if key else ""
        case = trial.world.refers("RET20", "RM301").code if kind == "party removed" else ""
        known = {"person": person, "key": key, "case": case, "loss": kind}
        trial.holders.append(
            boards.seat(Holder, way, number=number, stream=stream, token=token, cookie=cookie, **known)
        )
    for stream in STREAMS:
        for person, token in ward.watchers(stream, WITNESSES // len(STREAMS)):
            trial.witnesses.append(boards.seat(Seat, way, number=person.pk, stream=stream, token=token))
            trial.tokens[stream] = token


async def _run(trial: Trial, bell: Valkey, way: Way) -> dict[str, float]:
    everybody: list[Seat] = [*trial.witnesses, *trial.holders]
    for stream, token in trial.tokens.items():
        begun = await boards.beginning(trial.served.url, token, stream)
        for one in everybody:
            if one.stream == stream:
                begun.given_to(one)
    following = [asyncio.create_task(one.follow()) for one in everybody]
    live = await boards.until(lambda: all(one.is_live(time.time()) for one in everybody), seconds=PATIENCE)
    trial.tally.check(live, "a screen was never live")
    shown = all(one.case in one.cards for one in trial.holders if one.case)
    trial.tally.check(shown, "a referral that is to be lost was never on the screen")
    busy = asyncio.create_task(_verbs(trial.at_work))
    with_redis = len(trial.holders) // 2
    for number, holder in enumerate(trial.holders):
        teller.step(number, len(trial.holders))
        if number == with_redis:
            os.kill(bell.child.pid, signal.SIGSTOP)
            trial.tally.faults["with Redis frozen"] = len(trial.holders) - with_redis
        await does(partial(trial.lose, holder))
        await asyncio.sleep(EVERY)
    await asyncio.sleep(LIMIT)
    await does(trial.told_by_mistake)
    await asyncio.sleep(LIMIT)
    busy.cancel()
    await asyncio.gather(busy, return_exceptions=True)
    await asyncio.sleep(2)
    late = await does(trial.judge)
    await boards.ended(following)
    closed = trial.closings()
    return {
        "last_frame_after_s": round(late[-1], 2),
        "closed_after_s_median": round(closed[len(closed) // 2], 2),
        "closed_after_s_most": round(closed[-1], 2),
    }


async def _verbs(at_work: Ward) -> None:
    while True:
        await does(at_work.step)
        await asyncio.sleep(0.25)


@contextmanager
def a_redis() -> Iterator[Valkey]:
    """One of this proof's own."""
    with folders.passing("prove") as home:
        bell = Valkey(home, home / "valkey.log")
        bell.start()
        try:
            yield bell
        finally:
            bell.stop()


def _trial(size: int, seed: int, *, broken: str = "") -> Result:
    tally, world = Tally(), emptied.world()
    at_work = ward.opened(world, 6, Random(seed))
    with a_redis() as bell, webs.running(2, REDIS_URL=bell.url, BREAK=broken) as served:
        trial, way = Trial(world, at_work, tally, served), Way(served.port, served.url, tally, heard=_hears)
        _seated(trial, way, size)
        return tally.result(**asyncio.run(_run(trial, bell, way)))


PROOF = Proof(
    promise="Session ended, password changed, role or party removed, person disabled, token ended: the last frame "
    "comes within five seconds, also while Redis is frozen, and nobody else is disturbed.",
    unit="revocations",
    size=1000,
    least=12,
    run=_trial,
    in_tests=False,  # web processes of its own; tests/realtime/test_revocation.py has each kind in each `make test`
    controls=(
        Control(
            broken="rights are asked for when a socket comes in, and not again",
            run=lambda size, seed: _trial(size, seed, broken="no rights"),
            size=30,
            in_tests=False,
        ),
    ),
)
