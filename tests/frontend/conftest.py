"""Fixtures: the doors through which the people of the small world come in, at the world's time."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
import time_machine
from django.test import Client
from pytest_django import Settings

from paging.simulator.config import SimulatorConfig
from paging.simulator.running import Simulator, running
from tests.frontend import handsets
from tests.frontend.browser import Door, Phones
from tests.world import NIGHT, World


@pytest.fixture
def worlds_clock(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The screens' clock is the world's."""
    monkeypatch.setattr("django.utils.timezone.now", lambda: world.now)


@pytest.fixture
def door(world: World, worlds_clock: None) -> Door:
    """A browser in which this person has signed in."""

    def signed_in(username: str) -> Client:
        client = Client()
        client.force_login(world.people[username])
        return client

    return signed_in


@pytest.fixture
def phones() -> Phones:
    """A provider that takes every message."""
    return Phones()


@pytest.fixture(scope="session")
def simulators() -> Iterator[Simulator]:
    """One simulator for every test of the page of phones."""
    config = SimulatorConfig(
        account_sid=handsets.ACCOUNT,
        auth_token=handsets.TOKEN,
        numbers=(handsets.OURS,),
        inbound_url=handsets.NOBODY_LISTENS,
    )
    with running(replace(config.without_delays(), unreachable_after=None)) as simulator:
        yield simulator


@pytest.fixture
def simulator(simulators: Simulator, settings: Settings) -> Simulator:
    """An empty simulator, to which the settings point."""
    simulators.reset()
    settings.DEMO = True
    settings.PUBLIC_URL = "https://dido.example"
    settings.TWILIO_API_URL, settings.SIMULATOR_PORT = simulators.url, 1
    settings.TWILIO_ACCOUNT_SID, settings.TWILIO_AUTH_TOKEN = handsets.ACCOUNT, handsets.TOKEN
    settings.TWILIO_FROM = handsets.OURS
    return simulators


@pytest.fixture
def real_night() -> Iterator[None]:
    """The clock of the whole process, the simulator's too, is the world's."""
    with time_machine.travel(NIGHT):
        yield
