"""Empties the test database: the rows go, and the tables stay as they are.

Called after every test that commits, and by the proofs. Django's own flush makes each table's files anew, and then each
content type and permission: a hundred times the work, for a few dozen rows.
"""

import functools

from django.core.management import call_command
from django.db import connection, transaction

STAYS = {"django_content_type", "auth_permission"}  # made by the migrations, and changed by nobody


@functools.cache
def _tables() -> tuple[str, ...]:
    names = connection.introspection.django_table_names(only_existing=True, include_views=False)
    return tuple(sorted(connection.ops.quote_name(name) for name in set(names) - STAYS))


@functools.cache
def may_pass_triggers() -> bool:
    """Only a superuser may leave out the triggers by which events cannot be removed, and foreign keys are checked."""
    with connection.cursor() as cursor:
        cursor.execute("select current_setting('is_superuser') = 'on'")
        return bool(cursor.fetchone()[0])


def statement() -> str:
    """What takes every row away, where triggers are passed."""
    return "; ".join(f"delete from {table}" for table in _tables())


def empty() -> None:
    """Nothing is left of what was committed; it waits for whoever is still writing. Ids go on: none comes twice."""
    if not may_pass_triggers():
        call_command("flush", interactive=False, verbosity=0, reset_sequences=False)
        return
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"lock table {', '.join(_tables())} in share row exclusive mode")
        cursor.execute("set local session_replication_role = replica")
        cursor.execute(statement())
