"""Events can be added and read, and nothing else: the database itself refuses to change or remove them."""

from django.db import migrations

from network import append_only


class Migration(migrations.Migration):
    dependencies = [("referrals", "0001_initial")]
    operations = [
        append_only.keep(
            "referrals_event",
            name="referrals_event_is_append_only",
            sentence="the event trail is append-only",
        )
    ]
