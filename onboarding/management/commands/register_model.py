"""`manage.py register_model`: stores an artifact that `python -m ml train` made, and puts it to work."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from onboarding.errors import OnboardingError
from onboarding.services.model_versions import register_artifact


class Command(BaseCommand):
    help = "Stores a model artifact under its SHA-256 and makes it the active one."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", type=Path, nargs="?", default=settings.DEFAULT_ARTIFACT_DIR)
        parser.add_argument("--no-activate", action="store_true", help="Store it, but leave the active one.")

    def handle(self, *args: Any, folder: Path, no_activate: bool, **options: Any) -> None:
        try:
            version = register_artifact(folder, activate=not no_activate)
        except OnboardingError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"Model {version.name} is registered ({version.state}).")
