"""Fixtures of the API's tests: the clock stands at the world's night, and programs call as the cast."""

from collections.abc import Iterator

import pytest
import time_machine

from tests.api.callers import Caller, caller
from tests.world import World


@pytest.fixture
def clock(world: World) -> Iterator[time_machine.Traveller]:
    """The edge's clock, standing at the world's now."""
    with time_machine.travel(world.now, tick=False) as standing:
        yield standing


@pytest.fixture
def ada(world: World, clock: time_machine.Traveller) -> Caller:
    return caller(world, "ada")


@pytest.fixture
def ben(world: World, clock: time_machine.Traveller) -> Caller:
    return caller(world, "ben")


@pytest.fixture
def nia(world: World, clock: time_machine.Traveller) -> Caller:
    return caller(world, "nia")


@pytest.fixture
def zed(world: World, clock: time_machine.Traveller) -> Caller:
    return caller(world, "zed")
