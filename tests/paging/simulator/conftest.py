"""A simulator, an application for its webhooks, and Twilio's real SDK pointed at it."""

import contextlib
from collections.abc import Iterator
from typing import Any, cast

import pytest
from twilio.http.http_client import TwilioHttpClient
from twilio.rest import Client

from paging.simulator.config import SimulatorConfig
from paging.simulator.running import Simulator, running
from tests.paging.simulator import application as applications
from tests.paging.simulator.application import Application

# The SDK's annotations are wrong (a status is a string, not a `Status`), so tests take it as it behaves.
type Sdk = Any

PATIENCE = 60.0  # seconds; a machine that stopped for a moment is no fault of what is tested
ACCOUNT, TOKEN, OURS = "AC" + "1" * 32, "token-of-the-account", "+447700900999"


@pytest.fixture
def application() -> Iterator[Application]:
    with applications.listening() as listening:
        yield listening


@pytest.fixture
def config(application: Application) -> SimulatorConfig:
    """An account on a network without delays."""
    return SimulatorConfig(
        account_sid=ACCOUNT,
        auth_token=TOKEN,
        numbers=(OURS,),
        inbound_url=f"{application.url}/inbound",
        voice_url=f"{application.url}/voice",
    ).without_delays()


@pytest.fixture
def simulator(config: SimulatorConfig) -> Iterator[Simulator]:
    with running(config) as simulator:
        yield simulator


@contextlib.contextmanager
def speaking_to(
    url: str, *, username: str = ACCOUNT, password: str = TOKEN, account: str | None = None
) -> Iterator[Sdk]:
    """Twilio's SDK, as Dido uses it: a time-out, and another base address."""
    http = cast(Any, TwilioHttpClient)(timeout=PATIENCE)
    client = cast(Any, Client)(username, password, account, http_client=http)
    client.api.base_url = url
    try:
        yield client
    finally:
        http.session.close()


@pytest.fixture
def twilio(simulator: Simulator) -> Iterator[Sdk]:
    with speaking_to(simulator.url) as client:
        yield client
