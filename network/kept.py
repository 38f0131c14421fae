"""Questions of the ORM that are asked again and again: composed once, and asked with other values.

For what runs for each verb in each web process. To compose a question and to set up what reads its rows takes Django
longer than PostgreSQL takes to answer it; the text stays the same, so it is kept. Rows of a table, annotated and with
`select_related`; no values and no prefetch.
"""

from collections.abc import Callable, Iterator
from functools import cached_property
from typing import Any

from django.db import connection
from django.db.models import FETCH_ONE, Expression, Field, ForeignObject, Lookup, Model, QuerySet
from django.db.models.query import get_related_populators

type Reader = Callable[[list[tuple[Any, ...]]], Iterator[Any]]


class Blank(Expression):
    """A value that is not known yet: stands in a question where the value will be."""

    def __init__(self, name: str, field: "Field[Any, Any] | None" = None) -> None:
        super().__init__(output_field=field)
        self.name = name

    def as_sql(self, _compiler: Any, _connection: Any) -> tuple[str, Any]:
        return "%s", [self]


class Among(Lookup):
    """`field__among=Blank("ids")`: one of a list, whose length is not known either."""

    lookup_name = "among"
    prepare_rhs = False

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, Any]:
        left, before = self.process_lhs(compiler, connection)
        right, after = self.process_rhs(compiler, connection)
        return f"{left} = any({right})", [*before, *after]


Field.register_lookup(Among)
ForeignObject.register_lookup(Among)


class Kept[Row: Model]:
    """One question; `ask` gives the query set for blanks, which are named like its parameters."""

    def __init__(self, ask: Callable[..., QuerySet[Row, Any]], **blanks: "Field[Any, Any] | None") -> None:
        self._ask, self._blanks = ask, blanks

    def rows(self, **values: Any) -> list[Row]:
        """What it finds for these values, in its order; as the query set itself would."""
        text, holes, read = self._composed
        with connection.cursor() as cursor:
            cursor.execute(text, [values[hole.name] if isinstance(hole, Blank) else hole for hole in holes])
            return list(read(cursor.fetchall()))

    @cached_property
    def _composed(self) -> tuple[str, list[Any], Reader]:
        asked = self._ask(**{name: Blank(name, field) for name, field in self._blanks.items()})
        compiler = asked.query.get_compiler(connection=connection)
        text, holes = compiler.as_sql()
        return text, list(holes), _reader(asked, compiler)


def _reader(asked: QuerySet[Any, Any], compiler: Any) -> Reader:
    """What makes rows of what the cursor found, by Django's own conversions; as its ModelIterable does it each time."""
    places, database = compiler.klass_info["select_fields"], connection.alias
    start, end = places[0], places[-1] + 1
    names = [column.target.attname for column, *_ in compiler.select[start:end]]
    converters = compiler.get_converters([column for column, *_ in compiler.select])
    related = get_related_populators(compiler.klass_info, compiler.select, database, FETCH_ONE)
    annotated = compiler.annotation_col_map or {}

    def read(found: list[tuple[Any, ...]]) -> Iterator[Any]:
        for row in compiler.apply_converters(found, converters) if converters else found:
            one = asked.model.from_db(database, names, row[start:end])
            for other in related:
                other.populate(row, one)
            for name, place in annotated.items():
                setattr(one, name, row[place])
            yield one

    return read
