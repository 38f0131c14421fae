"""A night on call: real pages through a real Twilio's double, phones that expect and reply, a clock wound by hand.

Used by the tests of the pager. Whatever a phone shows that nobody expected fails the test, and so does an error in
the log, a text of two segments, and a patient's fact in either.
"""

import logging
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from paging import engine, routes
from paging.models import Escalation, Fate, Ladder, Page
from paging.routes import Routes
from paging.simulator import segments
from paging.simulator.running import Simulator
from paging.transports.contract import Kind, Order, Outcome, Report
from paging.transports.twilio import Account
from referrals.models import Referral
from tests.world import World

ONE_BY_ONE = 60.0  # seconds between ticks where nothing is due
CANARIES = ["Canary", "Whitlock", "Peregrine", "1950", "+441514960123"]


TEXTS_ONLY: dict[str, list[dict[str, Any]]] = {
    "offer": [
        {"after": 0, "to": ["first"]},
        {"after": 90, "to": ["first"]},
        {"after": 180, "to": ["second", "supervisor"]},
        {"after": 300, "to": ["operators", "coordinator"], "phone_now": True},
        {"after": 480, "to": [], "hand_on": True},
    ],
    "confirm": [
        {"after": 0, "to": ["supervisor"]},
        {"after": 60, "to": ["supervisor"]},
        {"after": 180, "to": ["supervisor", "coordinator"], "phone_now": True},
        {"after": 300, "to": ["lead", "coordinator"], "alarm": True},
    ],
    "unplaced": [
        {"after": 0, "to": ["coordinator"], "phone_now": True},
        {"after": 60, "to": ["lead", "coordinator"], "alarm": True},
    ],
}


def with_texts_only(now: datetime) -> None:
    """The network's own ladders: texts alone, so that a test of the climbing need not hear of calls."""
    Ladder.objects.bulk_create(
        Ladder(hub=None, reason=reason, version=1, rungs=rungs, made_at=now)
        for reason, rungs in TEXTS_ONLY.items()
    )


@dataclass
class Phone:
    """One person's phone; what it showed is expected in order, and once."""

    simulator: Simulator
    number: str
    read: int = 0
    code: str = ""

    def new(self) -> list[str]:
        """What it shows that nobody has expected yet."""
        return self.simulator.received(self.number)[self.read :]

    def expects(self, *words: str) -> str:
        """The next text that it shows has all these words; a reply code in it is kept."""
        texts = self.new()
        assert texts, f"{self.number} shows nothing new; it should show {words}"
        assert all(word in texts[0] for word in words), f"{words} are not all in: {texts[0]}"
        self.read += 1
        if found := re.search(r"Reply (\w{5})\b", texts[0]):
            self.code = found[1]
        return texts[0]

    def stays_silent(self) -> None:
        assert self.new() == []

    def writes(self, text: str) -> str:
        """Its owner sends a text; returns its sid once the application has been told and has answered."""
        sid = self.simulator.reply(self.number, text)
        self.simulator.settle()
        return sid

    def replies(self, text: str, *words: str) -> str:
        """Its owner sends a text, and is answered with these words."""
        self.writes(text)
        return self.expects(*words)


@dataclass
class Night:
    """The small network at night, with the pager in the test's own hand."""

    world: World
    simulator: Simulator
    account: Account
    routes: Routes
    phones: dict[str, Phone] = field(default_factory=dict)
    allowed_errors: set[str] = field(default_factory=set)

    @property
    def now(self) -> datetime:
        return self.world.now

    def phone(self, username: str) -> Phone:
        if username not in self.phones:
            self.phones[username] = Phone(self.simulator, self.world.people[username].phone)
        return self.phones[username]

    def refers(self, *hubs: str, **changes: Any) -> Referral:
        """A spoke doctor refers a patient, and the pager looks at the tables."""
        referral = self.world.refers(*hubs, **changes)
        self.works()
        return referral

    def tick(self) -> None:
        """One tick at this moment; everything that it set going at the provider comes to its end."""
        engine.tick(now=self.now, routes=self.routes, clock=lambda: self.now)
        self.simulator.settle()

    def works(self) -> None:
        """Ticks at this moment until nothing is due any more."""
        for _ in range(20):
            climbing = _climbing()
            self.tick()
            due = engine.next_due()
            if (due is None or due > self.now) and _climbing() == climbing:
                return
        raise AssertionError("the pager does not come to rest")

    def wind(self, step: float = ONE_BY_ONE, **by: float) -> None:
        """Time passes, and the pager with it."""
        end = self.now + timedelta(**by)
        while self.now < end:
            due = engine.next_due() or end
            self.world.now = min(end, max(due, self.now), self.now + timedelta(seconds=step))
            self.works()

    def sleeps(self, **by: float) -> None:
        """Time passes, and no pager is at work."""
        self.world.wind(**by)

    def goes_wrong(self, action: str, *, to: str | None = None, times: int | None = 1, nth: int = 1) -> None:
        """Sending to this person goes wrong, in a way that the simulator knows."""
        match: dict[str, object] = {"method": "POST", "path": "Messages.json", "nth": nth}
        if to:
            match["to"] = self.world.people[to].phone
        self.simulator.order_faults({"action": action, "match": match, "times": times})

    def hears(self, **expected: str) -> None:
        """These phones, and no other, show one new text each, with these words."""
        for username, words in expected.items():
            self.phone(username).expects(words)
        self.is_silent()

    def is_silent(self) -> None:
        """No phone shows anything that nobody expected."""
        by_number = {phone.number: phone for phone in self.phones.values()}
        for shown in self.simulator.phones():
            texts = self.simulator.received(shown["number"])
            known = by_number.get(shown["number"])
            assert texts[known.read if known else 0 :] == [], shown["number"]

    def forgets(self) -> None:
        """Whatever the phones show by now was expected."""
        for username in self.world.people:
            phone = self.phone(username)
            phone.read += len(phone.new())

    def pages(self, username: str, **where: Any) -> list[Page]:
        """The pages of one person, the oldest first."""
        return list(Page.objects.filter(person=self.world.people[username], **where).order_by("pk"))

    def fates(self, username: str) -> list[tuple[Fate, str]]:
        """What became of each page of one person, and why."""
        return [(Fate(page.fate), page.error) for page in self.pages(username)]

    def paged(self) -> list[tuple[float, str]]:
        """Who was paged how many seconds after the first escalation began, in order."""
        began = Escalation.objects.order_by("pk").values_list("opened_at", flat=True).get(pk=_first())
        pages = Page.objects.exclude(sent_at=None).select_related("person").order_by("sent_at", "pk")
        return [
            ((page.sent_at - began).total_seconds(), page.person.username) for page in pages if page.sent_at
        ]

    def alarm(self) -> Escalation:
        """The one open escalation."""
        return Escalation.objects.get(closed_at=None)


def _climbing() -> set[int]:
    return set(Escalation.objects.filter(closed_at=None).values_list("pk", flat=True))


def _first() -> int:
    return Escalation.objects.order_by("pk").values_list("pk", flat=True)[0]


def check_texts(simulator: Simulator, numbers: Iterable[str]) -> None:
    """Every text that left is one segment and holds no patient's fact."""
    for line in simulator.ledger("request"):
        body = str(line["body"])
        assert segments.count(body) <= 1, body
        check_no_facts(body, numbers)


def check_log(records: Iterable[logging.LogRecord], allowed: set[str], numbers: Iterable[str]) -> None:
    """No error that nobody expected, and no patient's fact in any line."""
    for record in records:
        text = str(record.msg) + str(record.args or "")
        check_no_facts(text, numbers)
        if record.levelno >= logging.ERROR:
            assert any(word in text for word in allowed), f"an error nobody expected: {text}"


def check_no_facts(text: str, numbers: Iterable[str]) -> None:
    assert not [canary for canary in [*CANARIES, *numbers] if canary in text], text


@dataclass
class Postbox:
    """A provider that takes everything, or answers as it is told; for tests of the tables alone."""

    provider: str = "twilio"
    channel: str = "sms"
    taken: list[str] = field(default_factory=list)
    answers: list[Outcome] = field(default_factory=list)
    fates: dict[str, tuple[str, str]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    @property
    def routes(self) -> Routes:
        """The pager's routes with nobody but this provider."""
        return routes.only(self)

    def send(self, order: Order) -> Outcome:
        self.taken.append(order.to)
        if self.answers:
            return self.answers.pop(0)
        return Outcome(Kind.ACCEPTED, f"SM{len(self.taken):032d}", "queued")

    def status(self, provider_id: str) -> Report | None:
        self.asked.append(provider_id)
        return Report(*self.fates[provider_id]) if provider_id in self.fates else None
