import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('catalog', '0004_photos'),
        ('onboarding', '0007_retrain_runs'),
    ]

    operations = [
        migrations.CreateModel(
            name='Evaluation',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('pictures', models.CharField(choices=[('studio', 'Report set: studio shots'), ('phone', 'Report set: phone photos'), ('plain', 'Report set: other pictures'), ('held_out', "Sellers' held-out photos")], max_length=10)),
                ('figures', models.JSONField(help_text='By output.')),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('model_version', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='evaluations', to='onboarding.modelversion')),
                ('run', models.ForeignKey(blank=True, help_text='Whose held-out labels these are; the report set came with the model.', null=True, on_delete=django.db.models.deletion.CASCADE, related_name='evaluations', to='onboarding.retrainrun')),
            ],
            options={
                'verbose_name': 'evaluation',
                'verbose_name_plural': 'evaluations',
            },
        ),
        migrations.CreateModel(
            name='EvaluatedPhoto',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('field', models.CharField(choices=[('master_category', 'Main category'), ('sub_category', 'Subcategory'), ('article_type', 'Article type'), ('colour', 'Colour'), ('season', 'Season'), ('gender', 'For'), ('usage', 'Occasion')], max_length=20)),
                ('actual', models.CharField(max_length=80)),
                ('predicted', models.CharField(max_length=80)),
                ('confidence', models.FloatField()),
                ('photo', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='catalog.photo')),
                ('evaluation', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='photos', to='onboarding.evaluation')),
            ],
            options={
                'verbose_name': 'evaluated photo',
                'verbose_name_plural': 'evaluated photos',
                'indexes': [models.Index(fields=['evaluation', 'field', 'actual', 'predicted'], name='evaluated_photo_by_cell')],
                'constraints': [models.UniqueConstraint(fields=('evaluation', 'photo', 'field'), name='evaluated_photo_once_per_field')],
            },
        ),
        migrations.AddConstraint(
            model_name='evaluation',
            constraint=models.UniqueConstraint(fields=('model_version', 'pictures', 'run'), name='evaluation_once_per_run'),
        ),
        migrations.AddConstraint(
            model_name='evaluation',
            constraint=models.UniqueConstraint(condition=models.Q(('run', None)), fields=('model_version', 'pictures'), name='evaluation_that_came_with_the_model_once'),
        ),
    ]
