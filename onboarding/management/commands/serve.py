"""`manage.py serve`: the whole of Lapel on this machine, nothing else installed. `make run` ends here."""

import os
import socket
import sys
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import connection, connections

from onboarding.processes import Child, Supervisor, process_name
from onboarding.services.queue import expire_leases


class Command(BaseCommand):
    help = "Prepares the database, then runs web server and tagging worker together; Ctrl-C stops both."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--host", default="127.0.0.1")
        parser.add_argument("--port", type=int, default=int(os.environ.get("PORT", "8000")))
        parser.add_argument("--workers", type=int, default=1, help="Tagging worker processes.")
        parser.add_argument("--demo", action="store_true", help="Create the demo seller and the admin.")

    def handle(self, *args: Any, host: str, port: int, workers: int, demo: bool, **options: Any) -> None:
        refuse_taken_port(host, port)
        call_command("prepare_site", verbosity=0, stdout=self.stdout)
        if not settings.DEBUG:
            call_command("collectstatic", interactive=False, verbosity=0)
        if demo:
            call_command("setup_demo", stdout=self.stdout)
        connections.close_all()
        self.stdout.write(f"Lapel is at http://{host}:{port}/  (Ctrl-C stops it)")
        self.stdout.flush()
        tagging = [Child(f"worker {n}", worker_command(n), on_death=free_leases) for n in range(1, workers + 1)]
        Supervisor([Child("web server", web_command(host, port)), *tagging]).run()
        self.stdout.write("Stopped.")


def refuse_taken_port(host: str, port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            message = f"Port {port} is taken. Stop what runs there, or choose another: PORT=8001 make run"
            raise CommandError(message) from error


def web_command(host: str, port: int) -> list[str]:
    return [
        sys.executable, "-m", "gunicorn", "onboarding.config.wsgi", "--bind", f"{host}:{port}",
        "--config", str(settings.BASE_DIR / "gunicorn.conf.py"), "--graceful-timeout", "5",
    ]  # fmt: skip


def worker_command(number: int) -> list[str]:
    return [
        sys.executable, "-m", "celery", "--quiet", "--app", "onboarding.config.celery", "worker", "--pool", "solo",
        "--hostname", f"tagging{number}@%h", "--loglevel", "INFO",
        "--without-gossip", "--without-mingle", "--without-heartbeat",
    ]  # fmt: skip


def free_leases(pid: int) -> None:
    """A worker died: what it held can be claimed at once, instead of after its lease."""
    expire_leases(leased_by=process_name(pid))
    connection.close()
