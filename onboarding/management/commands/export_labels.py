"""`manage.py export_labels DIR`: what people decided, as a folder that `python -m ml train --data` takes."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from catalog.models import Shop
from onboarding.label_files import TABLE, write_folder
from onboarding.labels import labelled_photos


class Command(BaseCommand):
    help = "Writes the labels of photos and the photos themselves into a folder: styles.csv and images/."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", type=Path, metavar="DIR")
        parser.add_argument("--shop", type=int, metavar="ID", help="only this shop's")

    def handle(self, *args: Any, folder: Path, shop: int | None, **options: Any) -> None:
        shops = None if shop is None else Shop.objects.filter(pk=shop)
        if shops is not None and not shops.exists():
            raise CommandError(f"There is no shop {shop}.")
        if (folder / TABLE).exists():
            raise CommandError(f"{folder / TABLE} is there already. Choose another folder.")
        rows = labelled_photos(shops=shops)
        try:
            write_folder(rows, folder)
        except OSError as error:
            raise CommandError(f"{folder} cannot be written: {error}") from error
        self.stdout.write(f"{len(rows)} labelled photos are in {folder}.")
