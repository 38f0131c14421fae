"""Events can be added and read, and nothing else: the database itself refuses to change or remove them."""

from django.db import migrations

REFUSE = """
create function referrals_event_is_append_only() returns trigger language plpgsql as $$
begin
    if tg_op = 'TRUNCATE' and current_setting('dido.may_truncate', true) = 'on' then
        return null;  -- set by the test database alone
    end if;
    raise exception 'the event trail is append-only' using errcode = 'restrict_violation';
end $$;
create trigger referrals_event_append_only before update or delete on referrals_event
    for each row execute function referrals_event_is_append_only();
create trigger referrals_event_no_truncate before truncate on referrals_event
    for each statement execute function referrals_event_is_append_only();
"""
ALLOW = """
drop trigger referrals_event_append_only on referrals_event;
drop trigger referrals_event_no_truncate on referrals_event;
drop function referrals_event_is_append_only();
"""


class Migration(migrations.Migration):
    dependencies = [("referrals", "0001_initial")]
    operations = [migrations.RunSQL(REFUSE, ALLOW)]
