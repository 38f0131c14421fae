"""Statements that the pager asks again and again: composed once, and planned once for each connection.

Behind a pooler that mixes connections nothing is kept: then each is planned anew, which is slower and says the same.
"""

import re
from collections.abc import Callable, Sequence
from functools import cached_property
from hashlib import sha256
from typing import Any
from weakref import WeakSet

import structlog
from django.db import ProgrammingError, connection
from psycopg import sql
from psycopg.errors import DuplicatePreparedStatement, InvalidSqlStatementName

log = structlog.get_logger(__name__)


class Prepared:
    """One statement: its values are $1, $2 … of these types; what is constant in it comes with its text."""

    def __init__(self, types: str, compose: Callable[[], tuple[str, list[Any]]]) -> None:
        self._types, self._compose = types, compose
        self._known: WeakSet[Any] = WeakSet()  # connections to which it was told

    @cached_property
    def _text(self) -> tuple[str, list[Any]]:
        return self._compose()

    @cached_property
    def name(self) -> str:
        """By what it says: behind a pooler the statement of an older version may still be there."""
        said = repr((self._types, *self._text))
        return f"dido_{sha256(said.encode()).hexdigest()[:16]}"

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
            text, constants = self._text
            cursor.execute(f"prepare {self.name} ({self._types}) as {text}", constants)
            self._known.add(connection.connection)
        cursor.execute(f"execute {self.name} ({', '.join(['%s'] * len(values))})", values)

    def _ask_anew(self, cursor: Any, values: Sequence[Any]) -> None:
        text, constants = self._text
        types = [one.strip() for one in self._types.split(",")]

        def value(found: re.Match[str]) -> str:
            number = int(found[1]) - 1
            return f"({sql.Literal(values[number]).as_string(connection.connection)}::{types[number]})"

        cursor.execute(re.sub(r"\$(\d)", value, text), constants)
