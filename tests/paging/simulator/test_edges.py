"""The edges: a broken password, a broken body, a taken port, an application that does not answer in time."""

import json
import socket
from dataclasses import replace

import pytest
import requests

from paging.simulator.client import ControlClient, ControlError
from paging.simulator.config import SimulatorConfig
from paging.simulator.running import Simulator, running
from tests.paging.simulator.application import NEVER, Application
from tests.paging.simulator.conftest import ACCOUNT, OURS, PATIENCE, TOKEN, Sdk

BEN = "+447700900101"


@pytest.mark.parametrize("header", ["", "Basic", "Basic !!!", "Basic YWJj", "Bearer token"])
def test_a_password_that_cannot_be_read_is_a_wrong_password(simulator: Simulator, header: str) -> None:
    url = f"{simulator.url}/2010-04-01/Accounts/{ACCOUNT}/Messages.json"
    answer = requests.get(url, headers={"Authorization": header}, timeout=PATIENCE)
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"].startswith("Basic")
    assert answer.json()["code"] == 20003


def test_the_health_of_the_simulator_is_no_secret(simulator: Simulator) -> None:
    assert requests.get(f"{simulator.url}/healthz", timeout=PATIENCE).json() == {"status": "ok"}


@pytest.mark.parametrize("query", ["PageSize=many", "Page=-1", "DateSent>=yesterday"])
def test_a_question_that_cannot_be_understood_is_refused(simulator: Simulator, query: str) -> None:
    url = f"{simulator.url}/2010-04-01/Accounts/{ACCOUNT}/Messages.json?{query}"
    answer = requests.get(url, auth=(ACCOUNT, TOKEN), timeout=PATIENCE)
    assert (answer.status_code, answer.json()["code"]) == (400, 20001)


def test_a_day_without_a_time_is_the_whole_day(twilio: Sdk, simulator: Simulator) -> None:
    twilio.messages.create(to=BEN, from_=OURS, body="R7K2")
    simulator.settle()
    url = f"{simulator.url}/2010-04-01/Accounts/{ACCOUNT}/Messages.json"
    sent = twilio.messages.list()[0].date_sent
    assert sent is not None
    for name in ["DateSent", "DateSent<", "DateSent>"]:
        answer = requests.get(url, {name: str(sent.date())}, auth=(ACCOUNT, TOKEN), timeout=PATIENCE)
        assert len(answer.json()["messages"]) == 1


@pytest.mark.parametrize(("body", "status"), [(b"{", 400), (b"[]", 400), (json.dumps({}).encode(), 400)])
def test_a_reply_that_says_nothing_is_refused(simulator: Simulator, body: bytes, status: int) -> None:
    url = f"{simulator.url}/control/phones/%2B447700900101/reply"
    assert requests.post(url, body, auth=(ACCOUNT, TOKEN), timeout=PATIENCE).status_code == status
    assert simulator.ledger("inbound") == []


def test_a_reply_need_not_wait_for_the_application(simulator: Simulator, application: Application) -> None:
    sid = simulator.reply(BEN, "4F7K", to=OURS, wait=False)
    simulator.settle()
    assert application.forms("/inbound")[0]["MessageSid"] == sid


def test_an_application_that_is_too_slow_is_not_asked_again(
    config: SimulatorConfig, twilio: Sdk, application: Application
) -> None:
    application.slow_seconds = NEVER
    with running(replace(config, total_timeout=0.05)) as simulator:
        simulator.reply(BEN, "4F7K")
        [line] = simulator.ledger("inbound")
    assert (line["attempts"], line["http_status"]) == (1, None)
    assert str(line["error"]).startswith("11200")


def test_a_port_that_is_taken_is_said_at_once(config: SimulatorConfig) -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as other,
        pytest.raises(OSError, match="address already in use"),
        running(config, port=other.getsockname()[1]),
    ):
        pytest.fail("It cannot have started.")


def test_a_simulator_that_is_gone_is_an_error_and_not_an_empty_world(config: SimulatorConfig) -> None:
    with running(config) as simulator:
        url = simulator.url
    with pytest.raises(OSError, match="refused"):
        ControlClient(url, account_sid=ACCOUNT, auth_token=TOKEN).phones()


def test_what_does_not_exist_under_control_is_not_found(simulator: Simulator) -> None:
    with pytest.raises(ControlError) as refused:
        simulator.phone("nobody/at/all")
    assert refused.value.status == 404
