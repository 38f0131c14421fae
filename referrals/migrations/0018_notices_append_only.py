"""Notices and who has them can be added and read, and nothing else."""

from django.db import migrations

from network import append_only


class Migration(migrations.Migration):
    dependencies = [("referrals", "0017_notices")]
    operations = [
        append_only.keep(
            "referrals_notice",
            "referrals_noticemark",
            name="referrals_notices_are_append_only",
            sentence="notices are append-only",
        )
    ]
