"""Which hosts a network lists as PACS or AI viewers of its own; what was said can be added and read, and nothing else."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from network import append_only


class Migration(migrations.Migration):
    dependencies = [("network", "0006_hours_append_only")]
    operations = [
        migrations.CreateModel(
            name="ListedViewer",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("host", models.CharField(help_text="in small letters, with a port where it is not 443", max_length=120)),
                ("name", models.CharField(help_text="as people call it", max_length=60)),
                ("listed", models.BooleanField(help_text="false: taken off the list")),
                ("written_at", models.DateTimeField()),
                ("by", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL)),
                ("network", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="viewers", to="network.network")),
            ],
            options={"indexes": [models.Index(fields=["network", "host", "-id"], name="last_word_of_a_viewer")]},
        ),
        append_only.keep(
            "network_listedviewer",
            name="network_viewers_are_append_only",
            sentence="the list of viewers is append-only",
        ),
    ]
