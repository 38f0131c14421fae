"""The ground that proofs stand on: an empty, migrated database of their own, emptied again before each run.

Used by `make prove` alone; in a test it is pytest's database. What was in the database that was named stays as it is.
"""

import contextlib
import os
from collections.abc import Iterator
from urllib.parse import urlsplit, urlunsplit

from django.db import connection

from tests import emptying


@contextlib.contextmanager
def prepared() -> Iterator[None]:
    """A database beside the one that was named, gone afterwards; processes that a proof starts find it too."""
    before = connection.settings_dict["NAME"]
    named = os.environ["DATABASE_URL"]
    connection.settings_dict["TEST"]["NAME"] = f"{before}_prove_{os.getpid()}"
    connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
    ours = connection.settings_dict["NAME"]
    os.environ["DATABASE_URL"] = urlunsplit(urlsplit(named)._replace(path=f"/{ours}"))
    try:
        with connection.cursor() as cursor:  # the event trail refuses to be emptied everywhere else
            cursor.execute(f'alter database "{ours}" set dido.may_truncate = on')
        _let_go()
        yield
    finally:
        os.environ["DATABASE_URL"] = named
        _let_go()
        connection.creation.destroy_test_db(before, verbosity=0)
        _let_go()


def emptied() -> None:
    """Nothing is left of what ran before."""
    emptying.empty()


def _let_go() -> None:
    connection.close()
    connection.close_pool()  # type: ignore[attr-defined]
