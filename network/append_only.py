"""Tables whose rows can be added and read, and nothing else: the database itself refuses the rest.

Called by the migrations of every app that keeps a history. What stands here was run on databases that live:
it must never come to mean anything else; another rule is another function, and another migration.
"""

from django.db.migrations import RunSQL

_FUNCTION = """
create function {name}() returns trigger language plpgsql as $$
begin
    if tg_op = 'TRUNCATE' and current_setting('dido.may_truncate', true) = 'on' then
        return null;  -- set by the test database alone
    end if;
    raise exception '{sentence}' using errcode = 'restrict_violation';
end $$;
"""
_REFUSE = """
create trigger {table}_append_only before update or delete on {table}
    for each row execute function {name}();
create trigger {table}_no_truncate before truncate on {table}
    for each statement execute function {name}();
"""
_ALLOW = """
drop trigger {table}_append_only on {table};
drop trigger {table}_no_truncate on {table};
"""


def keep(*tables: str, name: str, sentence: str) -> RunSQL:
    """From here on these tables refuse by a function of this name, which says this sentence."""
    more = keep_too(*tables, name=name)
    return RunSQL(
        f"{_FUNCTION.format(name=name, sentence=sentence)}{more.sql}",
        f"{more.reverse_sql}drop function {name}();",
    )


def keep_too(*tables: str, name: str) -> RunSQL:
    """From here on these tables refuse too, by the function of an earlier migration."""
    return RunSQL(
        "".join(_REFUSE.format(table=table, name=name) for table in tables),
        "".join(_ALLOW.format(table=table) for table in tables),
    )
