"""The real network of a few regions with the cast in it, inside each test's transaction."""

from datetime import UTC, datetime

import pytest

from demo import cast, shifts
from network.models import Link, Membership, Network, Person, Site
from tests import kept
from tests.demo import country
from tests.kept import Kept
from workforce.models import Authorisation, Change, Operator, Shift
from workforce.rota_rows import RotaEvent

NOW = datetime(2026, 11, 21, 23, 0, tzinfo=UTC)
TABLES = (Network, Site, Link, Person, Membership, Authorisation, Operator, Change, Shift, RotaEvent)
_built: list[Kept] = []


@pytest.fixture
def now() -> datetime:
    return NOW


@pytest.fixture
def places(db: None) -> None:
    """A few networks as they really are, without people."""
    country.load()


@pytest.fixture
def house(db: None) -> None:
    """The same with the cast and the rota: built once in a process, and its rows put back then."""
    if _built:
        _built[0].put_back()
        return
    country.load()
    cast.load(now=NOW)
    shifts.keep(now=NOW)
    _built.append(kept.keep(TABLES))
