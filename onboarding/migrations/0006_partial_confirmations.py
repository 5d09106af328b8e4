from django.db import migrations, models


FIELDS = ["category", "colour", "season", "gender", "usage"]


def say_that_all_fields_were_decided(apps, schema_editor):
    """Until now a decision was always about the whole listing."""
    apps.get_model("onboarding", "Confirmation").objects.exclude(how="undo").update(fields=FIELDS)


class Migration(migrations.Migration):

    dependencies = [
        ('onboarding', '0005_confirmations'),
    ]

    operations = [
        migrations.AlterModelOptions(
            name='prediction',
            options={'permissions': (('review_predictions', 'Can decide low-confidence tags'),), 'verbose_name': 'prediction', 'verbose_name_plural': 'predictions'},
        ),
        migrations.AddField(
            model_name='confirmation',
            name='fields',
            field=models.JSONField(default=list, help_text='The fields that were decided; one without a label was left empty on purpose.'),
        ),
        migrations.AddField(
            model_name='confirmation',
            name='is_whole',
            field=models.BooleanField(default=True, help_text='Whether the listing was confirmed by it, or only some of its fields decided.'),
        ),
        migrations.RunPython(say_that_all_fields_were_decided, migrations.RunPython.noop),
    ]
