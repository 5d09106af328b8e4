"""The app that owns what is in the catalogue."""

from django.apps import AppConfig
from django.db.models.signals import post_delete, post_migrate, post_save
from django.utils.translation import gettext_lazy as _


class CatalogConfig(AppConfig):
    name = "catalog"
    verbose_name = _("Catalogue")

    def ready(self) -> None:
        from catalog.models import Photo, Term, TermName
        from catalog.photo_files import delete_files_of_deleted_photo
        from catalog.vocabulary import renew_edition, seed_after_migrate

        post_migrate.connect(seed_after_migrate, sender=self)
        for sender in (Term, TermName):
            post_save.connect(renew_edition, sender=sender)
            post_delete.connect(renew_edition, sender=sender)
        post_delete.connect(delete_files_of_deleted_photo, sender=Photo)
