from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('catalog', '0007_listing_brand'),
    ]

    operations = [
        migrations.AddField(
            model_name='listing',
            name='variant_group',
            field=models.UUIDField(blank=True, db_index=True, editable=False, help_text='Shared by the variants of one product.', null=True),
        ),
    ]
