"""What providers report of one page, in every order, doubled and late: one final state, the one with the highest rank.

All orders go through the merge as it is written down here, which is what the database must come to; a part of them
goes through paging.settling and PostgreSQL, from a page that has left and from one that is still being sent.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, permutations
from math import factorial
from random import Random
from typing import Any
from unittest import mock

from paging import sending, settling, waits
from paging.models import Callback, Escalation, Fate, Page
from referrals import transitions
from tests import world as worlds
from tests.prove import paged
from tests.prove.contract import Control, Proof, Result, Tally
from tests.prove.telling import teller
from tests.world import World

LONGEST = 7  # reports of one page
PART = 20  # one order in so many goes through PostgreSQL
LEAST_IN_DATABASE = 16

# What each provider may say of a page on a channel, and the error that it gives with it.
SAID: Mapping[tuple[str, str], Mapping[str, str]] = {
    ("twilio", "sms"): {
        "accepted": "", "scheduled": "", "queued": "", "sending": "", "sent": "", "delivered": "", "read": "",
        "canceled": "", "undelivered": "30003", "failed": "30006",
    },
    ("notify", "sms"): {
        "created": "", "sending": "", "pending": "", "sent": "", "delivered": "",
        "temporary-failure": "temporary-failure", "technical-failure": "technical-failure",
        "permanent-failure": "permanent-failure",
    },
    ("twilio", "voice"): {
        "queued": "", "initiated": "", "ringing": "", "in-progress": "", "completed": "", "machine": "",
        "canceled": "", "busy": "", "no-answer": "", "failed": "",
    },
}  # fmt: skip
# What must win, whatever comes when: written here anew, so that a slip in the product's table is found.
DELIVERED = {"delivered", "read", "in-progress", "completed"}
FAILED = {
    "canceled", "undelivered", "failed", "machine", "busy", "no-answer",
    "temporary-failure", "technical-failure", "permanent-failure",
}  # fmt: skip

Order = tuple[str, ...]
End = tuple[object, ...]
Group = tuple["Start", list[Order]]


@dataclass(frozen=True)
class Start:
    """Where a page stands when its first report comes."""

    provider: str
    channel: str
    first: str  # the status that the provider gave when it took the page


STARTS = [
    Start(provider, channel, first)
    for (provider, channel), statuses in SAID.items()
    for first in ("", *list(statuses)[:3])
]


def orders(size: int, rng: Random) -> Iterator[Group]:
    """So many orders in all, each with others of the same reports: every permutation of a few, a share of many."""
    left = size
    while left > 0:
        start = rng.choice(STARTS)
        statuses = list(SAID[start.provider, start.channel])
        said = [rng.choice(statuses) for _ in range(rng.randint(2, LONGEST))]
        together = min(left, max(12, size // 800))
        if factorial(len(said)) <= together:
            some = list(dict.fromkeys(permutations(said)))
        else:
            some = [tuple(rng.sample(said, len(said))) for _ in range(together)]
        doubled = [(*order, *rng.sample(order, 1)) if len(order) < LONGEST else order for order in some]
        yield start, doubled[:left]
        left -= len(doubled[:left])


def short_orders() -> Iterator[Group]:
    """Every report alone and twice, every two in both orders, from every start."""
    for start in STARTS:
        statuses = list(SAID[start.provider, start.channel])
        for status in statuses:
            yield start, [(status,), (status, status)]
        for one, other in combinations(statuses, 2):
            yield start, [(one, other), (other, one), (one, other, one)]


def merged(start: Start, said: Order) -> tuple[str, str]:
    """The fate and the status that these reports must come to: the highest rank, whenever it came."""
    status = max((start.first, *said), key=_weight)
    return _fate(status), status


def _weight(status: str) -> tuple[int, int, str]:
    """Failures over deliveries over steps on the way; among these the product's own rank, and then the name."""
    return (status in FAILED) * 2 + (status in DELIVERED), *_rank(status)


def _rank(status: str) -> tuple[int, str]:
    return settling.STATUS_RANK.get(status, -1), status


def _fate(status: str) -> str:
    if status in FAILED:
        return Fate.FAILED
    return Fate.DELIVERED if status in DELIVERED else Fate.SENT


def by_rank(start: Start, said: Order) -> tuple[str, str]:
    """The product's rule, one report after the other: a higher rank wins; of two contradictory ones the same always."""
    status = start.first
    for report in said:
        status = max(status, report, key=_rank)
    return _fate(status), status


def by_arrival(start: Start, said: Order) -> tuple[str, str]:
    """Broken: the last writer wins."""
    status = (start.first, *said)[-1]
    return _fate(status), status


Merge = Callable[[Start, Order], tuple[str, str]]
Report = Callable[..., bool]


def run(size: int, seed: int) -> Result:
    """All orders through the rule on paper, a part of them through PostgreSQL."""
    return _run(size, seed, by_rank, settling.report)


def _run(size: int, seed: int, merge: Merge, report: Report | None) -> Result:
    rng, tally = Random(seed), Tally()
    sample: list[Group] = []
    for start, some in orders(size, rng):
        ends = {merge(start, order) for order in some}
        tally.cases += len(some)
        expected = merged(start, some[0])
        if ends != {expected}:
            tally.violation(
                f"on paper, {start}: orders of {some[0]} end in {sorted(ends)}, and not in {expected}"
            )
        sample.append((start, rng.sample(some, min(len(some), max(len(some) // PART, 2)))))
    rng.shuffle(sample)
    first = list(short_orders()) if size >= PROOF.size else []
    most = max(size // PART, LEAST_IN_DATABASE)
    in_database = _through_the_database(first, sample, most, report, tally) if report else 0
    return tally.result(reports_at_most=LONGEST, starts=len(STARTS), orders_in_postgresql=in_database)


def _through_the_database(
    first: Sequence[Group], sample: Sequence[Group], most: int, report: Report, tally: Tally
) -> int:
    rng = Random(most)
    with paged.taken_back():
        desk = Desk(worlds.build(), report)
        done, most = 0, most + sum(len(some) for _, some in first)
        for number, (start, some) in enumerate([*first, *sample]):
            if done >= most:
                break
            moment = "after" if number < len(first) else rng.choice(MOMENTS)
            done += desk.compare(start, some, tally, moment=moment)
            teller.step(done, most)
    return done


MOMENTS = ("after", "after", "while it is sent", "while it is sent", "after the answer")


class Desk:
    """One page for each start, of which reports come in; every order begins from the same rows."""

    def __init__(self, world: World, report: Report) -> None:
        self.world, self.report = world, report
        self.pages: dict[Start, Page] = {}

    def page(self, start: Start) -> Page:
        """A page of this channel that a pager has in its hands."""
        if start not in self.pages:
            self.pages[start] = paged.claimed(self.world, start.channel)
        return self.pages[start]

    def compare(self, start: Start, some: Sequence[Order], tally: Tally, *, moment: str) -> int:
        """Every order must end as the merge says, and all of them alike."""
        ends: dict[End, Order] = {}
        for order in some:
            end = self.end(start, order, moment)
            ends.setdefault(end, order)
            expected = Fate.ANSWERED if moment == "after the answer" else merged(start, order)[0]
            tally.check(
                end[0] == expected, f"{moment}, {start}: {order} ends in {end[:3]}, and not in {expected}"
            )
            tally.faults[f"orders {moment}"] += 1
        if len(ends) > 1:
            two = [f"{order} ends in {end[:4]}" for end, order in list(ends.items())[:2]]
            tally.violation(f"{moment}, {start}: the order decides: {'; '.join(two)}")
        return len(some)

    def end(self, start: Start, order: Order, moment: str) -> End:
        """What the tables say in the end; all of it is taken back."""
        page = self.page(start)
        out = paged.routes(paged.Provider(start.channel, start.first, start.provider))
        early = len(order) // 2 if moment == "while it is sent" else 0
        with paged.taken_back(), mock.patch("paging.routes.configured", return_value=out):
            self._hear(page, start, order[:early])
            sending.deliver(page, routes=out, clock=lambda: self.world.now)
            if moment == "after the answer":
                self._answer(page)
            self._hear(page, start, order[early:])
            return _end(page)

    def _hear(self, page: Page, start: Start, order: Order) -> None:
        provider_id = f"{paged.PREFIXES[start.channel]}{1:032x}"
        for status in order:
            error = SAID[start.provider, start.channel][status]
            self.report(
                page_id=page.pk, provider_id=provider_id, status=status, error=error, now=self.world.now
            )

    def _answer(self, page: Page) -> None:
        assert page.escalation.referral
        assert page.person
        transitions.accept(page.escalation.referral.code, **self.world.press(page.person.username))
        waits.close_for_settled(now=self.world.now)


def _end(page: Page) -> End:
    row = Page.objects.get(pk=page.pk)
    climb = Escalation.objects.get(pk=row.escalation_id)
    known = sorted(Callback.objects.filter(provider_id=row.provider_id).values_list("event", flat=True))
    return row.fate, row.provider_status, row.error, row.machine, row.attempt, climb.next_at, tuple(known)


def _last_writer(*, page_id: int, provider_id: str, status: str, **rest: Any) -> bool:
    page = Page.objects.filter(pk=page_id).exclude(fate__in=[Fate.DUE, Fate.SENDING])
    return bool(page.update(fate=_fate(status), provider_status=status))


def _deaf_until_sent(*, page_id: int, **rest: Any) -> bool:
    if Page.objects.filter(pk=page_id, fate=Fate.SENDING).exists():
        return False
    return settling.report(page_id=page_id, **rest)


def _merged_otherwise(broken: str, merge: Merge, report: Report | None) -> Control:
    def check(size: int, seed: int) -> Result:
        return _run(size, seed, merge, report)

    return Control(broken=broken, run=check, size=400)


PROOF = Proof(
    promise="However early, late, often and in whatever order a provider's reports of a page come, they come to "
    "one end: the report with the highest rank; and an answered page stays answered.",
    unit="orders of up to seven reports",
    size=100_000,
    least=500,
    run=run,
    controls=(
        _merged_otherwise("on paper the last report wins", by_arrival, None),
        _merged_otherwise("in the table the last report wins", by_rank, _last_writer),
        _merged_otherwise(
            "a report that comes before the provider's answer is lost", by_rank, _deaf_until_sent
        ),
    ),
)
