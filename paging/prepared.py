"""Statements that the pager asks again and again: composed once, and planned once for each connection.

Behind a pooler that mixes connections nothing is kept: then each is planned anew, which is slower and says the same.
"""

import re
from collections.abc import Callable, Sequence
from itertools import count
from typing import Any
from weakref import WeakSet

import structlog
from django.db import ProgrammingError, connection
from psycopg import sql
from psycopg.errors import DuplicatePreparedStatement, InvalidSqlStatementName

log = structlog.get_logger(__name__)

_numbers = count(1)


class Prepared:
    """One statement: its values are $1, $2 … of these types; what is constant in it comes with its text."""

    def __init__(self, types: str, compose: Callable[[], tuple[str, list[Any]]]) -> None:
        self._types, self._compose = types, compose
        self._name = f"dido_{next(_numbers)}"
        self._known: WeakSet[Any] = WeakSet()  # connections to which it was told

    def row(self, *values: Any) -> tuple[Any, ...]:
        """The one row that it finds."""
        connection.ensure_connection()
        try:
            return self._kept(values)
        except ProgrammingError as error:
            if not isinstance(error.__cause__, DuplicatePreparedStatement | InvalidSqlStatementName):
                raise
            log.warning("statement_was_not_kept", name=self._name)
            self._known.discard(connection.connection)
            return self._anew(values)

    def _kept(self, values: Sequence[Any]) -> tuple[Any, ...]:
        with connection.cursor() as cursor:
            if connection.connection not in self._known:
                text, constants = self._compose()
                cursor.execute(f"prepare {self._name} ({self._types}) as {text}", constants)
                self._known.add(connection.connection)
            cursor.execute(f"execute {self._name} ({', '.join(['%s'] * len(values))})", values)
            row: tuple[Any, ...] | None = cursor.fetchone()
        assert row
        return row

    def _anew(self, values: Sequence[Any]) -> tuple[Any, ...]:
        text, constants = self._compose()
        types = [one.strip() for one in self._types.split(",")]

        def value(found: re.Match[str]) -> str:
            number = int(found[1]) - 1
            return f"({sql.Literal(values[number]).as_string(connection.connection)}::{types[number]})"

        with connection.cursor() as cursor:
            cursor.execute(re.sub(r"\$(\d)", value, text), constants)
            row: tuple[Any, ...] | None = cursor.fetchone()
        assert row
        return row
