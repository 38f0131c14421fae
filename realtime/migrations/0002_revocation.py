"""One number that changes with every transaction that takes a right away, so that a tail need not ask who still has theirs.

The triggers wait for the commit, and so hold the row for its length alone, after every other lock.
"""

from django.db import migrations

COUNT = """
create table realtime_revocation (
    alone boolean primary key default true check (alone),
    number bigint not null
);
insert into realtime_revocation (number) values (0);

create function realtime_revoke() returns trigger language plpgsql as $$
begin
    update realtime_revocation set number = pg_current_xact_id()::text::bigint
    where number <> pg_current_xact_id()::text::bigint;
    return null;
end $$;

create constraint trigger realtime_person_changed after update of access_epoch, is_active on network_person
    deferrable initially deferred for each row
    when (old.access_epoch <> new.access_epoch or old.is_active <> new.is_active)
    execute function realtime_revoke();
create constraint trigger realtime_person_gone after delete on network_person
    deferrable initially deferred for each row execute function realtime_revoke();
create constraint trigger realtime_token_ended after update of ended_at on network_token
    deferrable initially deferred for each row execute function realtime_revoke();
create constraint trigger realtime_token_gone after delete on network_token
    deferrable initially deferred for each row execute function realtime_revoke();
create constraint trigger realtime_session_shortened after update of expire_date on django_session
    deferrable initially deferred for each row when (new.expire_date < old.expire_date)
    execute function realtime_revoke();
create constraint trigger realtime_session_gone after delete on django_session
    deferrable initially deferred for each row execute function realtime_revoke();
"""
FORGET = """
drop trigger realtime_person_changed on network_person;
drop trigger realtime_person_gone on network_person;
drop trigger realtime_token_ended on network_token;
drop trigger realtime_token_gone on network_token;
drop trigger realtime_session_shortened on django_session;
drop trigger realtime_session_gone on django_session;
drop function realtime_revoke();
drop table realtime_revocation;
"""


class Migration(migrations.Migration):
    dependencies = [("realtime", "0001_initial"), ("network", "0003_phones"), ("sessions", "0001_initial")]
    operations = [migrations.RunSQL(COUNT, FORGET)]
