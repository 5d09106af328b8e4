"""`manage.py prepare_site`: what has to be done once before web server and workers of a release start."""

from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand

from onboarding.models import ModelVersion


class Command(BaseCommand):
    help = "Migrates the database, and registers the model that ships unless another is at work. Safe to repeat."

    def handle(self, *args: Any, verbosity: int, **options: Any) -> None:
        settings.DATA_DIR.mkdir(parents=True, exist_ok=True)
        call_command("migrate", interactive=False, verbosity=verbosity, stdout=self.stdout)
        # Reading the model takes seconds and PyTorch, so only where none is active.
        if not ModelVersion.objects.filter(state=ModelVersion.State.ACTIVE).exists():
            call_command("register_model", stdout=self.stdout)
