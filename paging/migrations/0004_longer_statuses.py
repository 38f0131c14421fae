from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('paging', '0003_ladder_notes'),
    ]

    operations = [
        migrations.AlterField(
            model_name='page',
            name='provider_status',
            field=models.CharField(blank=True, max_length=24),
        ),
    ]
