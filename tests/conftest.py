"""Fixtures only: the test database, the small network, and connections that leave nothing behind."""

import gc
from collections.abc import AsyncIterator, Iterator

import pytest
import pytest_asyncio
from asgiref.sync import sync_to_async
from django.db import connection, connections
from django.test import TransactionTestCase
from hypothesis import HealthCheck, settings
from whitenoise.base import WhiteNoise

from tests import emptying, pristine
from tests import world as worlds
from tests.world import World

# How long an example takes says how busy the machine is, and nothing of what is tested.
settings.register_profile("dido", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("dido")


LONG = (
    "tests/machine/test_house.py",
    "tests/demo/test_director.py",
    "tests/prove/",
    "tests/realtime/test_two_",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What takes long is begun early, so that at the end no process waits for another."""
    items.sort(key=lambda item: not item.nodeid.startswith(LONG))


def pytest_collection_finish() -> None:
    """Everything that was imported stays to the end: the garbage collector need not look at it again and again."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session", autouse=True)
def static_files_are_looked_for_once() -> Iterator[None]:
    """A web process does it as it begins; here each test's client begins anew."""
    look, found = WhiteNoise.update_files_dictionary, {}

    def remembered(self: WhiteNoise, root: str, prefix: str) -> None:
        before = self.files
        if (root, prefix) not in found:
            self.files = {}
            look(self, root, prefix)
            found[root, prefix] = self.files
        self.files = {**before, **found[root, prefix]}

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(WhiteNoise, "update_files_dictionary", remembered)
        yield


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    django_db_modify_db_settings_parallel_suffix: None,
    django_db_use_migrations: bool,
    django_db_blocker: pytest.FixtureRequest,
) -> None:
    """The test database is a copy of one that was migrated before."""
    if django_db_use_migrations:
        with django_db_blocker.unblock():  # type: ignore[attr-defined]
            connection.settings_dict["TEST"]["TEMPLATE"] = pristine.made()


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: pytest.FixtureRequest) -> Iterator[None]:
    """The test database alone may be emptied between tests: the event trail refuses it everywhere else."""
    with django_db_blocker.unblock():  # type: ignore[attr-defined]
        name = connection.settings_dict["NAME"]
        with connection.cursor() as cursor:
            cursor.execute(f'alter database "{name}" set dido.may_truncate = on')
        connection.close()
        connection.close_pool()  # type: ignore[attr-defined]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", lambda _case: emptying.empty())
        yield
    connection.close_pool()  # type: ignore[attr-defined]


@pytest.fixture
def world(db: None) -> World:
    """The small network, inside this test's transaction."""
    return worlds.again()


@pytest.fixture
def open_world(transactional_db: None) -> World:
    """The small network, committed: for tests with several connections, sockets or processes."""
    return worlds.again()


@pytest_asyncio.fixture
async def quiet_connections() -> AsyncIterator[None]:
    """Async tests give back the connections that they opened on the event loop's threads."""
    yield
    await sync_to_async(connections.close_all)()
