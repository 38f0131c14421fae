"""Who was disabled, let in again, given a role or lost one; what was decided can be added and read, and nothing else."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from network import append_only


class Migration(migrations.Migration):
    dependencies = [("network", "0007_imaging_viewers")]
    operations = [
        migrations.CreateModel(
            name="AccessChange",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("deed", models.CharField(choices=[("disabled", "Disabled"), ("let_in", "Let in again"), ("taken", "Role taken away"), ("given", "Role given")], max_length=8)),
                ("role", models.CharField(blank=True, help_text="empty where it is about all of them", max_length=12)),
                ("reason", models.CharField(max_length=400)),
                ("written_at", models.DateTimeField()),
                ("by", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL)),
                ("network", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="access_changes", to="network.network")),
                ("person", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="access_changes", to=settings.AUTH_USER_MODEL)),
                ("site", models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="network.site")),
            ],
            options={"indexes": [models.Index(fields=["person", "-id"], name="access_changes_of_somebody")]},
        ),
        append_only.keep(
            "network_accesschange",
            name="network_access_is_append_only",
            sentence="decisions about access are append-only",
        ),
    ]
