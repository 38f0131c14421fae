"""The real network of a few regions with the cast in it, inside each test's transaction."""

from datetime import UTC, datetime

import pytest

from demo import cast, shifts
from tests.demo import country

NOW = datetime(2026, 11, 21, 23, 0, tzinfo=UTC)


@pytest.fixture
def now() -> datetime:
    return NOW


@pytest.fixture
def places(db: None) -> None:
    """A few networks as they really are, without people."""
    country.load()


@pytest.fixture
def house(places: None, now: datetime) -> None:
    """The same with the cast and the rota."""
    cast.load(now=now)
    shifts.keep(now=now)
