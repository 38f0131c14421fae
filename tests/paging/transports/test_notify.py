"""GOV.UK Notify keeps the contract, against our small Notify; and says which class of refusal it met."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from paging.simulator_notify.config import NotifyConfig
from paging.simulator_notify.running import Simulator, running
from paging.transports.contract import Kind, Order, Outcome, Report
from paging.transports.notify import Notify
from tests.paging.transports import contract
from tests.paging.transports.contract import PATIENT, Way

SERVICE, SECRET = "26785a09-ab16-4eb0-8407-a37497a57506", "3d844edf-8d35-48ac-975b-e847b4f122b0"
KEY = f"dido_live-{SERVICE}-{SECRET}"
TEMPLATE = "f33517ff-2a88-4f6e-b855-c550268ce08a"
BEN = "+447700900101"
ORDER = Order(page_id=4711, to=BEN, words="R7K2 from Arrowe Park")


@pytest.fixture(scope="module")
def served() -> Iterator[Simulator]:
    with running(NotifyConfig(api_key=KEY, template_id=TEMPLATE).without_delays()) as simulator:
        yield simulator


@pytest.fixture
def simulator(served: Simulator) -> Iterator[Simulator]:
    yield served
    served.reset()


@pytest.fixture
def transport(simulator: Simulator) -> Notify:
    return Notify(api_key=KEY, template_id=TEMPLATE, base_url=simulator.url)


class NotifyStand:
    has_ids = True
    half_an_answer = Kind.AGAIN
    secrets = (SECRET, KEY)

    def __init__(self, simulator: Simulator) -> None:
        self.simulator = simulator

    def way(self, *, timeout: float = PATIENT, url: str = "") -> Way:
        base = url or self.simulator.url
        transport = Notify(api_key=KEY, template_id=TEMPLATE, base_url=base, timeout=timeout)
        return Way(transport, good=BEN, bad="+44770090")

    def another(self, number: int, *, good: bool) -> str:
        return f"+447700900{number:03d}" if good else f"+44770090{number:03d}"

    def order_fault(self, action: str) -> None:
        self.simulator.order_faults({"action": action})

    def reached(self, outcome: Outcome, order: Order) -> bool:
        made = {line["id"]: line["to"] for line in self.simulator.ledger("request")}
        return made.get(outcome.provider_id) == order.to


class TestNotify(contract.Contract):
    """The contract."""

    @pytest.fixture
    def stand(self, simulator: Simulator) -> NotifyStand:
        return NotifyStand(simulator)


def test_the_words_and_our_reference_arrive(transport: Notify, simulator: Simulator) -> None:
    outcome = transport.send(ORDER)
    simulator.settle()
    assert simulator.received(BEN) == [ORDER.words]
    assert outcome == Outcome(Kind.ACCEPTED, outcome.provider_id, "created")
    assert transport.status(outcome.provider_id) == Report("delivered")


@pytest.mark.parametrize("ends", ["permanent-failure", "temporary-failure", "technical-failure"])
def test_a_text_that_failed_says_why(transport: Notify, simulator: Simulator, ends: str) -> None:
    simulator.change_phone(BEN, ends=ends)
    sent = transport.send(ORDER)
    simulator.settle()
    assert transport.status(sent.provider_id) == Report(ends, ends)


def test_a_text_of_which_nothing_is_heard_is_still_being_sent(
    transport: Notify, simulator: Simulator
) -> None:
    simulator.change_phone(BEN, ends="never")
    sent = transport.send(ORDER)
    simulator.settle()
    assert transport.status(sent.provider_id) == Report("sending")


@pytest.mark.parametrize(
    ("to", "error"),
    [
        ("+4477009", "notify:number"),
        ("+447700900101999", "notify:number"),
        ("+441514960123", "notify:number"),
        ("BEN", "notify:number"),
        ("", "notify:number"),
        ("+33612345678", "notify:country"),
    ],
)
def test_a_number_that_notify_refuses_is_told_from_a_country(transport: Notify, to: str, error: str) -> None:
    assert transport.send(Order(page_id=1, to=to, words="x")) == Outcome(Kind.REFUSED, error=error)


def test_a_service_in_trial_mode_is_our_own_mistake(transport: Notify, simulator: Simulator) -> None:
    simulator.change_service(trial_team=["+447700900199"])
    assert transport.send(ORDER) == Outcome(Kind.REFUSED, error="notify:trial")
    simulator.change_service(trial_team=[BEN])
    assert transport.send(ORDER).kind is Kind.ACCEPTED


def test_the_days_limit_is_final_and_the_minutes_is_not(transport: Notify, simulator: Simulator) -> None:
    simulator.change_service(daily_limit=0)
    assert transport.send(ORDER) == Outcome(Kind.REFUSED, error="notify:limit")
    simulator.change_service(daily_limit=None)
    simulator.order_faults({"action": "status:429"})
    assert transport.send(ORDER) == Outcome(Kind.AGAIN, error="429")


@pytest.mark.parametrize(
    ("key", "template", "error"),
    [
        (KEY.replace("3d844edf", "3d844ede"), TEMPLATE, "notify:key"),
        (KEY.replace("26785a09", "26785a00"), TEMPLATE, "notify:key"),
        ("nonsense", TEMPLATE, "notify:key"),
        ("", TEMPLATE, "notify:key"),
        (KEY, TEMPLATE.replace("f33517ff", "f33517fe"), "notify:template"),
        (KEY, "no-uuid", "notify:template"),
    ],
)
def test_our_own_mistakes_are_told_apart(simulator: Simulator, key: str, template: str, error: str) -> None:
    wrong = Notify(api_key=key, template_id=template, base_url=simulator.url)
    assert wrong.send(ORDER) == Outcome(Kind.REFUSED, error=error)


def test_a_clock_that_is_wrong_is_told_from_a_wrong_key(
    transport: Notify, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("notifications_python_client.authentication.epoch_seconds", lambda: 1_600_000_000)
    assert transport.send(ORDER) == Outcome(Kind.REFUSED, error="notify:clock")


def test_words_that_do_not_fit_the_template_are_our_own_mistake(transport: Notify) -> None:
    assert transport.send(Order(page_id=1, to=BEN, words="x" * 919)).error == "notify:template"


def test_a_refusal_that_is_not_notifys_comes_from_somebody_on_the_way(
    transport: Notify, simulator: Simulator
) -> None:
    simulator.order_faults({"action": "status:403html"})
    assert transport.send(ORDER) == Outcome(Kind.AGAIN, error="unanswered")


def test_texts_that_a_dead_webhook_missed_are_found_in_order(transport: Notify, simulator: Simulator) -> None:
    before = datetime.now(UTC)
    simulator.change_phone(BEN, name="Ben")
    first, second = (simulator.reply(BEN, words) for words in ("4F7K", "X4F7K"))
    found = transport.texts_since(before - timedelta(seconds=1))
    assert [(text.provider_id, text.sender, text.words) for text in found] == [
        (first, BEN, "4F7K"),
        (second, BEN, "X4F7K"),
    ]
    assert transport.texts_since(datetime.now(UTC) + timedelta(seconds=1)) == []


def test_an_inbox_that_does_not_answer_is_empty(transport: Notify, simulator: Simulator) -> None:
    simulator.change_phone(BEN, name="Ben")
    simulator.reply(BEN, "4F7K")
    simulator.order_faults({"action": "status:500"}, {"action": "wrong_json"})
    since = datetime.now(UTC) - timedelta(minutes=1)
    assert [transport.texts_since(since) for _ in range(2)] == [[], []]
    assert len(transport.texts_since(since)) == 1
