"""Which parts of a whole tick have work: one statement for all of them, composed once for the life of the process.

Each part says for which rows it would do something at a moment; that there are none is mostly all that a tick has to
know. What a part says here may be too much, never too little: the part itself looks again. PostgreSQL plans it anew for
each moment: a plan for any moment cannot know that "since ten minutes ago" means a handful of rows among millions.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import cached_property
from typing import Any

from django.db import connection
from django.db.models import DateTimeField, QuerySet

from network.kept import Blank

type When = Any  # a datetime, or a blank for that of a look to come
Rows = Callable[[When], Sequence[QuerySet[Any]]]


class Glance:
    """The parts, and the statement that asks for all of them."""

    def __init__(self, parts: Sequence[Rows]) -> None:
        self.parts = tuple(parts)

    def at(self, now: datetime) -> set[Rows]:
        """The parts that have work at this moment."""
        text, values = self._composed
        with connection.cursor() as cursor:
            cursor.execute(text, [now if isinstance(value, Blank) else value for value in values])
            row = cursor.fetchone()
        assert row
        return {part for part, found in zip(self.parts, row, strict=True) if found}

    @cached_property
    def _composed(self) -> tuple[str, list[Any]]:
        columns: list[str] = []
        values: list[Any] = []
        now = Blank("now", DateTimeField())
        for part in self.parts:
            composed = [rows.order_by().values("pk").query.sql_with_params() for rows in part(now)]
            # Counted, though one is enough: where it expects to find one soon, PostgreSQL reads through what is past.
            counted = [f"(select count(*) from ({sql}) as found) > 0" for sql, _ in composed]  # noqa: S608 our own
            columns.append(" or ".join(counted))
            values += [value for _, some in composed for value in some]
        return f"select {', '.join(columns)}", values
