import django.contrib.postgres.indexes
from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [
        ('workforce', '0007_drafts_and_wishes'),
    ]

    operations = [
        migrations.AddIndex(
            model_name='shift',
            index=django.contrib.postgres.indexes.GistIndex(fields=['period'], name='shifts_by_time'),
        ),
    ]
