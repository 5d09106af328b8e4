"""`manage.py models`: which model versions there are, what they can do, and which one tags."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from onboarding.errors import OnboardingError
from onboarding.models import Evaluation, ModelVersion, Prediction, RetrainRun
from onboarding.retrain_report import as_text
from onboarding.services.loading import load_tagger
from onboarding.services.model_versions import activate_version, earlier_version, find_version, roll_back
from onboarding.services.retagging import retag_drafts
from onboarding.tasks import send_nudge


class Command(BaseCommand):
    help = "Lists and shows model versions, promotes one, or rolls back to the one before."

    def add_arguments(self, parser: ArgumentParser) -> None:
        actions = parser.add_subparsers(dest="action", required=True, metavar="list | show | promote | rollback")
        actions.add_parser("list", help="All versions, newest first.")
        for name, text in (("show", "Figures of a version, and how it came about."), ("promote", "Puts it to work.")):
            one = actions.add_parser(name, help=text)
            one.add_argument("version", help="Its name, or the start of its SHA-256.")
            if name == "promote":
                one.add_argument("--retag", action="store_true", help="Tag unreviewed listings anew.")
        back = actions.add_parser("rollback", help="Goes back to the version that was active before.")
        back.add_argument("--retag", action="store_true", help="Tag unreviewed listings anew.")

    def handle(self, *args: Any, action: str, **options: Any) -> None:
        try:
            getattr(self, f"_{action}")(**options)
        except OnboardingError as error:
            raise CommandError(str(error)) from error

    def _list(self, **options: Any) -> None:
        versions = list(ModelVersion.objects.order_by("-pk"))
        if not versions:
            self.stdout.write("No model is registered: `manage.py register_model` registers the one that ships.")
        for version in versions:
            created = f"{version.created_at:%Y-%m-%d %H:%M}"
            self.stdout.write(f"{version.name:<34} {version.state:<10} {created}  {version.sha256[:12]}")

    def _show(self, *, version: str, **options: Any) -> None:
        found = self._find(version)
        self.stdout.write(f"{found.name}: {found.get_state_display()}")
        self.stdout.write(f"SHA-256 {found.sha256}")
        self.stdout.write(f"Registered {found.created_at:%Y-%m-%d %H:%M} UTC, {_activated(found)}")
        for evaluation in Evaluation.objects.filter(model_version=found).order_by("pictures", "pk"):
            self._write_figures(evaluation)
        run = RetrainRun.objects.filter(candidate=found).order_by("-pk").first()
        if run:
            self.stdout.write(f"\n{as_text(run)}")

    def _write_figures(self, evaluation: Evaluation) -> None:
        self.stdout.write(f"\n{evaluation.get_pictures_display()}")
        for output in Prediction.Output:
            figures = evaluation.figures.get(output.value)
            if figures:
                low, high = figures["accuracy_interval"]
                accuracy = f"{figures['accuracy']:.4f} ({low:.4f} to {high:.4f})"
                self.stdout.write(f"  {output.label!s:<16} n {figures['n']:>6}  accuracy {accuracy}")

    def _promote(self, *, version: str, retag: bool, **options: Any) -> None:
        found = self._find(version)
        load_tagger(found)  # before anything depends on it: a damaged one is refused here
        self._announce(activate_version(found), retag)

    def _rollback(self, *, retag: bool, **options: Any) -> None:
        load_tagger(earlier_version())
        self._announce(roll_back(), retag)

    def _announce(self, version: ModelVersion, retag: bool) -> None:
        self.stdout.write(f"{version.name} is active. Workers use it from their next batch on.")
        if retag:
            retagged = retag_drafts(version)
            self.stdout.write(f"{retagged.queued} photos are tagged anew, {retagged.renewed} listings changed at once.")
        send_nudge()

    def _find(self, text: str) -> ModelVersion:
        version = find_version(text)
        if version is None:
            raise CommandError(f"No single model version is called {text!r}: see `manage.py models list`.")
        return version


def _activated(version: ModelVersion) -> str:
    when = version.activated_at
    return f"active since {when:%Y-%m-%d %H:%M} UTC" if when else "never active"
