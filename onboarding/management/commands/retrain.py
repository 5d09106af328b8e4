"""`manage.py retrain`: learns from what sellers confirmed, and promotes the new model only if it is not worse."""

import signal
from argparse import ArgumentParser, ArgumentTypeError
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from onboarding.errors import OnboardingError
from onboarding.models import RetrainRun
from onboarding.retrain_report import as_text, write_report
from onboarding.services.model_versions import active_version
from onboarding.services.retraining import MIN_TO_LEARN_FROM, RetrainOptions, retrain, take_snapshot
from onboarding.tagging import follow, has_gpu, leads
from onboarding.tasks import send_nudge


class Command(BaseCommand):
    help = "Makes a new model from the active one and the confirmed labels; promotes it only if it is not worse."

    def add_arguments(self, parser: ArgumentParser) -> None:
        add = parser.add_argument
        gear = parser.add_mutually_exclusive_group()
        gear.add_argument(
            "--heads", action="store_true", help="Refit the heads alone: the default without a GPU or without --data."
        )
        gear.add_argument(
            "--full",
            action="store_true",
            help="Fine-tune the whole network; --data then needs all that it was trained on. Runs under torchrun too.",
        )
        add("--data", type=Path, nargs="+", default=[], metavar="DIR", help="Learn from these labelled folders too.")
        add("--include-bulk", action="store_true", help="Also labels of listings that were confirmed many at once.")
        add("--include-undone", action="store_true", help="Also labels that were withdrawn.")
        add(
            "--min-photos",
            type=at_least_one,
            default=MIN_TO_LEARN_FROM,
            metavar="N",
            help="Refuse to learn from fewer.",
        )
        add("--no-promote", action="store_true", help="Store the candidate, whatever the comparison says.")
        add("--retag", action="store_true", help="After a promotion, tag unreviewed listings anew at low priority.")
        add("--dry-run", action="store_true", help="Say what would be learned from; write nothing.")
        add("--report", type=Path, metavar="DIR", help="Where the report goes (default: retraining/ in DATA_DIR).")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            self._carry_out(chosen_options(options), options)
        except OnboardingError as error:
            raise CommandError(str(error)) from error

    def _carry_out(self, chosen: RetrainOptions, options: Mapping[str, Any]) -> None:
        if not leads():
            if chosen.full and not options["dry_run"]:
                follow()
            return
        if options["dry_run"]:
            take_snapshot(active_version(), chosen, store=False, say=self._say)
            self._say("Nothing was written: this was a dry run.")
            return
        folder = usable_folder(options["report"] or settings.DATA_DIR / "retraining")
        with stoppable():
            self._report(retrain(chosen, say=self._say), folder)

    def _say(self, line: str) -> None:
        self.stdout.write(line)
        self.stdout.flush()

    def _report(self, run: RetrainRun, folder: Path) -> None:
        files = write_report(run, folder)
        self._say("")
        self._say(as_text(run))
        self._say(f"Report: {files[0]} and {files[1].name}")
        send_nudge()  # so that workers look up at once


def chosen_options(options: Mapping[str, Any]) -> RetrainOptions:
    if options["full"] and not options["data"]:
        raise CommandError("--full needs --data: the folders that the network was trained on.")
    return RetrainOptions(
        data=options["data"],
        full=options["full"] or (not options["heads"] and bool(options["data"]) and has_gpu()),
        include_bulk=options["include_bulk"],
        include_undone=options["include_undone"],
        min_photos=options["min_photos"],
        promote=not options["no_promote"],
        retag=options["retag"],
    )


@contextmanager
def stoppable() -> Iterator[None]:
    """SIGTERM ends the run like Ctrl-C, so that its row says so: torchrun sends it when another process has died."""

    def stop(_number: int, _frame: FrameType | None) -> None:
        raise SystemExit("It was told to stop, by somebody or because another process of this training had ended.")

    before = signal.signal(signal.SIGTERM, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def at_least_one(text: str) -> int:
    number = int(text)
    if number < 1:
        raise ArgumentTypeError("must be at least 1")
    return number


def usable_folder(folder: Path) -> Path:
    """Made before anything else: a run must not end without its report."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise CommandError(f"{folder} cannot hold the report: {error.strerror}.") from error
    return folder
