"""Outcomes, and who takes the mRS at 90 days, can be added and read, and nothing else."""

from django.db import migrations

TABLES = ("referrals_outcome", "referrals_ninetyrule")
FUNCTION = """
create function referrals_outcomes_are_append_only() returns trigger language plpgsql as $$
begin
    if tg_op = 'TRUNCATE' and current_setting('dido.may_truncate', true) = 'on' then
        return null;  -- set by the test database alone
    end if;
    raise exception 'outcomes are append-only' using errcode = 'restrict_violation';
end $$;
"""
REFUSE = FUNCTION + "".join(
    f"""
create trigger {table}_append_only before update or delete on {table}
    for each row execute function referrals_outcomes_are_append_only();
create trigger {table}_no_truncate before truncate on {table}
    for each statement execute function referrals_outcomes_are_append_only();
"""
    for table in TABLES
)
ALLOW = "".join(
    f"""
drop trigger {table}_append_only on {table};
drop trigger {table}_no_truncate on {table};
"""
    for table in TABLES
) + "drop function referrals_outcomes_are_append_only();"


class Migration(migrations.Migration):
    dependencies = [("referrals", "0017_outcomes")]
    operations = [migrations.RunSQL(REFUSE, ALLOW)]
