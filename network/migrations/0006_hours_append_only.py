"""Hours, closures and reopenings can be added and read, and nothing else."""

from django.db import migrations

from network import append_only


class Migration(migrations.Migration):
    dependencies = [("network", "0005_hours_and_closures")]
    operations = [
        append_only.keep(
            "network_openinghours",
            "network_closure",
            "network_reopening",
            name="network_hours_are_append_only",
            sentence="hours and closures are append-only",
        )
    ]
