"""Texts by Twilio keep the contract, against our small Twilio."""

from collections.abc import Iterator

import pytest

from paging.simulator.config import SimulatorConfig
from paging.simulator.running import Simulator, running
from paging.transports.contract import Kind, Order, Outcome
from paging.transports.twilio import Account, TwilioSms
from tests.paging.transports import contract
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
