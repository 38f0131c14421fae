"""Which parts of a whole tick have work: one statement for all of them, composed once for the life of the process.

Each part says for which rows it would do something at a moment; that there are none is mostly all that a tick has to
know. What a part says here may be too much, never too little: the part itself looks again.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import DateTimeField, Expression, QuerySet

type When = Any  # a datetime, or the Moment of a look to come
Rows = Callable[[When], Sequence[QuerySet[Any]]]


class Moment(Expression):
    """The moment of the look, in a query that is composed before it is known."""

    output_field: Any = DateTimeField()

    def as_sql(self, _compiler: Any, _connection: Any) -> tuple[str, Any]:
        """A place that is filled when the statement is asked."""
        return "%s", (MOMENT,)


MOMENT = object()


class Glance:
    """The parts, and the statement that asks for all of them."""

    def __init__(self, parts: Sequence[Rows]) -> None:
        self.parts = tuple(parts)
        self._statement: tuple[str, list[Any]] | None = None

    def at(self, now: datetime) -> set[Rows]:
        """The parts that have work at this moment."""
        if self._statement is None:
            self._statement = self._composed()
        sql, values = self._statement
        with connection.cursor() as cursor:
            cursor.execute(sql, [now if value is MOMENT else value for value in values])
            row = cursor.fetchone()
        assert row
        return {part for part, found in zip(self.parts, row, strict=True) if found}

    def _composed(self) -> tuple[str, list[Any]]:
        columns: list[str] = []
        values: list[Any] = []
        for part in self.parts:
            composed = [rows.order_by().values("pk").query.sql_with_params() for rows in part(Moment())]
            columns.append(" or ".join(f"exists ({sql})" for sql, _ in composed))
            values += [value for _, some in composed for value in some]
        return f"select {', '.join(columns)}", values
