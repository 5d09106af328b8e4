"""`manage.py copy_files`: photos and models to a folder, or from it back into storage."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from onboarding.services.file_copies import FOLDERS, copy_from_folder, copy_to_folder


class Command(BaseCommand):
    help = "Copies photos and models between storage and a folder. What is there already is not copied again."

    def add_arguments(self, parser: ArgumentParser) -> None:
        way = parser.add_mutually_exclusive_group(required=True)
        way.add_argument("--to", type=Path, metavar="DIR", help="Copy from storage to this folder: a backup.")
        way.add_argument("--from", type=Path, metavar="DIR", dest="source", help="Copy from this folder to storage.")

    def handle(self, *args: Any, to: Path | None, source: Path | None, **options: Any) -> None:
        if source is not None and not any((source / name).is_dir() for name in FOLDERS):
            raise CommandError(f"There are no copies in {source}: neither of the folders {' and '.join(FOLDERS)}.")
        try:
            copied = copy_to_folder(to) if to is not None else copy_from_folder(source or Path())
        except Exception as error:  # storage back ends raise their own errors
            raise CommandError(f"Not all files were copied: {error!r}. Run it again to go on.") from error
        self.stdout.write(f"{copied} files copied.")
