"""One night with one fault: the small network, the pager over real HTTP, and a clock wound by hand to whatever is next.

A seed draws who waits for what, on which ladder, whom the fault meets and how often, when reports come, and what else
goes wrong meanwhile. What must have come of it is in tests/prove/faults_judge.py.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from random import Random
from typing import Any, cast

from django.db.models.functions import Coalesce

from paging import engine, routes
from paging.models import Escalation, Fate, Ladder, Page, Reason
from paging.routes import Routes
from paging.senders import Senders
from paging.transports.contract import Order
from paging.transports.siren import Siren
from referrals.models import Referral
from referrals.states import WAITING
from tests import world as worlds
from tests.paging.tables import Tables
from tests.prove.doors import ACCOUNT, FORM, TOKEN, Pairs, Sent
from tests.prove.faults_matrix import SMS, VOICE, Answer, Case, Report
from tests.prove.faults_provider import FINE, Accounts, Left, Way
from tests.prove.webhooks import Front

LONGEST = timedelta(minutes=9)  # until the fault is met, whatever else goes wrong
WATCHED = timedelta(seconds=24)  # after the last that happened; long enough for every try
A_MINUTE_LATER = timedelta(seconds=62)  # where something must, or must not, come after a minute
SILENT = timedelta(seconds=30.5)  # by then a provider is asked
MEANWHILE = ("", "", "the second provider is down", "a pager dies after its claim", "others are refused, too")
GAPS = (20, 45, 60, 90)
DOWN = Answer(503, "<html>", (("Content-Type", "text/html"),))
BUSY = Answer(429, '{"code": 20429, "message": "Too Many Requests", "status": 429}')


class Dies:
    """The threads of a pager that dies as soon as it has claimed its pages."""

    room = 12

    def __init__(self) -> None:
        self.made: dict[int, Page] = {}

    def start(self, *_: Any, **__: Any) -> None:
        """Nothing is done any more."""

    begin = put = start


@dataclass(kw_only=True)
class Night(Tables):
    """One patient who waits, and one fault."""

    case: Case
    rng: Random
    accounts: Accounts
    front: Front
    referral: Referral = field(init=False)
    left: list[Left] = field(default_factory=list)
    hits: list[Left] = field(default_factory=list)
    due: list[tuple[datetime, Left, Report]] = field(default_factory=list)  # reports that are still to come
    heard: list[tuple[datetime, Left, Report]] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    second: bool = False
    ticks: int = 0
    number: str = ""
    _met: bool = False

    def __post_init__(self) -> None:
        rng = self.rng
        self.everybody, self.skipped = rng.random() < 0.5, rng.choice((0, 0, 1, 2))
        self.times = rng.choice((1, 1, 2, 3, 99))
        self.second = self.case.channel == SMS and rng.random() < 0.4
        self.meanwhile = rng.choice(MEANWHILE)
        self.dies_at = rng.randrange(8) if self.meanwhile.startswith("a pager") else -1
        self.delays = [rng.choice((0.0, 0.2, 3.0, 20.0)) for _ in range(3)]
        self.routes = self._ways(self._damage)

    def _ways(self, damage: Callable[[str, Order], Answer]) -> Routes:
        def way(inner: Callable[[str], Any], provider: str, channel: str) -> Way:
            server = self.accounts.provider
            return Way(inner, provider, channel, server, self.clock, damage, self._then, self.left)

        out: list[Any] = [
            way(partial(self.accounts.way, channel), "twilio", channel) for channel in (SMS, VOICE)
        ]
        if self.second:
            out.append(way(lambda _: self.accounts.notify, "notify", SMS))
        return routes.only(*out, Siren())

    def _damage(self, provider: str, order: Order) -> Answer:
        self._met = False
        if provider == "notify":
            return DOWN if self.meanwhile.startswith("the second") else FINE
        self._met = self._is_hit(order)
        if self._met:
            return self.case.answer or FINE
        others = self.meanwhile.startswith("others") and self.hits and self.rng.random() < 0.3
        return BUSY if others else FINE

    def _is_hit(self, order: Order) -> bool:
        page = Page.objects.select_related("escalation").get(pk=order.page_id)
        if page.channel != self.case.channel or len(self.hits) >= self.times:
            return False
        if not self.hits:
            if page.escalation.referral_id is None:
                return False
            self.skipped -= 1
            self.number = page.phone
        return self.skipped < 0 and (self.everybody or page.phone == self.number)

    def _then(self, one: Left) -> None:
        """What the provider does before the pager can write down what it answered."""
        if one.answer.takes:
            self.world.wind(seconds=one.answer.takes)
        if not self._met:
            return
        self._met = False
        self.hits.append(one)
        sid = one.sid
        self.accounts.provider.said[sid] = self.case.asked
        if one.answer.damage == "frozen":  # another pager finds the page when its lease is over
            engine.tick(now=self.now, routes=self._ways(lambda *_: FINE), clock=self.clock)
        at = self.now
        for report, delay in zip(self.case.reports, self.delays, strict=False):
            if self.case.early:
                self._hear(one, report)
            else:
                at += timedelta(seconds=delay)
                self.due.append((at, one, report))

    def _hear(self, one: Left, report: Report) -> None:
        """A report comes in at the door, signed as Twilio signs."""
        self.heard.append((self.now, one, report))
        machine = report.status in {"machine", "fax"}
        door = "machine" if machine else "status"
        status = {"machine": "machine_start"}.get(report.status, report.status)
        account = "AC" + "9" * 32 if report.how == "another account" else ACCOUNT
        pairs: Pairs = (("AccountSid", account),)
        if self.case.channel == SMS:
            pairs += (("MessageSid", one.sid), ("MessageStatus", status))
        else:
            pairs += (("CallSid", one.sid), ("AnsweredBy" if machine else "CallStatus", status))
        pairs += (("ErrorCode", report.error),) if report.error else ()
        sent = Sent(f"/twilio/{self.case.channel}/{door}", f"page={one.page}", pairs, content_type=FORM)
        said, _ = self.front.knock(sent if report.how == "unsigned" else sent.signed(token=TOKEN))
        if (said == 204) is not (report.how == "signed"):
            self.wrong.append(f"the door answers {said} to a report that is {report.how}")

    def play(self) -> None:
        """The whole night."""
        self._begins()
        end = self.now + LONGEST
        while self.now < end:
            self._look()
            if self.hits:
                end = self._ends()
            moments = [end, *(at for at, _, _ in self.due), *(one.at + SILENT for one in self.hits)]
            moments += _moments()
            self.world.now = min(moment for moment in moments if moment > self.now)
            self.works()

    def _ends(self) -> datetime:
        """Until when this fault is watched."""
        last = max([self.hits[0].at, *(at for at, one, _ in [*self.due, *self.heard] if one is self.hits[0])])
        case = self.case
        last += sum((one.answer.takes for one in self.hits[1:]), 0.0) * timedelta(
            seconds=1
        )  # it waits for these, too
        if case.once_more or case.red:
            return last + A_MINUTE_LATER + (SILENT if case.asked != ("", "") else timedelta(0))
        return last + WATCHED + (SILENT if case.asked != ("", "") else timedelta(0))

    def tick(self) -> None:
        """Reports that are due, and one tick; one pager may die in it."""
        for at, one, report in sorted(self.due, key=lambda row: row[0]):
            if at <= self.now:
                self.due.remove((at, one, report))
                self._hear(one, report)
        self.ticks += 1
        if self.ticks == self.dies_at:
            dead = cast(Senders, Dies())
            engine.tick(now=self.now, routes=self.routes, clock=self.clock, threads=dead)
            return
        super().tick()

    def _begins(self) -> None:
        """Somebody waits: for a hub's answer, for a supervisor, or for any hub at all."""
        rng, world = self.rng, self.world
        if rng.random() < 0.4:
            self._own_ladder()
        reason = rng.choice((Reason.OFFER, Reason.OFFER, Reason.CONFIRM, Reason.UNPLACED))
        hubs = ("RET20", "RM301") if reason == Reason.OFFER and rng.random() < 0.3 else ("RET20",)
        self.referral = world.refers(*hubs)
        if reason == Reason.CONFIRM:
            worlds.STEPS["accept under supervision"](world, self.referral.code)
        if reason == Reason.UNPLACED:
            worlds.STEPS["decline"](world, self.referral.code)
        self.works()

    def _own_ladder(self) -> None:
        """What a network might have made of it."""
        rng, after, rungs = self.rng, 0, []
        for who in (["first"], ["first", "second"], ["supervisor", "coordinator"], ["operators"]):
            by = rng.choice(([self.case.channel], [SMS, VOICE], [VOICE, SMS]))
            rungs.append({"after": after, "to": who, "by": by, "siren": rng.random() < 0.3})
            after += rng.choice(GAPS)
        rungs.append({"after": after, "to": [], "hand_on": True})
        Ladder.objects.create(reason=Reason.OFFER, version=1, rungs=rungs, made_at=self.now)

    def _look(self) -> None:
        """At every instant a patient who waits has a timer that lies ahead, or an alarm."""
        state = Referral.objects.values_list("state", flat=True).get(pk=self.referral.pk)
        ahead = Escalation.objects.filter(referral=self.referral, closed_at=None, next_at__gt=self.now)
        if state not in WAITING and state != "unplaced":
            self.wrong.append(f"nobody answered, and the referral is {state}")
        elif not ahead.exists():
            self.wrong.append("the patient waits, and nothing will happen")


def _moments() -> list[datetime]:
    """Whenever something comes due, as the rows say."""
    rungs = Escalation.objects.filter(closed_at=None).exclude(next_at=None).values_list("next_at", flat=True)
    unsent = Page.objects.filter(fate__in=[Fate.DUE, Fate.SENDING], escalation__closed_at=None)
    pages = unsent.annotate(moment=Coalesce("lease_until", "due_at")).values_list("moment", flat=True)
    return [*(moment for moment in rungs if moment), *pages]
