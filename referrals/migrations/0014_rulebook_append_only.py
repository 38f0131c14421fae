"""Versions of criteria and targets can be added and read, and nothing else."""

from django.db import migrations

from network import append_only


class Migration(migrations.Migration):
    dependencies = [("referrals", "0013_criteria_and_targets")]
    operations = [
        append_only.keep(
            "referrals_hubcriteria",
            "referrals_networktargets",
            name="referrals_rulebook_is_append_only",
            sentence="criteria and targets are append-only",
        )
    ]
