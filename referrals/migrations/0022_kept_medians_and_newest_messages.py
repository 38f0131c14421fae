import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('network', '0006_hours_append_only'),
        ('referrals', '0021_outcomes_append_only'),
    ]

    operations = [
        migrations.CreateModel(
            name='KeptMedian',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=16)),
                ('length', models.DurationField()),
                ('number', models.PositiveIntegerField(help_text='how many journeys')),
                ('reckoned_at', models.DateTimeField()),
                ('hub', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='network.site')),
                ('network', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='network.network')),
                ('spoke', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='network.site')),
            ],
        ),
        migrations.AddIndex(
            model_name='message',
            index=models.Index(fields=['at', 'id'], name='newest_messages'),
        ),
    ]
