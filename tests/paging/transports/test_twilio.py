"""Texts by Twilio keep the contract, against our small Twilio."""

from collections.abc import Iterator

import pytest

from paging.simulator.config import SimulatorConfig
from paging.simulator.running import Simulator, running
from paging.transports.contract import Kind, Order, Outcome
from paging.transports.twilio import Account, TwilioSms
from tests.paging.transports import contract, raw
from tests.paging.transports.contract import PATIENT, Way

ACCOUNT, TOKEN, OURS = "AC" + "5" * 32, "token-of-the-account", "+447700900999"
BEN = "+447700900101"


@pytest.fixture(scope="module")
def served() -> Iterator[Simulator]:
    config = SimulatorConfig(account_sid=ACCOUNT, auth_token=TOKEN, numbers=(OURS,), inbound_url="")
    with running(config.without_delays()) as simulator:
        yield simulator


class TwilioStand:
    has_ids = True
    half_an_answer = Kind.AGAIN
    secrets = (TOKEN,)

    def __init__(self, simulator: Simulator, monkeypatch: pytest.MonkeyPatch) -> None:
        self.simulator, self._monkeypatch = simulator, monkeypatch

    def way(self, *, timeout: float = PATIENT, url: str = "") -> Way:
        self._monkeypatch.setattr("paging.transports.twilio.TIMEOUT", timeout)
        account = Account(sid=ACCOUNT, token=TOKEN, number=OURS, base_url=url or self.simulator.url)
        return Way(TwilioSms(account), good=BEN, bad="+44770090")

    def another(self, number: int, *, good: bool) -> str:
        return f"+447700900{number:03d}" if good else f"+44770090{number:03d}"

    def order_fault(self, action: str) -> None:
        self.simulator.order_faults({"action": action})

    def reached(self, outcome: Outcome, order: Order) -> bool:
        made = {line["sid"]: line["to"] for line in self.simulator.ledger("request")}
        return made.get(outcome.provider_id) == order.to


class TestTwilio(contract.Contract):
    """The contract."""

    @pytest.fixture
    def stand(self, served: Simulator, monkeypatch: pytest.MonkeyPatch) -> Iterator[TwilioStand]:
        yield TwilioStand(served, monkeypatch)
        served.reset()


def _answered(status: bytes, body: bytes) -> Outcome:
    """What is made of this answer, whoever gave it."""
    head = b"HTTP/1.1 %s X\r\nContent-Length: %d\r\nConnection: close\r\n\r\n" % (status, len(body))
    with raw.server(head + body) as other:
        account = Account(sid=ACCOUNT, token=TOKEN, number=OURS, base_url=other.url)
        return TwilioSms(account).send(Order(page_id=1, to=BEN, words="x"))


@pytest.mark.parametrize(
    "sid", [b'"ok"', b"7", b'["x"]', b'{"a": 1}', b'"SM%s"' % (b"f" * 300), b'"SM"', b"null"]
)
def test_an_id_that_is_none_of_twilios_is_no_answer(sid: bytes) -> None:
    """It could not even be kept: the page would be sent again and again."""
    outcome = _answered(b"201", b'{"sid": %s, "status": "queued"}' % sid)
    assert outcome == Outcome(Kind.AGAIN, error="unanswered")


def test_a_status_that_is_far_too_long_is_kept_as_far_as_it_can_be() -> None:
    sid = b"SM" + b"0" * 32
    outcome = _answered(b"201", b'{"sid": "%s", "status": "%s"}' % (sid, b"s" * 300))
    assert outcome == Outcome(Kind.ACCEPTED, sid.decode(), "s" * 24)


@pytest.mark.parametrize(
    "code", [b'"%s"' % (b"x" * 300), b"{}", b'["a"]', b'"Robert"', b"12345678901", b"true"]
)
def test_a_code_that_is_none_of_twilios_is_told_by_its_http_status(code: bytes) -> None:
    said = b'{"code": %s, "message": "x", "status": 500}' % code
    assert _answered(b"500", said) == Outcome(Kind.AGAIN, error="500")
    assert _answered(b"403", said) == Outcome(Kind.REFUSED, error="403")


def test_an_error_whose_status_is_no_number_is_no_answer() -> None:
    said = b'{"type": "about:blank", "title": "x", "status": "bad", "code": 20003}'
    assert _answered(b"500", said) == Outcome(Kind.AGAIN, error="unanswered")


def test_an_error_in_the_newer_form_says_its_code() -> None:
    said = b'{"type": "about:blank", "title": "x", "status": 400, "code": 21614}'
    assert _answered(b"400", said) == Outcome(Kind.REFUSED, error="21614")
