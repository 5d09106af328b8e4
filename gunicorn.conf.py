"""How the web server runs, wherever it is started; gunicorn finds this file by its name in the working directory."""

import os
import tempfile
from typing import Any

from django.conf import settings
from django.utils.log import configure_logging

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "onboarding.config.settings")

worker_class = "gthread"
workers = settings.WEB_PROCESSES
threads = settings.WEB_THREADS
timeout = 120  # seconds: a request brings up to 200 photos over a slow line, and each is decoded
graceful_timeout = 30  # seconds that an upload has to end in after SIGTERM
worker_tmp_dir = "/dev/shm" if os.path.isdir("/dev/shm") else None  # noqa: S108 (of gunicorn's heartbeat, a file each)
control_socket_disable = True
loglevel = "warning"

if workers > 1:  # the processes count requests in files that they share; before any of them imports the counters
    os.environ.setdefault("PROMETHEUS_MULTIPROC_DIR", tempfile.mkdtemp(prefix="lapel-metrics-"))


def on_starting(server: Any) -> None:
    """gunicorn's own lines look like all others; each answer has one already (`onboarding.requests`)."""
    configure_logging(settings.LOGGING_CONFIG, settings.LOGGING)


def child_exit(server: Any, worker: Any) -> None:
    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
        from prometheus_client.multiprocess import mark_process_dead

        mark_process_dead(worker.pid)
