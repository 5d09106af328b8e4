"""`manage.py upload_folder FOLDER`: a folder of photos into a shop, over HTTP, as a seller would."""

import getpass
import json
import os
import statistics
import time
from argparse import ArgumentParser
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from rich.console import Console
from rich.progress import Progress as Bar

from onboarding.site_client import Progress, SiteClient, SiteError, pictures_in

POLL_SECONDS = 0.5


class Command(BaseCommand):
    help = "Uploads the pictures of a folder to a running Lapel and waits until they are tagged."
    requires_system_checks = ()  # it talks to another site and needs nothing of this one

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", type=Path)
        parser.add_argument("--site", default="http://127.0.0.1:8000/", help="The address of the site.")
        parser.add_argument("--email", required=True)
        parser.add_argument("--password", help="Else LAPEL_PASSWORD, else it is asked for.")
        parser.add_argument("--part-size", type=int, default=10, help="Photos per request.")
        parser.add_argument("--timeout", type=float, default=900.0, help="Seconds to wait for tags at most.")
        parser.add_argument("--json", type=Path, metavar="FILE", help="Write the figures there.")

    def handle(self, *args: Any, **options: Any) -> None:
        files = pictures_in(options["folder"]) if options["folder"].is_dir() else []
        if not files:
            raise CommandError(f"There are no JPEG, PNG, WebP or HEIC pictures in {options['folder']}.")
        password = options["password"] or os.environ.get("LAPEL_PASSWORD") or getpass.getpass()
        client = SiteClient(options["site"])
        try:
            client.sign_in(options["email"], password)
            self._run(client, files, options)
        except SiteError as error:
            raise CommandError(str(error)) from error

    def _run(self, client: SiteClient, files: Sequence[Path], options: dict[str, Any]) -> None:
        began = time.monotonic()
        with Bar(console=Console(stderr=True)) as bar:
            address = self._send(client, files, options["part_size"], bar)
            sent_seconds = time.monotonic() - began
            final = self._wait(client, address, options["timeout"], bar)
        figures = summarise(final, len(files), sent_seconds, time.monotonic() - began)
        for name, value in figures.items():
            self.stdout.write(f"{name:>28}  {value}")
        for refused in final.refused:
            self.stdout.write(f"refused: {refused['name']} ({refused['reason']})")
        if options["json"]:
            options["json"].write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
        if final.waiting:
            raise CommandError(f"{final.waiting} photos still wait for their tags.")

    def _send(self, client: SiteClient, files: Sequence[Path], part_size: int, bar: Bar) -> str:
        page = client.upload_address()
        hidden = client.start_upload(page)
        task, address = bar.add_task("sending", total=len(files)), ""
        for part, start in enumerate(range(0, len(files), part_size)):
            batch = files[start : start + part_size]
            address = client.send_part(page, hidden, part, batch)
            bar.advance(task, len(batch))
        return address

    def _wait(self, client: SiteClient, address: str, timeout_seconds: float, bar: Bar) -> Progress:
        deadline = time.monotonic() + timeout_seconds
        now = client.progress(address)
        task = bar.add_task("tagging", total=now.total)
        while now.waiting and time.monotonic() < deadline:
            bar.update(task, completed=now.total - now.waiting)
            time.sleep(POLL_SECONDS)
            now = client.progress(address)
        bar.update(task, completed=now.total - now.waiting)
        return now


def summarise(final: Progress, sent: int, sent_seconds: float, all_seconds: float) -> dict[str, float | int]:
    """Counts and times in seconds; a photo's wait runs from when it was received to when its tags were stored."""
    waits = sorted(final.seconds_to_tag)
    times = {
        "first tag after seconds": round(waits[0], 2),
        "median wait in seconds": round(statistics.median(waits), 2),
        "p95 wait in seconds": round(waits[int(0.95 * (len(waits) - 1))], 2),
        "longest wait in seconds": round(waits[-1], 2),
    }
    return {
        "files sent": sent,
        "photos stored": final.total,
        "tagged": final.tagged,
        "failed": final.failed,
        "refused": len(final.refused),
        "sending took seconds": round(sent_seconds, 1),
        "photos a second, all told": round(final.total / all_seconds, 2),
        **(times if waits else {}),
    }
