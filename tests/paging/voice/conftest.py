"""Fixtures: a desk whose calls are taken by a provider and answered by whoever the test likes, and one such call."""

import pytest
from pytest_django import Settings

from tests.paging import doors, tables
from tests.paging.doors import Line
from tests.paging.tables import Postbox, Tables
from tests.world import World


@pytest.fixture
def desk(world: World, twilio_settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Tables:
    """Dido's own ladders, with texts and calls that are taken and never answered."""
    doors.at_public_address(world, twilio_settings, monkeypatch)
    return tables.over(world, Postbox(), Postbox(channel="voice"), monkeypatch=monkeypatch)


@pytest.fixture
def line(desk: Tables) -> Line:
    """Ben is in the call of the second rung."""
    desk.refers()
    desk.wind(seconds=90)
    return doors.line_of(desk, "ben")
