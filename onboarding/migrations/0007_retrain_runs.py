import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('onboarding', '0006_partial_confirmations'),
    ]

    operations = [
        migrations.AlterField(
            model_name='tagrequest',
            name='priority',
            field=models.SmallIntegerField(choices=[(0, 'a person waits for it'), (10, 'part of a large pile'), (20, 'tagged already, by an older model')], default=0),
        ),
        migrations.CreateModel(
            name='RetrainRun',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('state', models.CharField(choices=[('running', 'running'), ('promoted', 'promoted'), ('kept', 'not better: the active model stays'), ('candidate', 'stored as a candidate'), ('failed', 'failed'), ('died', 'ended without a word')], default='running', max_length=10)),
                ('host', models.CharField(help_text='Host and process of the command.', max_length=100)),
                ('lease_until', models.DateTimeField()),
                ('report', models.JSONField(default=dict, help_text='Snapshot of the labels, figures of both models, and why it was promoted or not.')),
                ('started_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('finished_at', models.DateTimeField(blank=True, null=True)),
                ('base', models.ForeignKey(help_text='What it started from.', on_delete=django.db.models.deletion.PROTECT, related_name='+', to='onboarding.modelversion')),
                ('candidate', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='retrain_runs', to='onboarding.modelversion')),
            ],
            options={
                'verbose_name': 'retraining',
                'verbose_name_plural': 'retrainings',
            },
        ),
        migrations.AddConstraint(
            model_name='retrainrun',
            constraint=models.UniqueConstraint(condition=models.Q(('state', 'running')), fields=('state',), name='retrain_run_one_at_a_time'),
        ),
    ]
