"""Statements that the pager asks again and again: composed once, and planned once for each connection.

They need a connection of one's own to PostgreSQL, like the pager's bell; a pooler that mixes transactions has none.
"""

from collections.abc import Callable
from itertools import count
from typing import Any
from weakref import WeakSet

from django.db import connection

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
        with connection.cursor() as cursor:
            if connection.connection not in self._known:
                sql, constants = self._compose()
                cursor.execute(f"prepare {self._name} ({self._types}) as {sql}", constants)
                self._known.add(connection.connection)
            cursor.execute(f"execute {self._name} ({', '.join(['%s'] * len(values))})", values)
            row: tuple[Any, ...] | None = cursor.fetchone()
        assert row
        return row
