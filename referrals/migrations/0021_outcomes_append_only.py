"""Outcomes, and who takes the mRS at 90 days, can be added and read, and nothing else."""

from django.db import migrations

from network import append_only


class Migration(migrations.Migration):
    dependencies = [("referrals", "0020_outcomes")]
    operations = [
        append_only.keep(
            "referrals_outcome",
            "referrals_ninetyrule",
            name="referrals_outcomes_are_append_only",
            sentence="outcomes are append-only",
        )
    ]
