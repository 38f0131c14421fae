"""Rows that many tests begin with: kept once in a process, and put back into their tables by one statement each.

Called where a small network, a whole country or a full board is made for a test; building it by its verbs takes many
times as long.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from django.apps import apps
from django.db import connection
from django.db.models import Model

from tests import emptying


@dataclass(frozen=True)
class Kept:
    """The rows of some tables as they stood; ids are those of that time, so sequences must never be set back."""

    statement: str
    rows: list[str]

    def put_back(self) -> None:
        """Into tables that are empty of them, all in one round to the database."""
        with connection.cursor() as cursor:
            cursor.execute(self.statement, self.rows)

    def put_back_alone(self) -> None:
        """Whatever else stands in the tables goes; in a transaction, and only where `emptying.may_pass_triggers`."""
        with connection.cursor() as cursor:
            cursor.execute("set local session_replication_role = replica")
            cursor.execute(emptying.statement())
            cursor.execute(self.statement, self.rows)
            cursor.execute("set local session_replication_role = origin")


def keep(tables: Sequence[type[Model]]) -> Kept:
    """What stands in these tables now; each comes after those that it refers to."""
    names = [connection.ops.quote_name(table._meta.db_table) for table in tables]
    keys = [connection.ops.quote_name(str(table._meta.pk.column)) for table in tables]
    rows = []
    with connection.cursor() as cursor:
        for name, key in zip(names, keys, strict=True):
            cursor.execute(f"select coalesce(json_agg(kept order by {key}), '[]')::text from {name} as kept")
            rows.append(cursor.fetchone()[0])
    put = [f"insert into {name} select * from json_populate_recordset(null::{name}, %s)" for name in names]
    return Kept("; ".join(put), rows)


def keep_everything() -> Kept:
    """What stands in all tables now, to be put back alone."""
    models = [model for model in apps.get_models(include_auto_created=True) if not model._meta.proxy]
    return keep([model for model in models if model._meta.db_table not in emptying.STAYS])
