"""Statements that the pager asks again and again: planned once for each connection.

Behind a pooler that mixes connections nothing is kept: then each is planned anew, which is slower and says the same.
"""

import re
from collections.abc import Sequence
from hashlib import sha256
from typing import Any
from weakref import WeakSet

import structlog
from django.db import ProgrammingError, connection
from psycopg import sql
from psycopg.errors import DuplicatePreparedStatement, InvalidSqlStatementName

log = structlog.get_logger(__name__)


class Prepared:
    """One statement: its values are $1, $2 … of these types."""

    def __init__(self, types: str, text: str) -> None:
        self._types, self._text = types, text
        # By what it says: behind a pooler the statement of an older version may still be there.
        self.name = f"dido_{sha256(f'{types} {text}'.encode()).hexdigest()[:16]}"
        self._known: WeakSet[Any] = WeakSet()  # connections to which it was told

    def row(self, *values: Any) -> tuple[Any, ...]:
        """The one row that it finds."""
        connection.ensure_connection()
        with connection.cursor() as cursor:
            try:
                self._ask(cursor, values)
            except ProgrammingError as error:
                if not isinstance(error.__cause__, DuplicatePreparedStatement | InvalidSqlStatementName):
                    raise
                log.warning("statement_was_not_kept", name=self.name)
                self._known.discard(connection.connection)
                self._ask_anew(cursor, values)
            row: tuple[Any, ...] | None = cursor.fetchone()
        assert row
        return row

    def _ask(self, cursor: Any, values: Sequence[Any]) -> None:
        if connection.connection not in self._known:
            cursor.execute(f"prepare {self.name} ({self._types}) as {self._text}")
            self._known.add(connection.connection)
        cursor.execute(f"execute {self.name} ({', '.join(['%s'] * len(values))})", values)

    def _ask_anew(self, cursor: Any, values: Sequence[Any]) -> None:
        types = [one.strip() for one in self._types.split(",")]

        def value(found: re.Match[str]) -> str:
            number = int(found[1]) - 1
            return f"({sql.Literal(values[number]).as_string(connection.connection)}::{types[number]})"

        cursor.execute(re.sub(r"\$(\d)", value, self._text))
