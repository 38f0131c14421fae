"""The pager at work over its tables alone: providers that answer as they are told, and a clock wound by hand.

Used by the pager's tests that need no phone; tests/paging/night.py puts phones in front of it.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pytest

from network.models import Person
from paging import agenda, engine, routes, settling
from paging.models import Escalation, Fate, Ladder, Page, Reason
from paging.routes import Routes
from paging.transports.contract import Kind, Order, Outcome, Report
from referrals.models import Referral
from tests.world import World

ONE_BY_ONE = 60.0  # seconds between ticks where nothing is due

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


def due_at(now: datetime) -> datetime | None:
    """When the pager has something to do: now, or later, or it knows of nothing."""
    known = agenda.read(now=now)
    return known.now if known.has_work else known.next_at


@dataclass
class Postbox:
    """A provider that takes everything, or answers as it is told."""

    provider: str = "twilio"
    channel: str = "sms"
    orders: list[Order] = field(default_factory=list)
    answers: list[Outcome] = field(default_factory=list)  # the next ones
    always: Outcome | None = None
    fates: dict[str, tuple[str, str]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    @property
    def taken(self) -> list[str]:
        """To whom everything was to go that was handed over here, in order."""
        return [order.to for order in self.orders]

    @property
    def routes(self) -> Routes:
        """The pager's routes with nobody but this provider."""
        return routes.only(self)

    def send(self, order: Order) -> Outcome:
        self.orders.append(order)
        if self.answers:
            return self.answers.pop(0)
        if self.always:
            return self.always
        return Outcome(Kind.ACCEPTED, f"{self.provider[0]}{self.channel[0]}{len(self.orders):032d}", "queued")

    def status(self, provider_id: str) -> Report | None:
        self.asked.append(provider_id)
        return Report(*self.fates[provider_id]) if provider_id in self.fates else None


@dataclass(kw_only=True)
class Tables:
    """The small network with the pager in the test's own hand."""

    world: World
    routes: Routes

    @property
    def now(self) -> datetime:
        return self.world.now

    def clock(self) -> datetime:
        """The hand-wound clock, as the engine wants it."""
        return self.world.now

    def refers(self, *hubs: str, **changes: Any) -> Referral:
        """A spoke doctor refers a patient, and the pager looks at the tables."""
        referral = self.world.refers(*hubs, **changes)
        self.works()
        return referral

    def tick(self) -> None:
        """One tick at this moment."""
        engine.tick(now=self.now, routes=self.routes, clock=self.clock)

    def works(self) -> None:
        """Ticks at this moment until nothing is due any more."""
        for _ in range(20):
            climbing = _climbing()
            self.tick()
            due = due_at(self.now)
            if (due is None or due > self.now) and _climbing() == climbing:
                return
        raise AssertionError("the pager does not come to rest")

    def wind(self, step: float = ONE_BY_ONE, **by: float) -> None:
        """Time passes, and the pager with it."""
        end = self.now + timedelta(**by)
        while self.now < end:
            due = due_at(self.now) or end
            self.world.now = min(end, max(due, self.now), self.now + timedelta(seconds=step))
            self.works()

    def sleeps(self, **by: float) -> None:
        """Time passes, and no pager is at work."""
        self.world.wind(**by)

    def person(self, username: str) -> Person:
        """This person as the database knows them now."""
        return Person.objects.get(username=username)

    def pages(self, username: str, **where: Any) -> list[Page]:
        """The pages of one person, the oldest first."""
        return list(Page.objects.filter(person=self.world.people[username], **where).order_by("pk"))

    def page(self, username: str, **where: Any) -> Page:
        """The latest page of one person, with what surrounds it."""
        rows = Page.objects.select_related("escalation__referral", "escalation__hub", "person")
        return rows.filter(person=self.world.people[username], **where).latest("pk")

    def fates(self, username: str, **where: Any) -> list[tuple[Fate, str]]:
        """What became of each page of one person, and why."""
        return [(Fate(page.fate), page.error) for page in self.pages(username, **where)]

    def paged(self, **where: Any) -> list[tuple[float, str]]:
        """Who was paged how many seconds after the first escalation began, in order."""
        began = Escalation.objects.order_by("pk")[0].opened_at
        pages = Page.objects.exclude(sent_at=None).exclude(person=None).filter(**where)
        return [
            ((page.sent_at - began).total_seconds(), page.person.username)
            for page in pages.select_related("person").order_by("sent_at", "pk")
            if page.sent_at and page.person
        ]

    def reports(self, page: Page, status: str, error: str = "") -> None:
        """A provider reports of a page."""
        settling.report(
            page_id=page.pk, provider_id=page.provider_id, status=status, error=error, now=self.now
        )

    def climb(self, reason: Reason, **where: Any) -> Escalation:
        """The only escalation for this reason."""
        return Escalation.objects.get(reason=reason, **where)

    def alarm(self) -> Escalation:
        """The one open escalation."""
        return Escalation.objects.get(closed_at=None)


def _climbing() -> set[int]:
    return set(Escalation.objects.filter(closed_at=None).values_list("pk", flat=True))


def over(world: World, *ways: Postbox, monkeypatch: pytest.MonkeyPatch) -> Tables:
    """The pager over these providers, which are those of the settings too."""
    tables = Tables(world=world, routes=routes.only(*ways))
    monkeypatch.setattr("paging.routes.configured", lambda: tables.routes)
    return tables
