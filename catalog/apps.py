"""The app that owns what is in the catalogue."""

from django.apps import AppConfig
from django.db.models.signals import post_delete, post_migrate
from django.utils.translation import gettext_lazy as _


class CatalogConfig(AppConfig):
    name = "catalog"
    verbose_name = _("Catalogue")

    def ready(self) -> None:
        from catalog.models import Photo
        from catalog.photo_files import delete_files_of_deleted_photo
        from catalog.vocabulary import seed_after_migrate

        post_migrate.connect(seed_after_migrate, sender=self)
        post_delete.connect(delete_files_of_deleted_photo, sender=Photo)
