"""A database with every migration and no row of ours: made once, and copied for each process that tests.

Called when the test database is made, and for the journeys' house. To migrate takes ten seconds of a core, most of them
for models as they once were; a copy takes a fraction of one. It stays on the server until a migration changes.
"""

import contextlib
import hashlib
from collections.abc import Iterator
from pathlib import Path

import django
from django.apps import apps
from django.core.management import call_command
from django.db import connection

FAMILY = "test_dido_pristine_"
BUILDING = "test_dido_building"
TURN = 7_301_964_218  # one makes it, and whoever comes meanwhile waits for it


def made() -> str:
    """Its name; it is there."""
    wanted = FAMILY + _fingerprint()
    with connection._nodb_cursor() as cursor:
        cursor.execute("select pg_advisory_lock(%s)", [TURN])
        cursor.execute("select datname from pg_database where starts_with(datname, %s)", [FAMILY])
        there = {name for (name,) in cursor.fetchall()}
        if wanted not in there:
            for older in [*there, BUILDING]:
                cursor.execute(f'drop database if exists "{older}" with (force)')
            cursor.execute(f'create database "{BUILDING}"')
            _migrate(BUILDING)
            cursor.execute(f'alter database "{BUILDING}" rename to "{wanted}"')
            cursor.execute(f'alter database "{wanted}" allow_connections false')
    return wanted


@contextlib.contextmanager
def copied(name: str) -> Iterator[str]:
    """A copy under this name, for as long as the block lasts; its address."""
    template = made()
    away = f'drop database if exists "{name}" with (force)'
    with connection._nodb_cursor() as cursor:
        cursor.execute(away)
        cursor.execute(f'create database "{name}" template "{template}"')
    known = connection.get_connection_params()
    try:
        yield f"postgresql://{known['user']}:{known['password']}@{known['host']}:{known['port']}/{name}"
    finally:
        with connection._nodb_cursor() as cursor:
            cursor.execute(away)


def _fingerprint() -> str:
    """Other migrations give another one."""
    read = hashlib.sha256(django.get_version().encode())
    for app in apps.get_app_configs():
        for path in sorted(Path(app.path, "migrations").glob("*.py")):
            read.update(f"{app.label} {path.name} ".encode() + path.read_bytes())
    return read.hexdigest()[:16]


def _migrate(name: str) -> None:
    ours = connection.settings_dict["NAME"]
    try:
        _go_to(name)
        call_command("migrate", verbosity=0, interactive=False)
    finally:
        _go_to(ours)


def _go_to(name: str) -> None:
    connection.close()
    connection.close_pool()  # type: ignore[attr-defined]
    connection.settings_dict["NAME"] = name
