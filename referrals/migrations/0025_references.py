"""References to a study in PACS and to an AI result; they can be added and read, and nothing else."""

import django.db.models.deletion
from django.db import migrations, models

from network import append_only


class Migration(migrations.Migration):

    dependencies = [
        ('referrals', '0024_diverted_on_the_way'),
    ]

    operations = [
        migrations.CreateModel(
            name='Reference',
            fields=[
                ('message', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name='reference', serialize=False, to='referrals.message')),
                ('kind', models.CharField(choices=[('imaging_study', 'PACS study'), ('ai_result', 'AI result')], max_length=16)),
                ('description', models.CharField(blank=True, help_text='Study Description (0008,1030)', max_length=64)),
                ('accession_number', models.CharField(blank=True, help_text='(0008,0050)', max_length=64)),
                ('study_instance_uid', models.CharField(blank=True, help_text='(0020,000D)', max_length=64)),
                ('device', models.CharField(blank=True, help_text='the AI, by its vendor or product', max_length=64)),
                ('conclusion', models.CharField(blank=True, help_text='what the AI says, in its words', max_length=400)),
                ('issued_at', models.DateTimeField(help_text='when the AI said so', null=True)),
                ('address', models.CharField(blank=True, help_text='https, in a viewer; empty: none given', max_length=2000)),
            ],
        ),
        append_only.keep_too('referrals_reference', name='referrals_conversation_is_append_only'),
    ]
