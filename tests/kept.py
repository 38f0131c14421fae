"""Rows that many tests begin with: kept once in a process, and put back into their tables by one statement each.

Called where a small network or a whole country is made for a test; building it by its verbs takes many times as long.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import connection
from django.db.models import Model


@dataclass(frozen=True)
class Kept:
    """The rows of some tables as they stood; ids are those of that time, so sequences must never be set back."""

    statement: str
    rows: list[str]

    def put_back(self) -> None:
        """Into tables that are empty of them, all in one round to the database."""
        with connection.cursor() as cursor:
            cursor.execute(self.statement, self.rows)


def keep(tables: Sequence[type[Model]]) -> Kept:
    """What stands in these tables now; each comes after those that it refers to."""
    names = [connection.ops.quote_name(table._meta.db_table) for table in tables]
    rows = []
    with connection.cursor() as cursor:
        for name in names:
            cursor.execute(f"select coalesce(json_agg(kept order by id), '[]')::text from {name} as kept")
            rows.append(cursor.fetchone()[0])
    put = [f"insert into {name} select * from json_populate_recordset(null::{name}, %s)" for name in names]
    return Kept("; ".join(put), rows)
