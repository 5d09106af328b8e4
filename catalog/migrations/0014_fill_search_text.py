from django.apps.registry import Apps
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

BATCH = 500


def fill(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    for name in ("Listing", "TermName"):
        rows = apps.get_model("catalog", name)._default_manager.order_by("pk")
        last = 0
        while batch := list(rows.filter(pk__gt=last)[:BATCH]):
            rows.bulk_update([_filled(row) for row in batch], ["search_text"])
            last = batch[-1].pk


def _filled(row: models.Model) -> models.Model:
    row._meta.get_field("search_text").pre_save(row, add=False)
    return row


class Migration(migrations.Migration):
    dependencies = [("catalog", "0013_search_text")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
