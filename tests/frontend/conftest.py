"""Fixtures: the doors through which the people of the small world come in, at the world's time."""

import pytest
from django.test import Client

from tests.frontend.browser import Door, Phones
from tests.world import World


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
