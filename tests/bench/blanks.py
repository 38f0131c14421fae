"""What a row filled by SQL leaves unsaid: the blank that Django writes, as a default of the benchmark's own tables."""

from django.db import connection

BLANK = {
    "character varying": "''",
    "text": "''",
    "jsonb": "'[]'",
    "boolean": "false",
    "smallint": "0",
    "integer": "0",
}
UNSAID = """
select column_name, data_type from information_schema.columns
where table_schema = current_schema() and table_name = %s and is_nullable = 'NO' and column_default is null
    and is_identity = 'NO'
"""


def set_on(*tables: str) -> None:
    """Give each column of these tables that must be said a blank default; moments and keys must still be said."""
    with connection.cursor() as cursor:
        for table in tables:
            cursor.execute(UNSAID, [table])
            for column, kind in cursor.fetchall():
                if kind in BLANK:
                    cursor.execute(f'alter table "{table}" alter column "{column}" set default {BLANK[kind]}')
