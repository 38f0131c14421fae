"""What every transport promises, as one suite: against its simulator with faults, and in part against the live service.

A transport's test module gives a class of its own with a `stand` (tests.paging.transports.test_notify), the script for
live services a `way` (tests.paging.transports.live). A test here knows nothing of any provider.
"""

import logging
import socket
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, ClassVar, Protocol

import pytest
from django.db import connection

from paging.transports.contract import Kind, Order, Outcome, Remembers, Transport
from tests.paging.transports import raw

PATIENT, HASTY = 60.0, 0.4  # seconds; the second where silence is what is tested
WORDS = "STROKE Walton: referral R7K2 from Arrowe Park 03:10. Reply 4F7K to accept."
THREADS, EACH = 20, 3
NEVER = 600.0
NOBODYS = "00000000-0000-4000-8000-000000000000"


@dataclass(frozen=True)
class Way:
    """A transport and whom it can reach."""

    transport: Transport
    good: str
    bad: str
    words: str = WORDS


class Stand(Protocol):
    """A simulator at the other end of a transport."""

    has_ids: bool
    half_an_answer: Kind  # what a good status with a body that cannot be read means
    secrets: tuple[str, ...]

    def way(self, *, timeout: float = PATIENT, url: str = "") -> Way:
        """The transport with this time-out, going to the simulator or elsewhere."""

    def another(self, number: int, *, good: bool) -> str:
        """The address of the so-and-so-manieth person, who can be reached or not."""

    def order_fault(self, action: str) -> None:
        """Let the next request go wrong."""

    def reached(self, outcome: Outcome, order: Order) -> bool:
        """Does the provider know this outcome as that of this very order?"""


class Promises:
    """What can be shown of a live service too, with one real page."""

    @pytest.fixture
    def way(self) -> Way:
        raise NotImplementedError

    def test_a_page_that_is_accepted_has_a_status(self, way: Way) -> None:
        outcome = way.transport.send(Order(page_id=71, to=way.good, words=way.words))
        assert (outcome.kind, outcome.error) == (Kind.ACCEPTED, "")
        assert outcome.status
        if outcome.provider_id:
            report = way.transport.status(outcome.provider_id)
            assert report is not None
            assert report.status

    def test_a_page_that_was_handed_over_is_found_again_by_who_remembers(self, way: Way) -> None:
        if not isinstance(way.transport, Remembers):
            assert way.transport.channel != "sms", "a text may be sent twice"
            return
        order = Order(page_id=73, to=way.good, words=f"{way.words} Once.")
        assert way.transport.earlier(order) is None
        outcome = way.transport.send(order)
        found = way.transport.earlier(order)
        assert found
        assert (found.kind, found.provider_id) == (Kind.ACCEPTED, outcome.provider_id)
        another = Order(page_id=74, to=way.good, words=f"{way.words} Another.")
        assert way.transport.earlier(another) is None

    def test_an_address_that_cannot_be_reached_is_refused_with_a_code(self, way: Way) -> None:
        outcome = way.transport.send(Order(page_id=72, to=way.bad, words=way.words))
        assert outcome.kind is Kind.REFUSED
        assert outcome.error

    @pytest.mark.parametrize("unknown", [NOBODYS, "SM" + "0" * 32, "x", "../.."])
    def test_nothing_is_known_of_an_unknown_page(self, way: Way, unknown: str) -> None:
        assert way.transport.status(unknown) is None


class Contract(Promises):
    """All of it, against a simulator."""

    SILENT: ClassVar = ["timeout:600", "accept_then_timeout:600", "slow:600"]
    AGAIN: ClassVar = [
        "reset", "accept_then_reset", "status:429", "status:500", "status:502html", "status:503", "status:504html",
    ]  # fmt: skip

    @pytest.fixture
    def stand(self) -> Stand:
        raise NotImplementedError

    @pytest.fixture
    def way(self, stand: Stand) -> Way:
        return stand.way()

    @pytest.fixture
    def committed(self, stand: Stand) -> Stand:
        """The stand as several threads see it at once."""
        return stand

    def test_an_accepted_page_has_the_providers_id_where_there_is_one(self, stand: Stand, way: Way) -> None:
        order = Order(page_id=73, to=way.good, words=way.words)
        outcome = way.transport.send(order)
        assert bool(outcome.provider_id) is stand.has_ids
        assert stand.reached(outcome, order)

    @pytest.mark.parametrize("action", AGAIN)
    def test_what_may_pass_is_tried_again(self, stand: Stand, way: Way, action: str) -> None:
        stand.order_fault(action)
        outcome = way.transport.send(Order(page_id=74, to=way.good, words=way.words))
        assert (outcome.kind, outcome.provider_id) == (Kind.AGAIN, "")
        assert outcome.error
        again = way.transport.send(Order(page_id=74, to=way.good, words=way.words))
        assert again.kind is Kind.ACCEPTED

    @pytest.mark.parametrize("action", SILENT)
    def test_a_provider_that_keeps_silent_holds_nobody(self, stand: Stand, action: str) -> None:
        hasty = stand.way(timeout=HASTY)
        stand.order_fault(action)
        outcome = hasty.transport.send(Order(page_id=75, to=hasty.good, words=hasty.words))
        assert outcome == Outcome(Kind.AGAIN, error="unanswered")

    def test_half_an_answer_is_read_as_far_as_it_goes(self, stand: Stand, way: Way) -> None:
        stand.order_fault("wrong_json")
        outcome = way.transport.send(Order(page_id=76, to=way.good, words=way.words))
        assert outcome.kind is stand.half_an_answer

    @pytest.mark.parametrize("answer", [raw.NOT_HTTP, b"HTTP/1.1 2", b"\r\n"])
    def test_an_answer_in_another_language_is_none(self, stand: Stand, answer: bytes) -> None:
        with raw.server(answer) as other:
            elsewhere = stand.way(url=other.url)
            outcome = elsewhere.transport.send(Order(page_id=77, to=elsewhere.good, words=elsewhere.words))
        assert outcome == Outcome(Kind.AGAIN, error="unanswered")

    @pytest.mark.parametrize("answer", [raw.HTML, raw.NOTHING, *raw.OTHER_JSON.values()])
    def test_an_answer_that_says_nothing_is_read_as_far_as_it_goes(self, stand: Stand, answer: bytes) -> None:
        with raw.server(answer) as other:
            elsewhere = stand.way(url=other.url)
            outcome = elsewhere.transport.send(Order(page_id=77, to=elsewhere.good, words=elsewhere.words))
        assert outcome.kind is stand.half_an_answer

    def test_nobody_at_the_other_end_is_no_answer(self, stand: Stand) -> None:
        elsewhere = stand.way(url=raw.nobody())
        outcome = elsewhere.transport.send(Order(page_id=78, to=elsewhere.good, words=elsewhere.words))
        assert outcome == Outcome(Kind.AGAIN, error="unanswered")

    def test_an_answer_that_drips_is_given_up(self, stand: Stand) -> None:
        with raw.server(raw.DRIP, drips=True) as other:
            hasty = stand.way(timeout=HASTY, url=other.url)
            outcome = hasty.transport.send(Order(page_id=79, to=hasty.good, words=hasty.words))
            assert other.asked.wait(PATIENT)
            assert not other.answered.is_set()
        assert outcome == Outcome(Kind.AGAIN, error="unanswered")

    def test_a_name_that_is_not_resolved_is_given_up(
        self, stand: Stand, stuck_names: threading.Event
    ) -> None:
        hasty = stand.way(timeout=HASTY)
        outcome = hasty.transport.send(Order(page_id=80, to=hasty.good, words=hasty.words))
        assert not stuck_names.is_set()
        assert outcome == Outcome(Kind.AGAIN, error="unanswered")

    @pytest.fixture
    def stuck_names(self, monkeypatch: pytest.MonkeyPatch) -> Iterator[threading.Event]:
        """No name of a provider is resolved until the test is over."""
        over, asks = threading.Event(), socket.getaddrinfo

        def resolve(*args: Any, **options: Any) -> Any:
            if threading.current_thread().name == "provider":
                over.wait(NEVER)
            return asks(*args, **options)

        monkeypatch.setattr(socket, "getaddrinfo", resolve)
        yield over
        over.set()

    def test_a_provider_that_cannot_be_asked_knows_nothing(self, stand: Stand) -> None:
        assert stand.way(url=raw.nobody()).transport.status(NOBODYS) is None
        if isinstance(deaf := stand.way(url=raw.nobody()).transport, Remembers):
            assert deaf.earlier(Order(page_id=1, to="+447700900101", words=WORDS)) is None
        for answer in (raw.HTML, raw.NOTHING, *raw.OTHER_JSON.values()):
            with raw.server(answer) as other:
                assert stand.way(url=other.url).transport.status(NOBODYS) is None
        with raw.server(raw.DRIP, drips=True) as other:
            hasty = stand.way(timeout=HASTY, url=other.url)
            assert hasty.transport.status(NOBODYS) is None

    def test_on_many_threads_every_outcome_belongs_to_its_order(self, committed: Stand) -> None:
        transport = committed.way().transport
        orders = [
            Order(page_id=1000 + n, to=committed.another(n, good=n % 3 != 0), words=f"{WORDS[:40]} {n}")
            for n in range(THREADS * EACH)
        ]
        outcomes = _at_once(transport.send, orders)
        for n, (order, outcome) in enumerate(zip(orders, outcomes, strict=True)):
            assert outcome.kind is (Kind.ACCEPTED if n % 3 else Kind.REFUSED), order
            if n % 3:
                assert committed.reached(outcome, order)
        ids = [outcome.provider_id for outcome in outcomes if outcome.provider_id]
        assert len(ids) == len(set(ids))

    @pytest.mark.parametrize("action", ["", "status:500", "status:403", "reset", "wrong_json"])
    def test_no_secret_is_logged(
        self, stand: Stand, way: Way, caplog: pytest.LogCaptureFixture, action: str
    ) -> None:
        caplog.set_level(logging.DEBUG)
        if action:
            stand.order_fault(action)
        for to in (way.good, way.bad):
            way.transport.send(Order(page_id=81, to=to, words=way.words))
        way.transport.status(NOBODYS)
        logged = " ".join(f"{record.getMessage()} {record.__dict__}" for record in caplog.records)
        assert [secret for secret in (*stand.secrets, way.words) if secret and secret in logged] == []


def _at_once(send: Callable[[Order], Outcome], orders: list[Order]) -> list[Outcome]:
    """Each thread begins when all are there, and gives its database connection back."""
    gate = threading.Barrier(THREADS)

    def work(mine: list[Order]) -> list[Outcome]:
        try:
            gate.wait(NEVER)
            return [send(order) for order in mine]
        finally:
            connection.close()

    with ThreadPoolExecutor(THREADS) as pool:
        done = list(pool.map(work, [orders[n::THREADS] for n in range(THREADS)]))
    outcomes: dict[int, Outcome] = {}
    for n, found in enumerate(done):
        outcomes.update(zip(range(n, len(orders), THREADS), found, strict=True))
    return [outcomes[n] for n in range(len(orders))]
