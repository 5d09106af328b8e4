"""`manage.py fsck`: whether database and storage agree, and what can be repaired where they do not."""

import json
from argparse import ArgumentParser, ArgumentTypeError
from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from onboarding.consistency.checkup import findings
from onboarding.consistency.photo_files import files_and_rows
from onboarding.consistency.report import Report
from onboarding.services.repairing import repair
from onboarding.tasks import send_nudge

FOUND, NOT_FINISHED = 1, 2  # exit statuses; 0 is a clean site, also one that is clean by now
DEFAULT_GRACE_MINUTES = 60
FEW_FILES = 100


class Command(BaseCommand):
    help = "Compares database and storage. Reads only, unless --repair. Status 0: clean, 1: found, 2: not finished."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--repair", action="store_true", help="Repair what can be repaired.")
        parser.add_argument(
            "--grace-minutes",
            type=_minutes,
            default=timedelta(minutes=DEFAULT_GRACE_MINUTES),
            dest="grace",
            metavar="N",
            help="Leave files alone that are younger: their row may be on its way (default: %(default)s).",
        )
        parser.add_argument("--thorough", action="store_true", help="Read and decode every file, for hours maybe.")
        parser.add_argument("--force", action="store_true", help="Repair even if that deletes most of what is stored.")
        parser.add_argument("--json", action="store_true", help="Write a JSON object.")

    def handle(self, *args: Any, grace: timedelta, thorough: bool, **options: Any) -> None:
        report = Report()
        try:
            if options["repair"] and not options["force"]:
                refuse_wrong_database()
            for finding in findings(grace=grace, thorough=thorough):
                report.add(finding, is_repaired=options["repair"] and repair(finding))
        except CommandError:
            raise
        except Exception as error:  # storage back ends raise their own errors
            raise CommandError(f"The check-up did not come to its end: {error!r}", returncode=NOT_FINISHED) from error
        self._say(report, as_json=options["json"])
        if options["repair"]:
            send_nudge()  # photos may have been queued
        if not report.is_clean:
            raise SystemExit(FOUND)

    def _say(self, report: Report, *, as_json: bool) -> None:
        if as_json:
            self.stdout.write(json.dumps(report.as_json(), indent=1))
            return
        for line in report.lines() or ["Database and storage agree."]:
            self.stdout.write(line)


def refuse_wrong_database() -> None:
    """A bucket beside an empty or an old database would be emptied: that is not what is meant by a repair."""
    files, rows = files_and_rows()
    if files > max(FEW_FILES, 2 * rows):
        sentence = (
            f"{files} files of photos are stored, and the database names {rows}: is it the right database? "
            "Nothing was changed. --force deletes them nevertheless."
        )
        raise CommandError(sentence, returncode=NOT_FINISHED)


def _minutes(text: str) -> timedelta:
    minutes = float(text)
    if minutes < 0:
        raise ArgumentTypeError("must not be negative")
    return timedelta(minutes=minutes)
