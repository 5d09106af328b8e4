"""Celery workers whose pictures are odd: `python -m tests.flows.odd_worker LIVES [celery's own arguments]`.

The environment says what is odd: PICTURE_SECONDS makes every picture slow to open; DEADLY_SHA256 names the file that
kills whoever opens it, DEADLY_LIST a file with more such names, read at each picture; LEAK_BYTES stay in memory with
each picture. A worker that ends is started anew, LIVES times at most, and what it held is freed, as `manage.py serve`
does. All lives are forks of one process that has loaded the network's libraries already, since that takes seconds.
"""

import hashlib
import os
import signal
import sys
import time
from pathlib import Path
from typing import Any

import django

django.setup()

from django.db import connections  # noqa: E402

from ml import predictor  # noqa: E402
from onboarding import worker  # noqa: E402, F401  (for all lives)
from onboarding.config.celery import app  # noqa: E402
from onboarding.processes import process_name  # noqa: E402
from onboarding.services.queue import expire_leases  # noqa: E402

LEAKED: list[bytes] = []
open_picture = predictor.open_picture


def is_deadly(source: bytes) -> bool:
    listed = Path(os.environ.get("DEADLY_LIST", os.devnull)).read_text().split()
    return hashlib.sha256(source).hexdigest() in (os.environ.get("DEADLY_SHA256"), *listed)


def open_oddly(source: bytes, **options: Any) -> Any:
    if is_deadly(source):
        os.kill(os.getpid(), signal.SIGKILL)
    LEAKED.append(b"\1" * int(os.environ.get("LEAK_BYTES", "0")))
    time.sleep(float(os.environ.get("PICTURE_SECONDS", "0")))
    return open_picture(source, **options)


class Keeper:
    """Keeps one worker alive at a time; hands on to it what should end it."""

    def __init__(self) -> None:
        self.pid = 0
        self.is_stopping = False
        signal.signal(signal.SIGTERM, self._stop)

    def _stop(self, number: int, _frame: object) -> None:
        self.is_stopping = True
        if self.pid:
            os.kill(self.pid, number)

    def live(self, arguments: list[str]) -> None:
        """One life of a worker."""
        connections.close_all()
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})
        self.pid = os.fork()
        if self.pid == 0:
            signal.signal(signal.SIGTERM, signal.SIG_DFL)
            signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTERM})
            predictor.open_picture = open_oddly
            app.worker_main(arguments)
            os._exit(0)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTERM})
        _pid, status = os.waitpid(self.pid, 0)
        ended, self.pid = self.pid, 0
        print("a worker ended with", os.waitstatus_to_exitcode(status), flush=True)
        expire_leases(leased_by=process_name(ended))


if __name__ == "__main__":
    keeper = Keeper()
    for _ in range(int(sys.argv[1])):
        if not keeper.is_stopping:
            keeper.live(sys.argv[2:])
