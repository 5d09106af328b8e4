from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('catalog', '0008_listing_variant_group'),
    ]

    operations = [
        migrations.AddField(
            model_name='photo',
            name='perceptual_hash',
            field=models.CharField(blank=True, help_text='Of what it looks like: copies of a photo have nearly the same.', max_length=128),
        ),
    ]
